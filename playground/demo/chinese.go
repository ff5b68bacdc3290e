package demo

import (
	"fmt"
	"strconv"
	"strings"
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
		text := fmt.Sprintf("%s %s %s", f.Socket, verb, strings.Join(f.States, " 或 "))
		if f.Reason != "" {
			text += "，原因是 " + f.Reason
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
			results[i] = r.chinese()
		}
		text := fmt.Sprintf("%s 的 %s 返回 %s", f.Socket, f.Call, strings.Join(results, "，再返回 "))
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
			what = "的报文段依次正好是"
		}
		return fmt.Sprintf("%s %s %s", f.Socket, what, strings.Join(list, "，"))
	case *Count:
		return f.chinese()
	case *Quantity:
		return f.chinese()
	case *Peer:
		return fmt.Sprintf("%s 的对端是 %s", f.Socket, f.Peer)
	}
	return ""
}

func (f *Count) chinese() string {
	what := f.Seg.chinese()
	if f.Calls {
		what = "调用"
	}
	of := f.Socket + " 的连接上"
	if f.From || f.Calls {
		of = "来自 " + f.Socket + " 的"
	}
	count := fmt.Sprintf("%s %d 个", f.Compare.chinese(), f.N)
	if f.Compare == Exactly && f.N == 0 {
		count = "没有"
	}
	text := fmt.Sprintf("%s%s %s", of, count, what)
	if f.SoFar {
		text = "至今 " + text
	}
	if f.For > 0 {
		text = fmt.Sprintf("%v 内 %s", f.For, text)
	}
	return text
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
		name = "选项 " + f.Option + " "
	}
	value := f.Text
	switch Quantities[f.Name] {
	case "number":
		value = strconv.FormatInt(f.N, 10)
	case "duration":
		value = f.For.String()
	}
	if f.Name == "kernel socket" {
		value = map[string]string{"yes": "存在", "no": "不存在"}[f.Text]
	}
	compare := "为"
	if f.Compare != Exactly {
		compare = f.Compare.chinese()
	}
	text := fmt.Sprintf("%s 的%s%s %s", f.Socket, name, compare, value)
	if f.Stays > 0 {
		text += fmt.Sprintf("，并保持 %v", f.Stays)
	}
	return text
}

func (c Compare) chinese() string {
	return map[Compare]string{Exactly: "正好", AtLeast: "至少", AtMost: "至多"}[c]
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
		return "已关闭错误"
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
		if !f.Any {
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
	return map[string]string{
		SegAny: "报文段", SegRetransmitted: "重传", SegZeroWindow: "零窗口", SegWindowProbe: "窗口探测", SegKeepalive: "保活探测",
		SegDuplicateACK: "重复 ACK", SegDropped: "被丢弃的报文段",
	}[g.Kind]
}
