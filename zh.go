package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"socketplayground/playground/chinese"
	"socketplayground/playground/demo"
	"socketplayground/static"
)

// sentences says in Chinese what the engine says, in the words of the page.
var sentences = sync.OnceValue(func() *chinese.Translator {
	var all []chinese.Dictionary
	for _, name := range []string{"js/zh/server.js", "js/zh/packets.js", "js/zh/quantities.js"} {
		module, err := fs.ReadFile(static.FS, name)
		if err != nil {
			panic(err) // it is a part of this program
		}
		all = append(all, chinese.Read(string(module)))
	}
	return chinese.New(all...)
})

// said is a sentence of the engine in a language.
func said(language, sentence string) string {
	if language != "zh" {
		return sentence
	}
	return sentences().Say(sentence)
}

// chosen is a text of the program's own in a language.
func chosen(language, english, chinese string) string {
	if language == "zh" {
		return chinese
	}
	return english
}

// saidError is an error in a language: of a demo file, all that was found in it, and where.
func saidError(language string, err error) string {
	var found demo.Errors
	text := err.Error()
	if language != "zh" || !errors.As(err, &found) {
		return said(language, text)
	}
	lines := make([]string, len(found))
	for i, e := range found {
		lines[i] = fmt.Sprintf("第 %d 行第 %d 列：%s", e.Line, e.Column, said(language, e.Message))
		if e.Column == 0 {
			lines[i] = fmt.Sprintf("第 %d 行：%s", e.Line, said(language, e.Message))
		}
	}
	return said(language, strings.TrimSuffix(text, found.Error())) + strings.Join(lines, "\n")
}
