package chinese_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground/chinese"
)

const page = "../../static/js/"

func dictionary(t *testing.T) chinese.Dictionary {
	t.Helper()
	all := chinese.Dictionary{}
	for _, name := range []string{"server", "packets", "quantities"} {
		module, err := os.ReadFile(page + "zh/" + name + ".js")
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, chinese.Read(string(module)))
	}
	return all
}

func TestSay(t *testing.T) {
	tr := chinese.New(chinese.Dictionary{"%s: %s.": "{0}：{1}。", "The Lab cannot be opened: %s.": "打不开：{0}。", "no route": "没有路由", "It is %q, %d %%.": "{1}% 是 {0}。", "Try again.": "请重试。"})
	for _, c := range []struct{ english, want string }{
		{"The Lab cannot be opened: no route.", "打不开：没有路由。"},
		{"The Lab cannot be opened: Try again.", "打不开：请重试。"}, // the full stop is the format's
		{"dial: no route.", "dial：没有路由。"},
		{`It is "a. b", -5 %.`, `-5% 是 "a. b"。`},
		{"It is ' ', 5 %.", "5% 是 ' '。"},
		{"Nothing that it knows.", "Nothing that it knows."},
		{"", ""},
	} {
		if got := tr.Say(c.english); got != c.want {
			t.Errorf("Say(%q) = %q, want %q", c.english, got, c.want)
		}
	}
}

// TestAsThePage: the page finds the same Chinese for every format of the dictionary, whatever values it was filled with.
func TestAsThePage(t *testing.T) {
	d := dictionary(t)
	tr := chinese.New(d)
	var sentences []string
	said := map[string]string{}
	for format := range d {
		for _, value := range []string{"C1", "no route.", "a: b; c.", `"x of y"`, "accept queue"} {
			sentence := chinese.Verb.ReplaceAllStringFunc(format, func(verb string) string {
				switch verb[len(verb)-1] {
				case '%':
					return "%"
				case 'd':
					return "-12"
				case 'q':
					return `"a \" b"`
				case 't':
					return "true"
				}
				return value
			})
			if _, ok := said[sentence]; !ok {
				sentences = append(sentences, sentence)
			}
			if said[sentence] = tr.Say(sentence); said[sentence] == sentence && d[format] != sentence {
				t.Errorf("%q stays as it is", sentence)
			}
		}
	}
	in, err := json.Marshal(sentences)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "--input-type=module", "-e", `
import { compile, match } from './i18n.js';
import packets from './zh/packets.js';
import quantities from './zh/quantities.js';
import sentences from './zh/server.js';
let text = '';
for await (const chunk of process.stdin) text += chunk;
const templates = compile({ ...sentences, ...packets, ...quantities });
console.log(JSON.stringify(JSON.parse(text).map((sentence) => match(sentence, templates))));`)
	node.Dir = page
	node.Stdin = strings.NewReader(string(in))
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	if err := json.Unmarshal(out, &shown); err != nil || len(shown) != len(sentences) || len(shown) < 1000 {
		t.Fatalf("%v: %d sentences of %d", err, len(shown), len(sentences))
	}
	for i, sentence := range sentences {
		if shown[i] != said[sentence] {
			t.Errorf("of %q the page makes %q, this %q", sentence, shown[i], said[sentence])
		}
	}
}
