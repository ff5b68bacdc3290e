package code

import (
	"fmt"
	"strings"
)

// Phrase is a text in both languages.
type Phrase struct{ EN, ZH string }

var hostNames = map[string]Phrase{"client": {"client", "客户端"}, "server": {"server", "服务端"}}

// in gives a phrase in the language of the comments.
func (o Options) in(p Phrase) string {
	if o.Chinese && p.ZH != "" {
		return p.ZH
	}
	return p.EN
}

// say gives a sentence in the language of the comments. English is the key of its Chinese, as on the page.
func (o Options) say(english string, values ...any) string {
	return fmt.Sprintf(o.said(english), values...)
}

func (o Options) said(english string) string {
	if o.Chinese {
		if zh, ok := chinese[english]; ok {
			return zh
		}
	}
	return english
}

// list joins phrases as a list of things to do.
func (o Options) list(phrases []Phrase) string {
	var all []string
	for _, p := range phrases {
		all = append(all, o.in(p))
	}
	return strings.Join(all, o.said("; "))
}

// remarked gives the format of a line with its comment in the language of the comments.
func (o Options) remarked(format string) string {
	if !o.Chinese {
		return format
	}
	for _, mark := range []string{"// ", "# ", "/* "} {
		code, remark, ok := strings.Cut(format, mark)
		if !ok || code != "" && !strings.HasSuffix(code, " ") && !strings.HasSuffix(code, "\t") {
			continue
		}
		remark, end, closed := strings.Cut(remark, " */")
		if closed {
			end = " */" + end
		}
		if zh, ok := chinese[remark]; ok {
			return code + mark + zh + end
		}
	}
	return format
}

