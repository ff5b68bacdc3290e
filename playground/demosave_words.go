package playground

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"socketplayground/playground/code"
	"socketplayground/playground/demo"
)

// actionWords say what a command does; the name of its socket goes into them.
var actionWords = map[string]code.Phrase{
	"accept": {EN: "%s calls Accept", ZH: "%s 调用 Accept"}, "read": {EN: "%s calls Read", ZH: "%s 调用 Read"}, "write": {EN: "%s calls Write", ZH: "%s 调用 Write"},
	"close": {EN: "%s calls Close", ZH: "%s 调用 Close"}, "close_write": {EN: "%s calls CloseWrite", ZH: "%s 调用 CloseWrite"}, "close_read": {EN: "%s calls CloseRead", ZH: "%s 调用 CloseRead"},
	"reset": {EN: "%s is reset", ZH: "重置 %s"}, "remove": {EN: "%s is removed", ZH: "移除 %s"}, "skip_time_wait": {EN: "%s skips TIME_WAIT", ZH: "%s 跳过 TIME_WAIT"},
	"cancel": {EN: "What waits on %s is cancelled", ZH: "取消 %s 上等待的调用"}, "set_digest": {EN: "%s: SHA-256 of its bytes", ZH: "%s：字节的 SHA-256"},
	"set_deadline": {EN: "%s has a deadline set", ZH: "设置 %s 的截止时间"},
}

// otherWords say what a command does that is about no socket, or about all of them.
var otherWords = map[string]code.Phrase{
	"close": {EN: "All sockets are closed", ZH: "关闭所有套接字"}, "remove": {EN: "Closed sockets are removed", ZH: "移除已关闭的套接字"},
	"open_lab": {EN: "The Lab is opened", ZH: "打开实验室"}, "set_wire": {EN: "The wire is changed", ZH: "更改线路"}, "add_rule": {EN: "The wire gets a rule", ZH: "为线路添加规则"},
	"set_rule": {EN: "A rule is switched", ZH: "切换一条规则"}, "remove_rule": {EN: "A rule is removed", ZH: "移除一条规则"}, "deliver_segment": {EN: "The oldest held segment is delivered", ZH: "放行最早扣留的报文段"},
}

// wordsOf are an action in a few words.
func wordsOf(a demo.Action) demo.Text {
	fields := map[string]any{}
	_ = json.Unmarshal(a.Fields, &fields) // it was marshalled a moment ago
	text := func(name string) string { s, _ := fields[name].(string); return s }
	var said code.Phrase
	switch on, _ := fields["on"].(bool); a.Command {
	case "listen":
		said = phrase("%s listens on %s", "%s 在 %s 上监听", a.As, text("address"))
	case "dial":
		said = phrase("%s connects to %s", "%s 连接 %s", a.As, text("address"))
		if a.Count > 1 {
			first, _ := strconv.Atoi(a.As[1:])
			said = phrase("%s to C%d connect to %s", "%s 至 C%d 连接 %s", a.As, first+a.Count-1, text("address"))
		}
	case "write":
		said = phrase(actionWords["write"].EN, actionWords["write"].ZH, a.Socket)
		if data := text("data"); data != "" && (text("encoding") == "" || text("encoding") == string(EncodingText)) && fields["bytes"] == nil {
			said = phrase("%s writes %s", "%s 写入 %s", a.Socket, shortened(`"`+data+`"`, 40))
		}
	case "set_behavior":
		said = phrase("%s is set to %s", "%s 的行为改为 %s", a.Socket, text("behavior"))
	case "set_option":
		said = phrase("%s sets %s to %v", "把 %s 的 %s 设为 %v", a.Socket, text("name"), fields["value"])
	case "set_read_mode":
		said = phrase("%s: read mode %s", "%s 的读取方式：%s", a.Socket, text("read_mode"))
	case "watch_port":
		said = phrase("Port %v is watched", "监视端口 %v", fields["port"])
		if !on {
			said = phrase("Port %v is watched no longer", "不再监视端口 %v", fields["port"])
		}
	case "set_quick_ack":
		said = phrase("QuickACK is switched %s", "%s QuickACK", onOff(on))
	case "set_kernel":
		said = phrase("%s is set to %s", "把 %s 设为 %s", text("name"), text("value"))
		if text("value") == "" {
			said = phrase("%s is set back", "还原 %s", text("name"))
		}
	default:
		if said = otherWords[a.Command]; a.Socket != "" {
			said = phrase(actionWords[a.Command].EN, actionWords[a.Command].ZH, a.Socket)
		}
	}
	return demo.Text(said)
}

// wordsOfStep are the title and the story of a step in which this was said, without the commands that a demo has no words
// for; since is how long after the command before, -1 where there is none.
func wordsOfStep(said []demo.Text, left []string, since int64) (title, story demo.Text) {
	var en, zh []string
	for _, text := range said {
		en, zh = append(en, text.EN), append(zh, text.ZH)
	}
	title = demo.Text{EN: shortened(strings.Join(en, ", "), 80), ZH: shortened(strings.Join(zh, "，"), 80)}
	if len(said) == 0 {
		title = demo.Text{EN: "Nothing that a demo can do", ZH: "演示做不了的操作"}
	}
	story = demo.Text{EN: "Done by hand, at the beginning.", ZH: "手动完成，最先做的。"}
	if since >= 0 {
		after := fmt.Sprintf("%.1f s", time.Duration(since).Seconds())
		story = demo.Text{EN: "Done by hand, " + after + " after what was done before.", ZH: "手动完成，距上一步操作 " + after + "。"}
	}
	if len(said) > 1 {
		story.EN += " In turn: " + shortened(strings.Join(en, "; "), 1000) + "."
		story.ZH += "依次为：" + shortened(strings.Join(zh, "；"), 1000) + "。"
	}
	if len(left) > 0 {
		story.EN += " Left out, since a demo cannot say it: " + strings.Join(left, ", ") + "."
		story.ZH += "演示无法表达、因而略去：" + strings.Join(left, "、") + "。"
	}
	return title, story
}
