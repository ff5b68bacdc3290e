package demo

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (c *Check) String() string { return c.Source }

// ZH is the check in Chinese. States, flags, calls and errors keep their names.
func (c *Check) ZH() string {
	text := chinese(c.Fact)
	if c.Within > 0 {
		text = fmt.Sprintf("%v 内：%s", c.Within, text)
	}
	return text
}

func chinese(f Fact) string {
	switch f := f.(type) {
	case *Is:
		verb := "处于"
		if f.Not {
			verb = "不处于"
		}
		text := together(f.Socket, verb, strings.Join(f.States, " 或 "))
		if f.Reason != "" {
			text += together("，原因是", reasonNames[f.Reason])
		}
		return text
	case *Reaches:
		text := fmt.Sprintf("%s 进入 %s", f.Socket, strings.Join(f.States, "，再到 "))
		if f.Stays > 0 {
			text += fmt.Sprintf("，并保持 %v", f.Stays)
		}
		return text
	case *Never:
		return fmt.Sprintf("%s 从不进入 %s", f.Socket, f.State)
	case *Stays:
		return fmt.Sprintf("%s 保持 %s %v", f.Socket, f.State, f.For)
	case *Returns:
		results := make([]string, len(f.Results))
		for i, r := range f.Results {
			results[i] = together("返回", r.chinese())
		}
		text := together(f.Socket, "的", f.Call, strings.Join(results, "，再"))
		if f.After > 0 {
			text += fmt.Sprintf("，耗时至少 %v", f.After)
		}
		return text
	case *Takes:
		return fmt.Sprintf("%s 的 %s 耗时%s %v", f.Socket, f.Call, f.Compare.chinese(), f.For)
	case *Waiting:
		return fmt.Sprintf("%s 的 %s 正在等待", f.Socket, f.Call)
	case *Segments:
		list := make([]string, len(f.List))
		for i, g := range f.List {
			list[i] = g.chinese()
		}
		what := "的报文段依次包含"
		if f.Sent {
			what = "依次发出"
		} else if f.Exactly {
			what = "的报文段依次恰为"
		}
		return together(f.Socket, what, strings.Join(list, "、"))
	case *Count:
		return f.chinese()
	case *Quantity:
		return f.chinese()
	case *Peer:
		return fmt.Sprintf("%s 的对端是 %s", f.Socket, f.Peer)
	}
	return ""
}

// together joins parts as Chinese is written: with a space where one side is in Latin letters or digits, with none between
// two Chinese characters or beside their punctuation.
func together(parts ...string) string {
	text := ""
	for _, part := range parts {
		last, _ := utf8.DecodeLastRuneInString(text)
		first, _ := utf8.DecodeRuneInString(part)
		if text != "" && part != "" && !(wide(last) && wide(first)) && !punctuation(last) && !punctuation(first) {
			text += " "
		}
		text += part
	}
	return text
}

func wide(r rune) bool { return unicode.Is(unicode.Han, r) || punctuation(r) }

func punctuation(r rune) bool { return strings.ContainsRune("，。、：；（）“”", r) }

func (f *Count) chinese() string {
	what, measure := f.Seg.chinese(), "个"
	if f.Calls {
		what = "调用"
	}
	if f.Calls || f.Seg.Kind == SegRetransmitted {
		measure = "次"
	}
	none := f.Compare == Exactly && f.N == 0
	var text string
	switch from := together("来自", f.Socket, "的", what); {
	case (f.From || f.Calls) && none:
		text = together("没有", from)
	case f.From || f.Calls:
		text = together(from, f.Compare.chinese(), strconv.FormatInt(f.N, 10), measure)
	case none:
		text = together(f.Socket, "的连接上没有", what)
	default:
		text = together(f.Socket, "的连接上", f.Compare.chinese()+"有", strconv.FormatInt(f.N, 10), measure, what)
	}
	if f.SoFar {
		text = together("至今", text)
	}
	if f.For > 0 {
		text = fmt.Sprintf("%v 内，%s", f.For, text)
	}
	return text
}

