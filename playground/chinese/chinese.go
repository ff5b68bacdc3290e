// Package chinese says in Chinese what the engine says in English: sentences are found by the format that was filled in,
// in the dictionary that the page has too, and as the page finds them (static/js/i18n.js; a test holds the two together).
package chinese

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Dictionary has the formats of package fmt, and for each its Chinese text with {0}, {1} … for the values.
type Dictionary map[string]string

var entry = regexp.MustCompile(`(?m)^  '((?:[^'\\]|\\.)*)':\s*'((?:[^'\\]|\\.)*)',$`)

// Read reads a module of the page that is one object of strings, an entry on a line or two.
func Read(module string) Dictionary {
	unquote := strings.NewReplacer(`\'`, `'`, `\\`, `\`, `\n`, "\n")
	all := Dictionary{}
	for _, m := range entry.FindAllStringSubmatch(module, -1) {
		all[unquote.Replace(m[1])] = unquote.Replace(m[2])
	}
	return all
}

// Verb finds the verbs of a format, %% among them.
var Verb = regexp.MustCompile(`%[-+# 0]*\d*(?:\.\d+)?([a-zA-Z%])`)

// values are what a verb may have put in; others may be anything.
var values = map[string]string{"d": `([-+]?\d+)`, "q": "(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|'(?:[^'\\\\]|\\\\.)+')", "t": "(true|false)", "%": "%"}

type template struct {
	format  string
	pattern *regexp.Regexp
	chinese string
	weight  int // how much of it is no value
}

// Translator finds the Chinese of sentences. It may be used by several goroutines.
type Translator struct{ templates []template }

// New makes a translator of dictionaries.
func New(dictionaries ...Dictionary) *Translator {
	t := &Translator{}
	for _, d := range dictionaries {
		for _, format := range slices.Sorted(maps.Keys(d)) {
			t.templates = append(t.templates, compile(format, d[format]))
		}
	}
	// The most literal one first, so that one that is nearly all values takes no other's sentence.
	slices.SortStableFunc(t.templates, func(a, b template) int { return cmp.Compare(b.weight, a.weight) })
	return t
}

func compile(format, chinese string) template {
	var source strings.Builder
	source.WriteString("(?s)^")
	at, weight := 0, 0
	literal := func(to int) {
		weight += len(format[at:to])
		source.WriteString(regexp.QuoteMeta(format[at:to]))
	}
	for _, m := range Verb.FindAllStringSubmatchIndex(format, -1) {
		literal(m[0])
		value, ok := values[format[m[2]:m[3]]]
		if !ok {
			value = "(.*?)"
		}
		source.WriteString(value)
		at = m[1]
	}
	literal(len(format))
	return template{format, regexp.MustCompile(source.String() + "$"), chinese, weight}
}

// place is where a value stands, with the spaces beside it.
var place = regexp.MustCompile(`( ?)\{(\d+)\}( ?)`)

// Say gives a sentence in Chinese, or as it is where it has none.
func (t *Translator) Say(text string) string {
	for _, one := range t.templates {
		found := one.pattern.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		return t.fill(one.chinese, found[1:], text)
	}
	return text
}

// fill puts the values into their places. Chinese is spaced from Latin letters, and not from Chinese.
func (t *Translator) fill(chinese string, values []string, text string) string {
	var b strings.Builder
	done := 0
	for _, m := range place.FindAllStringSubmatchIndex(chinese, -1) {
		n, err := strconv.Atoi(chinese[m[4]:m[5]])
		if err != nil || n >= len(values) {
			continue // TestTranslations finds it
		}
		value := t.value(values[n], text)
		before, after := chinese[m[2]:m[3]], chinese[m[6]:m[7]]
		first, _ := utf8.DecodeRuneInString(value)
		last, _ := utf8.DecodeLastRuneInString(value)
		if r, _ := utf8.DecodeLastRuneInString(chinese[:m[0]]); unicode.Is(unicode.Han, r) && unicode.Is(unicode.Han, first) {
			before = ""
		}
		if r, _ := utf8.DecodeRuneInString(chinese[m[1]:]); unicode.Is(unicode.Han, r) && unicode.Is(unicode.Han, last) {
			after = ""
		}
		b.WriteString(chinese[done:m[0]] + before + value + after)
		done = m[1]
	}
	return b.String() + chinese[done:]
}

// value is what stands in a sentence. It may be one of its own, as the reason in "cannot …: reason", whose full stop the
// format has.
func (t *Translator) value(v, within string) string {
	if v == within || v+"." == within {
		return v
	}
	if said := t.Say(v); said != v {
		return said
	}
	if whole := t.Say(v + "."); whole != v+"." {
		return strings.TrimSuffix(strings.TrimSuffix(whole, "。"), ".")
	}
	return v
}
