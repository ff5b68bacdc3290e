package code

import (
	"context"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// Token is a class and a text. The classes are few, since grey and weight carry the grammar, and colour is for TCP.
type Token [2]string

// Highlight cuts the lines of a file into tokens.
func Highlight(f *File, name string) [][]Token {
	return HighlightContext(context.Background(), f, name)
}

// HighlightContext is Highlight, which takes seconds for thousands of calls. Where ctx is over it stops, and the lines that
// are left have no tokens.
func HighlightContext(ctx context.Context, f *File, name string) [][]Token {
	lines := make([][]Token, len(f.Lines))
	for i := range lines {
		lines[i] = []Token{} // [] in JSON, not null
	}
	lexer := chroma.Coalesce(lexers.Get(languages[name].lexer))
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, f.Text())
	if err != nil { // only for a lexer that is wrong
		for i, l := range f.Lines {
			lines[i] = []Token{{"plain", l.Text}}
		}
		return lines
	}
	at := 0
	for token := tokens(); token != chroma.EOF && ctx.Err() == nil; token = tokens() {
		for i, part := range strings.Split(token.Value, "\n") {
			if i > 0 {
				at++
			}
			if part != "" && at < len(lines) {
				lines[at] = add(lines[at], class(token.Type), part)
			}
		}
	}
	for i := range f.Lines {
		lines[i] = mark(lines[i], f.Lines[i].Call)
	}
	return lines
}

func class(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Keyword):
		return "keyword"
	case t.InSubCategory(chroma.LiteralString), t == chroma.CommentPreprocFile:
		return "string"
	case t.InSubCategory(chroma.LiteralNumber):
		return "number"
	case t == chroma.CommentPreproc: // #include
		return "keyword"
	case t.InCategory(chroma.Comment):
		return "comment"
	}
	return "plain"
}

// add appends a text, to the token before it where that is of the same class.
func add(tokens []Token, class, text string) []Token {
	if n := len(tokens); n > 0 && tokens[n-1][0] == class {
		tokens[n-1][1] += text
		return tokens
	}
	return append(tokens, Token{class, text})
}

// mark makes the name of the call that moves TCP a token of its own.
func mark(tokens []Token, call string) []Token {
	if call == "" {
		return tokens
	}
	for i, token := range tokens {
		if token[0] != "plain" && token[0] != "keyword" {
			continue
		}
		for at := 0; at < len(token[1]); at++ {
			at = index(token[1], call, at)
			if at < 0 {
				break
			}
			end := at + len(call)
			if word(token[1], at-1) || word(token[1], end) {
				continue
			}
			var out []Token
			for _, part := range []Token{{token[0], token[1][:at]}, {"call", call}, {token[0], token[1][end:]}} {
				if part[1] != "" {
					out = append(out, part)
				}
			}
			return append(append(append([]Token{}, tokens[:i]...), out...), tokens[i+1:]...)
		}
	}
	return tokens
}

func index(s, what string, from int) int {
	if i := strings.Index(s[from:], what); i >= 0 {
		return from + i
	}
	return -1
}

func word(s string, at int) bool {
	return at >= 0 && at < len(s) && (s[at] == '_' || s[at] >= '0' && s[at] <= '9' || s[at] >= 'a' && s[at] <= 'z' || s[at] >= 'A' && s[at] <= 'Z')
}