// reasonNames are Reasons in Chinese, as in the page's Log.
var reasonNames = map[string]string{
	"refused": "被拒绝", "timed_out": "超时", "reset_sent": "已发 RST", "reset_received": "收到 RST", "aborted": "已放弃",
	"time_wait_over": "TIME_WAIT 结束", "acknowledged": "FIN 已被确认", "never_opened": "从未打开", "closed": "被程序关闭",
	"destroyed": "被外部销毁", "unknown": "未知",
}

// quantityNames are Quantities in Chinese.
var quantityNames = map[string]string{
	"accept queue": "全连接队列", "backlog": "backlog", "drops": "丢弃数", "receive queue": "接收队列", "send queue": "发送队列",
	"retransmits": "重传次数", "timer": "定时器", "timer expiry": "定时器剩余时间", "mss": "MSS", "cwnd": "cwnd", "rtt": "RTT",
	"family": "地址族", "local port": "本地端口", "remote port": "远端端口", "kernel socket": "内核套接字",
	"bytes read": "已读字节数", "bytes written": "已写字节数",
	"bytes retransmitted": "重传字节数", "total retransmissions": "重传总次数", "rwnd limited": "受接收窗口限制的时间",
}

func (f *Quantity) chinese() string {
	name := quantityNames[f.Name]
	if f.Name == "option" {
		name = together("选项", f.Option)
	}
	value := f.Text
	switch Quantities[f.Name] {
	case "number":
		value = strconv.FormatInt(f.N, 10)
	case "duration":
		value = f.For.String()
	}
	if f.Name == "kernel socket" {
		return together(f.Socket, "的", map[string]string{"yes": "内核套接字仍在", "no": "内核套接字已不存在"}[f.Text], f.kept())
	}
	compare := "为"
	if f.Compare != Exactly {
		compare = f.Compare.chinese() + compare
	}
	return together(f.Socket, "的", name, compare, value, f.kept())
}

// kept is how long a quantity keeps its value.
func (f *Quantity) kept() string {
	if f.Stays == 0 {
		return ""
	}
	return fmt.Sprintf("，并保持 %v", f.Stays)
}

func (c Compare) chinese() string {
	return map[Compare]string{Exactly: "恰好", AtLeast: "至少", AtMost: "至多"}[c]
}

func (r Result) chinese() string {
	switch r.Kind {
	case ResultOK:
		return "成功"
	case ResultError:
		return "错误"
	case ResultErrno:
		return r.Errno
	case ResultTimeout:
		return "超时"
	case ResultClosed:
		return "“已关闭”错误"
	case ResultN:
		return strconv.FormatInt(r.N, 10)
	case ResultText:
		return strconv.Quote(r.Text)
	}
	return r.Kind
}

func (g Seg) chinese() string {
	text := g.kindChinese()
	var with []string
	for _, f := range g.With {
		word := "有 "
		if f.Not {
			word = "没有 "
		}
		word += f.Name
		switch {
		case f.Text != "":
			word += " " + f.Text
		case !f.Any:
			word += fmt.Sprintf(" %d", f.N)
		}
		with = append(with, word)
	}
	if len(with) > 0 {
		text += "（" + strings.Join(with, "、") + "）"
	}
	return text
}

func (g Seg) kindChinese() string {
	switch g.Kind {
	case SegFlags:
		return strings.Join(g.Flags, "+")
	case SegData:
		switch {
		case g.Whole:
			return "恰为 " + strconv.Quote(g.Text) + " 的数据"
		case g.Text != "":
			return "含 " + strconv.Quote(g.Text) + " 的数据"
		}
		return "数据段"
	}
	if i := markAt(g.Kind); i >= 0 {
		return Marks[i].Chinese
	}
	return map[string]string{SegAny: "报文段", SegDropped: "被丢弃的报文段"}[g.Kind]
}
