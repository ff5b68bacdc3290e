package code

import (
	"archive/zip"
	"io"
	"path"
	"slices"
	"strings"
)

// Module writes the files of a story as a zip file that is ready to run: for Go a module with a command each.
func Module(to io.Writer, network, name string, files []File, o Options) error {
	z := zip.NewWriter(to)
	write := func(file, text string) error {
		w, err := z.Create("sockets/" + file)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, text)
		return err
	}
	var runs []string
	for i := range files {
		f := &files[i]
		at, run := f.Name, f.Run
		if name == "go" {
			at, run = path.Join(f.Host, "main.go"), "go run ./"+f.Host
		}
		if err := write(at, f.Text()); err != nil {
			return err
		}
		if network == "lab" {
			run = "socketplayground exec -host " + f.Host + " -- " + run
		}
		runs = append([]string{run}, runs...) // the server first
	}
	if name == "go" {
		if err := write("go.mod", "module sockets\n\ngo 1.26\n"); err != nil {
			return err
		}
	}
	stops := slices.ContainsFunc(files, func(f File) bool { return len(f.Stops) > 0 })
	if err := write("README.md", readme(network, runs, stops, o)); err != nil {
		return err
	}
	return z.Close()
}

func readme(network string, runs []string, stops bool, o Options) string {
	text := []string{o.said("# What was done in Socket Playground")}
	where := "The programs run on this machine, over its loopback device."
	if network == "lab" {
		where = "The addresses are those of a Lab: run the programs in one, or change 192.0.2.2 to 127.0.0.1 (2001:db8::2 to ::1) and leave out what stands before `--`."
	}
	text = append(text, o.said(where)+o.said(" ")+o.said("Start each in a terminal of its own, the first one first:"),
		"    "+strings.Join(runs, "\n    "),
		o.said("Pauses are as long as they were, up to 5 s; shorter ones keep the two programs in the order in which the calls were made."))
	if stops {
		text = append(text, o.said("Where both programs stop, do in the Lab what they say, then press Enter in both terminals."))
	}
	return strings.Join(text, "\n\n") + "\n"
}
