package playground

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Encoding says how the data of a write command stands for bytes.
type Encoding string

// The encodings. Pattern repeats the data (as text) up to a number of bytes; random has no data.
const (
	EncodingText    Encoding = "text"
	EncodingHex     Encoding = "hex"
	EncodingBase64  Encoding = "base64"
	EncodingPattern Encoding = "pattern"
	EncodingRandom  Encoding = "random"
)

// decodePayload gives the bytes that data stands for.
func decodePayload(data string, e Encoding) ([]byte, *Error) {
	switch e {
	case "", EncodingText, EncodingPattern:
		return decodeText(data)
	case EncodingHex:
		return decodeHex(data)
	case EncodingBase64:
		return decodeBase64(data)
	}
	return nil, invalid("encoding", "The encoding is text, hex, base64, pattern or random, not %q.", clip(string(e), 20))
}

// decodeText resolves the escapes of a Go string literal, and \0 besides.
func decodeText(s string) ([]byte, *Error) {
	if !strings.Contains(s, `\`) {
		return []byte(s), nil
	}
	out := make([]byte, 0, len(s))
	rest := s
	for rest != "" {
		i := strings.IndexByte(rest, '\\')
		if i < 0 {
			out = append(out, rest...)
			break
		}
		out = append(out, rest[:i]...)
		rest = rest[i:]
		at := len(s) - len(rest) + 1
		if strings.HasPrefix(rest, `\0`) && !isOctal(rest[1:]) {
			out, rest = append(out, 0), rest[2:]
			continue
		}
		if strings.HasPrefix(rest, `\"`) || strings.HasPrefix(rest, `\'`) {
			out, rest = append(out, rest[1]), rest[2:]
			continue
		}
		r, multibyte, tail, err := strconv.UnquoteChar(rest, 0)
		if err != nil {
			escape := rest[:min(len(rest), 2)]
			if len(rest) > 1 && rest[1] >= utf8.RuneSelf {
				escape = `\`
			}
			return nil, invalid("data", `%s at character %d is no escape: use \n \r \t \0 \\ \x41 \u4e2d, or \\ for a backslash.`, escape, utf8.RuneCountInString(s[:at-1])+1)
		}
		if multibyte {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, byte(r)) // \x80 is one byte, as in Go
		}
		rest = tail
	}
	return out, nil
}

func isOctal(s string) bool {
	if len(s) < 3 {
		return false
	}
	for _, c := range []byte(s[:3]) {
		if c < '0' || c > '7' {
			return false
		}
	}
	return true
}

// decodeHex takes hex digits in any grouping: blanks, commas, colons, semicolons, dashes, newlines and 0x are skipped.
// A single digit gets its leading zero: "1 2 f" is 01 02 0f.
func decodeHex(s string) ([]byte, *Error) {
	out := make([]byte, 0, len(s)/2)
	group := 0 // digits in the current group
	var high byte
	odd := 0 // digits in the first group that lacks one
	flush := func() {
		if group%2 == 1 {
			out = append(out, high)
			if group > 1 && odd == 0 {
				odd = group
			}
		}
		group = 0
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case strings.IndexByte(" \t\r\n,:;-", c) >= 0:
			flush()
		case c == '0' && i+1 < len(s) && (s[i+1] == 'x' || s[i+1] == 'X'):
			flush()
			i++
		default:
			v, ok := hexValue(c)
			if !ok {
				r, _ := utf8.DecodeRuneInString(s[i:])
				return nil, invalid("data", "%q at character %d is not a hex digit: use 0-9 and a-f.", r, utf8.RuneCountInString(s[:i])+1)
			}
			if group%2 == 0 {
				high = v
			} else {
				out = append(out, high<<4|v)
			}
			group++
		}
	}
	flush()
	if odd > 0 {
		return nil, invalid("data", "A hex group has an odd number of digits (%d): one is missing, or one is too many.", odd)
	}
	return out, nil
}

func hexValue(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// base64Layout is what may stand in base64 beside the standard alphabet.
var base64Layout = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "", "\t", "")

// decodeBase64 takes both alphabets, with or without padding and line breaks.
func decodeBase64(s string) ([]byte, *Error) {
	digits := strings.TrimRight(base64Layout.Replace(s), "=")
	b, err := base64.RawStdEncoding.DecodeString(digits)
	if err == nil {
		return b, nil
	}
	at := strings.IndexFunc(strings.TrimRight(s, "= \t\r\n"), func(r rune) bool {
		return !strings.ContainsRune("+/-_ \t\r\n", r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
	if at < 0 {
		return nil, invalid("data", "This base64 is cut off: its %d digits do not make whole bytes.", len(digits))
	}
	r, _ := utf8.DecodeRuneInString(s[at:])
	return nil, invalid("data", "%q at character %d is not base64: use letters, digits, + and / (or - and _).", r, utf8.RuneCountInString(s[:at])+1)
}

// preview is the beginning of a payload, copied.
func preview(p []byte) []byte {
	return append([]byte(nil), p[:min(len(p), PreviewBytes)]...)
}

// quoted shows the beginning of bytes as a Go string literal, for the argument of a call.
func quoted(p []byte) string {
	const most = 32
	if len(p) <= most {
		return strconv.Quote(string(p))
	}
	return strconv.Quote(string(p[:most])) + "…"
}
