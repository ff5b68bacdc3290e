package web

import (
	"bytes"
	"strconv"
	"strings"
)

// The page is written in English, says so in <html lang>, and reads there which language to show.
const (
	english = `<html lang="en">`
	chinese = `<html lang="zh-CN">`
)

// inChinese is the page for a browser that asks for Chinese; the page itself lets a person choose otherwise.
func inChinese(page []byte) []byte { return bytes.Replace(page, []byte(english), []byte(chinese), 1) }

// prefersChinese says whether an Accept-Language header (RFC 9110 §12.5.4) asks for Chinese before English.
// Of equal ones the first is meant; other languages have no page here.
func prefersChinese(header string) bool {
	best, zh := 0.0, false
	for item := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(item, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if primary != "zh" && primary != "en" {
			continue
		}
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q="); ok {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = parsed
		}
		if weight > best {
			best, zh = weight, primary == "zh"
		}
	}
	return zh
}
