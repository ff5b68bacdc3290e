// Package demos holds the demos that come with the playground, as files of the format of package demo.
package demos

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"socketplayground/playground/demo"
)

//go:embed *.yaml
var files embed.FS

// File is a demo that comes with the playground.
type File struct {
	ID   string
	Text []byte // the file, as it was written
	Demo *demo.Demo
}

// All are the demos, by shelf and then in their order.
func All() []File { return slices.Clone(all()) }

// Find is the demo with that id.
func Find(id string) (File, bool) {
	i := slices.IndexFunc(all(), func(f File) bool { return f.ID == id })
	if i < 0 {
		return File{}, false
	}
	return all()[i], true
}

// all reads the files once. They are part of the program: one that cannot be read is a mistake that a test finds.
var all = sync.OnceValue(func() []File {
	names, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("demos: %v", err))
	}
	list := make([]File, 0, len(names))
	for _, n := range names {
		text, err := files.ReadFile(n.Name())
		if err != nil {
			panic(fmt.Sprintf("demos: %v", err))
		}
		d, err := demo.Parse(text, nil)
		if err != nil {
			panic(fmt.Sprintf("demos: %s: %v", n.Name(), err))
		}
		if d.ID != strings.TrimSuffix(n.Name(), path.Ext(n.Name())) {
			panic(fmt.Sprintf("demos: %s has the id %q", n.Name(), d.ID))
		}
		list = append(list, File{ID: d.ID, Text: text, Demo: d})
	}
	slices.SortStableFunc(list, func(a, b File) int {
		if s := slices.Index(demo.Shelves, a.Demo.Shelf) - slices.Index(demo.Shelves, b.Demo.Shelf); s != 0 {
			return s
		}
		return a.Demo.Order - b.Demo.Order
	})
	return list
})
