package playground

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"socketplayground/playground/code"
)

// phrase is a sentence in both languages; a value that is a phrase goes into each in its own.
func phrase(en, zh string, values ...any) code.Phrase {
	in := func(format string, of func(code.Phrase) string) string {
		said := slices.Clone(values)
		for i, v := range said {
			if p, ok := v.(code.Phrase); ok {
				said[i] = of(p)
			}
		}
		return fmt.Sprintf(format, said...)
	}
	return code.Phrase{EN: in(en, func(p code.Phrase) string { return p.EN }), ZH: in(zh, func(p code.Phrase) string { return p.ZH })}
}

var hostWords = map[string]code.Phrase{"client": {EN: "the client", ZH: "客户端"}, "server": {EN: "the server", ZH: "服务端"}}

func onOff(on bool) code.Phrase {
	if on {
		return code.Phrase{EN: "on", ZH: "打开"}
	}
	return code.Phrase{EN: "off", ZH: "关闭"}
}

// changes are what a user does to bring the wire from one setting to another. Delay, jitter, rate and the length of the
// queue are left out: they do not change what calls return, only when.
func changes(was, now WireSettings) (words []code.Phrase) {
	add := func(en, zh string, values ...any) { words = append(words, phrase(en, zh, values...)) }
	switch {
	case now.Cut && !was.Cut:
		add("cut the cable", "断开网线")
	case was.Cut && !now.Cut:
		add("join the cable", "接回网线")
	}
	if now.Step != was.Step {
		add("switch step mode %s", "%s单步模式", onOff(now.Step))
	}
	for _, d := range []struct {
		to       string
		was, now Impairment
	}{{"server", was.ToServer, now.ToServer}, {"client", was.ToClient, now.ToClient}} {
		for _, f := range []struct {
			name     code.Phrase
			was, now float64
			unit     string
		}{
			{code.Phrase{EN: "loss", ZH: "丢包"}, d.was.LossPct, d.now.LossPct, "%"},
			{code.Phrase{EN: "duplicates", ZH: "重复"}, d.was.DuplicatePct, d.now.DuplicatePct, "%"},
			{code.Phrase{EN: "reordering", ZH: "乱序"}, d.was.ReorderPct, d.now.ReorderPct, "%"},
			{code.Phrase{EN: "corruption", ZH: "损坏"}, d.was.CorruptPct, d.now.CorruptPct, "%"},
			{code.Phrase{EN: "MTU", ZH: "MTU"}, float64(d.was.MTU), float64(d.now.MTU), "bytes"},
		} {
			if f.was != f.now {
				add("set the wire's %s to %s to %g %s", "把线路的%s（到%s）设为 %g %s", f.name, hostWords[d.to], f.now, f.unit)
			}
		}
	}
	before := map[int]WireRule{}
	for _, r := range was.Rules {
		before[r.Rule] = r
	}
	for _, r := range now.Rules {
		old, known := before[r.Rule]
		delete(before, r.Rule)
		usedUp := r.Next > 0 && r.Hits >= r.Next
		switch {
		case !known:
			add("add a rule: %s", "添加规则：%s", r.sentence())
		case old.On != r.On && !usedUp: // one that is used up switches itself off
			add("switch rule %[1]d %[2]s", "%[2]s规则 %[1]d", r.Rule, onOff(r.On))
		}
	}
	for _, n := range slices.Sorted(maps.Keys(before)) {
		add("remove rule %d", "移除规则 %d", n)
	}
	return words
}

var ruleActions = map[string]string{"drop": "丢弃", "hold": "扣留", "delay": "延迟", "duplicate": "复制", "corrupt": "损坏"}

// sentence says what a rule does, such as "drop the next segment to the server with FIN".
func (r *WireRule) sentence() code.Phrase {
	which, noun := code.Phrase{EN: "every", ZH: "每个"}, code.Phrase{EN: "segment", ZH: "报文段"}
	if r.Flags == "ACK" {
		noun = code.Phrase{EN: "bare ACK", ZH: "纯 ACK"}
	}
	switch {
	case r.Next == 1:
		which = code.Phrase{EN: "the next", ZH: "下一个"}
	case r.Next > 1:
		which, noun.EN = phrase("the next %d", "接下来 %d 个", r.Next), noun.EN+"s"
	case r.Every > 1:
		which, noun.EN = phrase("one in %d", "每 %d 个中的一个", r.Every), noun.EN+"s"
	}
	var of []code.Phrase // what stands after the noun in English, before it in Chinese
	if to := hostWords[strings.TrimPrefix(r.Direction, "to_")]; to.EN != "" {
		of = append(of, phrase(" to %s", "到%s的", to))
	}
	if with := r.with(); len(with) > 0 {
		all := with[0]
		for _, w := range with[1:] {
			all = phrase("%s, %s", "%s、%s", all, w)
		}
		of = append(of, phrase(" with %s", "带%s的", all))
	}
	if r.Socket != "" {
		of = append(of, phrase(" of %s", "属于 %s 的", r.Socket))
	}
	if r.Retransmission != nil {
		of = append(of, map[bool]code.Phrase{true: {EN: ", sent again", ZH: "重传的"}, false: {EN: ", sent for the first time", ZH: "首次发送的"}}[*r.Retransmission])
	}
	said := code.Phrase{EN: r.Action + " " + which.EN + " " + noun.EN, ZH: ruleActions[r.Action] + which.ZH}
	for _, p := range of {
		said.EN += p.EN
		said.ZH += p.ZH
	}
	said.ZH += noun.ZH
	if r.DelayMS > 0 {
		said = phrase("%s by %g ms", "%s，%g ms", said, r.DelayMS)
	}
	return said
}

// with is what a rule asks of a segment.
func (r *WireRule) with() (list []code.Phrase) {
	switch r.Flags {
	case "", "ACK":
	case "DATA":
		list = append(list, code.Phrase{EN: "data", ZH: "数据"})
	default:
		list = append(list, code.Phrase{EN: r.Flags, ZH: " " + r.Flags + " "})
	}
	if r.Text != "" {
		list = append(list, phrase("the text %q", "文字 %q ", r.Text))
	}
	if r.MinLen != nil {
		list = append(list, phrase("at least %d bytes", "至少 %d 字节", *r.MinLen))
	}
	if r.MaxLen != nil {
		list = append(list, phrase("at most %d bytes", "至多 %d 字节", *r.MaxLen))
	}
	return list
}
