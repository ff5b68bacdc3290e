package demo

import (
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// Numbers are read one way only: YAML has others, of which 0500 is 320 to one reader and 500 to the next.
var (
	wholeDigits   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	decimalDigits = regexp.MustCompile(`^-?(0|[1-9][0-9]*)\.[0-9]+$`)
	// beginsNumber is what a person meant as a number.
	beginsNumber = regexp.MustCompile(`^[-+]?\.?[0-9]`)
)

// notDecimal says how a number is written.
const notDecimal = "%s is not taken for a number: write it in decimal digits, with no 0, 0x, 0o, 0b or + before them and no _ or e within; where it is a text, put it into quotes."

// decimal says whether a number is written in decimal digits, and refuses it otherwise.
func (r *reader) decimal(n ast.Node) bool {
	text := n.GetToken().Value
	if wholeDigits.MatchString(text) || decimalDigits.MatchString(text) {
		return true
	}
	r.fail(n, notDecimal, clip(text))
	return false
}

// wholeNumber reads a number of a check: digits, and nothing else.
func wholeNumber(word string) (int64, bool) {
	if !wholeDigits.MatchString(word) {
		return 0, false
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n, err == nil && n >= 0
}