// chinese has the comments. Names of states, calls, errors and header fields stay as they are; terms are the page's.
var chinese = map[string]string{
	"; ": "；",
	" ":  "",

	"# What was done in Socket Playground":                        "# 在 Socket Playground 里做过的事",
	"The programs run on this machine, over its loopback device.": "这些程序在本机上经回环接口运行。",
	"The addresses are those of a Lab: run the programs in one, or change 192.0.2.2 to 127.0.0.1 (2001:db8::2 to ::1) and leave out what stands before `--`.": "地址属于实验室：请在实验室里运行，或者把 192.0.2.2 改为 127.0.0.1（2001:db8::2 改为 ::1），并去掉 `--` 之前的部分。",
	"Start each in a terminal of its own, the first one first:":                                                                 "各在一个终端里启动，先启动第一个：",
	"Pauses are as long as they were, up to 5 s; shorter ones keep the two programs in the order in which the calls were made.": "停顿与当时一样长，至多 5 秒；较短的停顿让两个程序保持当时的调用顺序。",
	"Where both programs stop, do in the Lab what they say, then press Enter in both terminals.":                                "两个程序都停下时，按它们说的在实验室里操作，然后在两个终端里按回车键。",

	"Nothing was clicked yet: this is the shortest %s.":                                  "还没有任何操作：这是最短的%s。",
	"The log no longer reaches back to the beginning; what was done before is left out.": "日志已不能追溯到开头，更早的操作略去。",
	"First, in the Lab: %s.": "先在实验室里：%s。",
	"The Lab's wire or its kernel settings had a part in this: elsewhere, calls may return something else.": "实验室的线路或内核参数起了作用：在别处，调用可能返回别的结果。",
	"More was done than anybody reads; what came last is left out.":                                         "操作太多，没人读得完；最后的部分略去。",
	"Nothing was done on the %s host.":                                                                      "%s主机上没有操作。",

	"%s is in %s":  "%s 处于 %s",
	"%s are in %s": "%s 处于 %s",
	"%s.":          "%s。",

	Prompt:                                 "按回车键，程序结束。",
	bothStop:                               "两个程序都停在这里。",
	"In the Lab: %s. Then Enter.":          "在实验室里：%s。然后按回车键。",
	"In the Lab:":                          "在实验室里：",
	"Then Enter.":                          "然后按回车键。",
	OtherStarts:                            "先启动另一个程序，然后按回车键。",
	OtherGoesOn:                            "先在另一个终端里按回车键，然后在这里按回车键。",
	"While this runs, in the Lab: %s.":     "运行期间，在实验室里：%s。",
	"it was %s":                            "实际间隔 %s",
	"first, %s's %s":                       "先等 %s 的 %s",
	"%s's %s has returned":                 "%s 的 %s 已返回",
	"waits still":                          "仍在等待",
	"the end of the program ends it":       "程序结束时它才结束",
	"it stays open until the program ends": "一直打开，直到程序结束",
	"then it was cancelled":                "之后被取消",
	"%s is in TIME_WAIT for 60 s.":         "%s 在 TIME_WAIT 中停留 60 秒。",
	"Close will send RST":                  "Close 会发出 RST",
	"close will send RST":                  "close 会发出 RST",
	"sends RST":                            "发出 RST",
	"kept open, never read":                "保持打开，从不读取",
	"%s is closed":                         "%s 已关闭",
	"io.EOF: got a FIN":                    "io.EOF：收到了 FIN",
	"EOF: got a FIN":                       "EOF：收到了 FIN",
	"0: got a FIN":                         "0：收到了 FIN",
	"b'': got a FIN":                       "b''：收到了 FIN",
	"reset by the peer":                    "对端发来 RST，连接被重置",
	"as much as there is":                  "有多少读多少",
	"until there is no more":               "读到没有为止",
	"As many bytes as were sent; which they were is not shown.": "字节数与当时发送的相同，内容从略。",

	"the deadline passed first":      "截止时间先到",
	"the deadline has passed":        "截止时间已过",
	"the socket was closed here":     "套接字已在这一端关闭",
	"the timeout was for connecting": "这个超时只用于建立连接",
	"for each call":                  "对每次调用",
	aheadOfWrite:                     "当时是在 Write 等待期间设置的；在这里只对之后开始的调用有效。",
	"for connect":                    "用于 connect",

	"Go's net has no backlog; a second listen(2) sets it.":                               "Go 的 net 没有 backlog；再调用一次 listen(2) 来设置。",
	"net would listen with MPTCP":                                                        "net 默认用 MPTCP 监听",
	"on runs f on the descriptor of a socket.":                                           "on 对套接字的描述符执行 f。",
	"Python's close() of a closed socket does nothing; the call here returned an error.": "Python 对已关闭套接字的 close() 什么也不做；当时的调用返回了错误。",
	"Python's timeout is for each call, and for both directions.":                        "Python 的超时针对每次调用，两个方向都算。",
	"write() shall return EPIPE, and not end the program":                                "让 write() 返回 EPIPE，而不是结束程序",
	"Watch from another terminal, before you start:":                                     "开始之前，在另一个终端里观察：",
	"  Wireshark filter: %s":                                                             "  Wireshark 过滤器：%s",
	"nc cannot echo; socat can.":                                                         "nc 不能回显；socat 可以。",
	severalWrites:                                                                        "来自多次 Write：直到全部到达",
	"nc cannot close with input to come: -N sends FIN when its input ends.":              "输入未完时 nc 不能关闭：-N 在输入结束时发出 FIN。",
	"nc accepts at once; it cannot leave a connection in the accept queue.":              "nc 立即接受连接，不能把连接留在全连接队列里。",
	"%s; nc accepts and reads by itself":                                                 "%s；nc 自己接受并读取",
	"%s: the end of the input":                                                           "%s：输入结束",
	"nc cannot set %s.":                                                                  "nc 不能设置 %s。",
	"nc cannot set a backlog.":                                                           "nc 不能设置 backlog。",
	"nc cannot set a deadline for each call.":                                            "nc 不能为每次调用设置截止时间。",
	"nc cannot shut down only its reading side.":                                         "nc 不能只关闭读方向。",
	"nc cannot reset a connection.":                                                      "nc 不能重置连接。",
	"nc cannot serve like this (%s); this one reads, and shows what comes.":              "nc 不能这样服务（%s）；这里只读取并显示收到的内容。",
}
