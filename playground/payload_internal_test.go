package playground

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecodePayload(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		encoding Encoding
		data     string
		want     string
		refusal  string // a part of the message; empty where the data is good
	}{
		{"plain text", EncodingText, "héllo 中", "héllo 中", ""},
		{"Go's escapes", EncodingText, `\a\b\f\n\r\t\v\\\"\'`, "\a\b\f\n\r\t\v\\\"'", ""},
		{"bytes", EncodingText, `\x00\x7f\x80\xff\101`, "\x00\x7f\x80\xffA", ""},
		{"runes", EncodingText, `\u4e2d\U0001f600`, "中😀", ""},
		{"NUL", EncodingText, `\0`, "\x00", ""},
		{"NUL before digits", EncodingText, `\08`, "\x008", ""},
		{"octal", EncodingText, `\012`, "\n", ""},
		{"unknown escape", EncodingText, `ab\q`, "", `\q at character 3`},
		{"after wide runes", EncodingText, `中中\q`, "", `\q at character 3`},
		{"at the end", EncodingText, `x\`, "", `\ at character 2`},
		{"half an escape", EncodingText, `\x4`, "", `\x at character 1`},
		{"no rune", EncodingText, `\ud800`, "", `\u at character 1`},
		{"wide escape", EncodingText, `\中`, "", `\ at character 1`},

		{"hex", EncodingHex, "00ff", "\x00\xff", ""},
		{"forgiving hex", EncodingHex, "0x68,0X65 6C:6c-6f;\r\n21", "hello!", ""},
		{"single digits", EncodingHex, "1 2 f", "\x01\x02\x0f", ""},
		{"0x in a row", EncodingHex, "0x10x20x3", "\x01\x02\x03", ""},
		{"bad digit", EncodingHex, "00 1g", "", "'g' at character 5"},
		{"bad wide digit", EncodingHex, "0中", "", "'中' at character 2"},
		{"a digit is missing at the end", EncodingHex, "12 345", "", "odd number of digits"},
		{"a digit is missing before the end", EncodingHex, "345 12", "", "odd number of digits"},

		{"base64", EncodingBase64, "aGVsbG8=", "hello", ""},
		{"without padding", EncodingBase64, "aGVsbG8", "hello", ""},
		{"in lines", EncodingBase64, " aGVs\r\nbG8=\n", "hello", ""},
		{"the other alphabet", EncodingBase64, "-_-_", "\xfb\xff\xbf", ""},
		{"bad character", EncodingBase64, "aG$sbG8=", "", "'$' at character 3"},
		{"bad character in lines", EncodingBase64, "aGVs\nb!", "", "'!' at character 7"},
		{"bad wide character", EncodingBase64, "aG中s", "", "'中' at character 3"},
		{"padding in the middle", EncodingBase64, "QQ==QQ==", "", "'=' at character 3"},
		{"cut off", EncodingBase64, "aGVsb", "", "cut off"},
		{"other encoding", "rot13", "x", "", "rot13"},
	}
	for _, test := range tests {
		got, err := decodePayload(test.data, test.encoding)
		switch {
		case test.refusal == "" && err != nil:
			t.Errorf("%s: %s", test.name, err.Message)
		case test.refusal == "" && string(got) != test.want:
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		case test.refusal != "" && (err == nil || !strings.Contains(err.Message, test.refusal)):
			t.Errorf("%s: got %q, %v; want a refusal with %q", test.name, got, err, test.refusal)
		}
	}
}

func FuzzDecodePayload(f *testing.F) {
	for _, seed := range []string{"", `\x41\n`, "0x68, 65", "aGVsbG8=", "\xff\\\xff", "12 345"} {
		f.Add(seed, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, data string, want []byte) {
		for _, e := range []Encoding{EncodingText, EncodingHex, EncodingBase64, EncodingPattern, EncodingRandom, Encoding(data)} {
			if _, err := decodePayload(data, e); err != nil && (err.Code != CodeInvalidArgument || !utf8.ValidString(err.Message) || err.Message == "") {
				t.Errorf("%s: refused with %s %q", e, err.Code, err.Message)
			}
		}
		// What an encoder writes comes back.
		quoted := strconv.Quote(string(want))
		for e, data := range map[Encoding]string{
			EncodingText:   quoted[1 : len(quoted)-1],
			EncodingHex:    hex.EncodeToString(want),
			EncodingBase64: base64.StdEncoding.EncodeToString(want),
		} {
			if got, err := decodePayload(data, e); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s of %q: got %q, %v", e, data, got, err)
			}
		}
	})
}
