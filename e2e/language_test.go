package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The page changes its language in the middle of a session: the controls have other names, the names of the kernel
// and of Go stay, what was typed stays, and so does the language when the page is loaded again.
func TestLanguage(t *testing.T) { everywhere(t, language) }

func language(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	c1, _ := p.connected()
	c1.by("textbox", "Data to send from C1").fill("typed, not sent")
	p.by("textbox", "Address to connect to").fill("localhost:4711")

	p.by("button", "中文").click()
	c1 = p.by("article", "套接字 C1")
	c1.shows("ESTABLISHED", "发送", "关闭")
	p.by("article", "监听套接字 S1").shows("LISTEN", "全连接队列")
	p.by("article", "连接 S1.1").shows("ESTABLISHED")
	p.holds(c1.by("textbox", "C1 要发送的数据"), "typed, not sent")
	p.holds(p.by("textbox", "要连接的地址"), "localhost:4711")
	if lang := eval[string](p, "document.documentElement.lang"); lang != "zh-CN" {
		t.Errorf("<html lang> is %q, want zh-CN", lang)
	}
	if focused := eval[string](p, "document.activeElement.id"); focused != "language" {
		t.Errorf("the focus is on %q, want the language button", focused)
	}
	for _, control := range []struct{ role, name string }{
		{"button", "监听"}, {"button", "连接"}, {"tab", "时序图"}, {"tab", "状态"}, {"tab", "报文段"}, {"tab", "netstat"}, {"tab", "日志"},
		{"button", "暂停"}, {"radio", "本机"}, {"radio", "实验室"}, {"radio", "回显"}, {"main", "主视图"}, {"region", "详情面板"},
	} {
		p.by(control.role, control.name).appears()
	}

	// What it does not translate: calls, states, and what Go prints; why it happened, it does.
	p.by("list", "按时间顺序的事件").shows("Dial", "Accept", "SYN, ACK")
	p.by("textbox", "要连接的地址").fill(fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	p.by("form", "连接").by("button", "连接").click()
	p.by("form", "连接").shows("connect: connection refused", "ECONNREFUSED", "那个地址和端口上没有监听")

	p.reload()
	p.by("article", "套接字 C1").shows("ESTABLISHED")

	p.by("button", "EN, English").click()
	p.by("article", "Socket C1").shows("ESTABLISHED", "Send")
}

// A browser whose preference is Chinese starts in Chinese; a choice made by hand wins over it.
func TestLanguageOfTheBrowser(t *testing.T) {
	s := start(t)
	p := browse(t, s)
	p.by("button", "Listen").appears()
	_, err := chromedp.Call(p.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: eval[string](p, "navigator.userAgent"), AcceptLanguage: "zh-CN,zh;q=0.9,en;q=0.8"})
	if err != nil {
		t.Fatal(err)
	}
	p.open(s.url)
	p.by("button", "监听").appears()
	p.by("searchbox", "搜索演示").appears()

	p.by("radiogroup", "语言").by("radio", "English").click()
	p.by("button", "Listen").appears()
	p.reload()
	p.by("button", "Listen").appears()
}

// holds waits until a field has a value.
func (p *page) holds(field *thing, want string) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("%s to hold %q", field, want), func() (bool, error) {
		var value string
		found, err := field.call(`function() { return this.value; }`, &value)
		return found && value == want, err
	})
}
