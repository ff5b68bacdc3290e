package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
)

// listDemos is the subcommand demos.
func listDemos(args []string, stdout, stderr io.Writer) int {
	return told(stdout, stderr, func(stdout, stderr io.Writer) int { return tellDemos(args, stdout, stderr) })
}

func tellDemos(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("socketplayground demos", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	language := flags.String("lang", "en", "`language`: en or zh")
	asJSON := flags.Bool("json", false, "write one JSON object a demo")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return help(flags, "Lists the demos that come with the playground.\n\nUsage: socketplayground demos [flags]\n\n", stdout)
	case err != nil || flags.NArg() > 0 || *language != "en" && *language != "zh":
		fmt.Fprintln(stderr, "socketplayground: demos takes -lang en or zh, and -json, and nothing else")
		return exitUsage
	}
	shelf := ""
	for _, f := range demos.All() {
		if *asJSON {
			b, err := json.Marshal(map[string]any{"id": f.ID, "title": f.Demo.Title, "summary": f.Demo.Summary, "shelf": f.Demo.Shelf,
				"network": f.Demo.Network, "needs": f.Demo.Needs(), "steps": len(f.Demo.Steps)})
			if err != nil {
				fmt.Fprintln(stderr, "socketplayground:", err)
				return exitFailed
			}
			fmt.Fprintf(stdout, "%s\n", b)
			continue
		}
		if f.Demo.Shelf != shelf {
			shelf = f.Demo.Shelf
			fmt.Fprintf(stdout, "\n%s\n", shelfTitles[shelf].In(*language))
		}
		where := ""
		if f.Demo.Network == demo.NetworkLab {
			where = "Lab"
		}
		fmt.Fprintf(stdout, "  %s %-4s%s  %s\n", pad(f.ID, 30), where, pad(f.Demo.Title.In(*language), 34), f.Demo.Summary.In(*language))
	}
	return exitOK
}

// shelfTitles are what the gallery calls its shelves.
var shelfTitles = map[string]demo.Text{
	"course":  {EN: "Course", ZH: "课程"},
	"failure": {EN: "When things go wrong", ZH: "出错的时候"},
	"weird":   {EN: "Weird", ZH: "奇特现象"},
}

const demoHelp = `Works on demo files; the documentation describes their format (docs/demos.md).

Usage: socketplayground demo check FILE...   says whether each can run, and what is wrong where
       socketplayground demo fmt [-w] FILE   lays it out as all demo files are; -w writes it back
A FILE may be - for standard input.
`

// workOnDemo is the subcommand demo.
func workOnDemo(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return told(stdout, stderr, func(stdout, stderr io.Writer) int { return checkOrFormat(args, stdin, stdout, stderr) })
}

func checkOrFormat(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	refuse := func(err error) int {
		fmt.Fprintln(stderr, "socketplayground:", err)
		return exitUsage
	}
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help"):
		fmt.Fprint(stdout, demoHelp)
		return exitOK
	case len(args) >= 2 && args[0] == "check":
		code := exitOK
		for _, name := range args[1:] {
			f, err := readDemo(name, stdin)
			if err != nil {
				fmt.Fprintln(stderr, err)
				code = exitFailed
				continue
			}
			fmt.Fprintf(stdout, "%s: %s, %s, %s\n", clean(name), f.Demo.ID, plural(len(f.Demo.Steps), "step"), plural(checks(f.Demo), "check"))
		}
		return code
	case len(args) >= 2 && args[0] == "fmt":
		names := args[1:]
		write := names[0] == "-w"
		if write {
			names = names[1:]
		}
		if len(names) == 0 {
			return refuse(errors.New("demo fmt needs a file"))
		}
		for _, name := range names {
			if err := format(name, write, stdin, stdout); err != nil {
				fmt.Fprintf(stderr, "%s: %v\n", clean(name), err)
				return exitFailed
			}
		}
		return exitOK
	}
	return refuse(errors.New("there are demo check and demo fmt; run socketplayground demo -help"))
}

// plural is a number of things, whose name takes an s.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func checks(d *demo.Demo) (n int) {
	for _, s := range d.Steps {
		n += len(s.Checks)
	}
	return n
}

// format lays a file out, and writes it to where it came from or to stdout.
func format(name string, write bool, stdin io.Reader, stdout io.Writer) error {
	f, err := readDemo(name, stdin)
	if err != nil {
		return err
	}
	text, err := demo.Format(f.Text)
	if err != nil {
		return err
	}
	if !write || name == "-" {
		_, _ = stdout.Write(text) // whether it could be written, told says
		return nil
	}
	if bytes.Equal(text, f.Text) {
		return nil
	}
	file, err := openSaved(name)
	if err != nil {
		return err
	}
	return file.save(func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
