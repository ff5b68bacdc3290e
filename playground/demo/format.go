package demo

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Format lays a demo file out as all demo files are: keys in the order of the documentation, a command on a line.
// Comments stay where they were. Whatever Parse reads, Format lays out, and Parse finds the same demo in it.
func Format(text []byte) ([]byte, error) {
	d, err := Parse(text, nil)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, byteOrderMark)
	comments := yaml.CommentMap{}
	var ignored any
	if err := yaml.UnmarshalWithOptions(text, &ignored, yaml.CommentToMap(comments)); err != nil {
		return nil, Errors{{1, 0, err.Error()}}
	}
	formatted := layOut(d.layout(), comments)
	again, err := Parse(formatted, nil)
	if err != nil {
		return nil, fmt.Errorf("demo: the file cannot be laid out: %w", err)
	}
	if !bytes.Equal(again.Normal(), d.Normal()) { // the layout must never change what a demo does
		return nil, errors.New("demo: the file cannot be laid out without changing what it does")
	}
	if before, after := commentsIn(text), commentsIn(formatted); before != after {
		return nil, fmt.Errorf("demo: of %d comments only %d would stay; put each on a line of its own, before a key or a dash", before, after)
	}
	return formatted, nil
}

// commentsIn counts the comments of a file that was parsed.
func commentsIn(text []byte) (n int) {
	for _, t := range lexer.Tokenize(string(text)) {
		if t.Type == token.CommentType {
			n++
		}
	}
	return n
}
