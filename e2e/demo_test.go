package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// knock is a demo file of this machine, with a question before its second step.
func knock(port int) string {
	return fmt.Sprintf(`demo: 1
id: knock
title: {en: Somebody knocks, zh: 有人敲门}
summary: {en: A port opens and a client comes., zh: 端口打开，客户端到来。}
myth: {en: "Silence, they say.", zh: 据说一片寂静。}
network: machine
steps:
  - title: {en: The port opens, zh: 端口打开}
    story: {en: Listen puts a socket into LISTEN., zh: Listen 使套接字进入 LISTEN。}
    do:
      - listen: {as: S1, address: "127.0.0.1:%d", behavior: manual}
    checks:
      - S1 is LISTEN
  - title: {en: Somebody comes, zh: 有人来了}
    story: {en: The kernel answers before anybody accepts., zh: 没有人接受，内核就已回答。}
    predict:
      question: {en: What does Dial return before Accept is called?, zh: Accept 之前 Dial 返回什么？}
      choices:
        - {text: {en: An error, zh: 错误}, when: C1 dial returns error}
        - {text: {en: A connection, zh: 连接}, when: C1 dial returns ok}
    do:
      - dial: {as: C1, address: S1, read_mode: manual}
    checks:
      - C1 dial returns ok
      - C1 is ESTABLISHED
  - title: {en: It leaves, zh: 它走了}
    story: {en: Close sends a FIN., zh: Close 发出 FIN。}
    do:
      - accept: S1
      - close: C1
    checks:
      - C1 close returns ok
`, port)
}

// at is the page with no reading time, or with it, and a fragment.
func (p *page) at(query, fragment string) {
	p.t.Helper()
	p.open("about:blank")
	p.open(p.url + "/" + query + fragment)
}

// drop drops a file on the page.
func (p *page) drop(name, text string) {
	p.t.Helper()
	file, err := json.Marshal([]string{name, text})
	if err != nil {
		p.t.Fatal(err)
	}
	p.by("button", "Open a file").appears()
	eval[bool](p, fmt.Sprintf(`(() => {
		const [name, text] = %s;
		const dataTransfer = new DataTransfer();
		dataTransfer.items.add(new File([text], name));
		return document.body.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
	})()`, file))
}

// ticks are the names of the steps in the title, with their verdicts.
func (p *page) ticks() []string {
	return eval[[]string](p, `[...document.querySelectorAll('#demo li button')].map((b) => b.getAttribute('aria-label'))`)
}

// passes waits until every step is ticked.
func (p *page) passes(steps int, word string) {
	p.t.Helper()
	var ticks []string
	defer func() {
		if p.t.Failed() {
			p.t.Logf("ticks: %q", ticks)
		}
	}()
	p.eventually("every step to pass", func() (bool, error) {
		ticks = p.ticks()
		for _, tick := range ticks {
			if !strings.HasSuffix(tick, word) {
				return false, nil
			}
		}
		return len(ticks) >= steps, nil
	})
}

// story is the card with the step's story.
func (p *page) story(step, of int) *thing {
	return p.by("region", fmt.Sprintf("Demo: Step %d of %d", step, of))
}

// A person who has never seen the page presses one button.
func TestDemoHandshake(t *testing.T) {
	s := start(t)
	for _, l := range []struct{ language, gallery, run, passed, result, done string }{
		{"en", "Demos", "Run the handshake demo", ", passed", "checks passed.", "Done"},
		{"zh", "演示", "运行三次握手演示", "，通过", "检查项通过。", "已完成"},
	} {
		t.Run(l.language, func(t *testing.T) {
			p := browse(t, s)
			eval[bool](p, fmt.Sprintf(`(localStorage.setItem('language', %q), true)`, l.language))
			p.at("?pace=0", "")
			p.by("region", l.gallery).by("button", l.run).click()
			p.passes(2, l.passed)
			p.eventually("the result", func() (bool, error) {
				return strings.Contains(eval[string](p, `document.querySelector('demo-story').innerText`), l.result), nil
			})
			// Where Next was pressed again and again nothing else may stand.
			if under := eval[string](p, `(() => {
				const at = document.querySelector('demo-story footer [aria-keyshortcuts="."]').getBoundingClientRect();
				const there = document.elementFromPoint((at.left + at.right) / 2, (at.top + at.bottom) / 2)?.closest('button');
				return at.width === 0 || document.querySelector('.story-onward').hidden ? 'no button' : there?.ariaDisabled === 'true' ? '' : there?.textContent ?? 'nothing';
			})()`); under != "" {
				t.Errorf("%s is under the finger that pressed Next", under)
			}
			p.press(kb.Escape) // nothing is open: it goes nowhere
			p.screenshot("demo-handshake-" + l.language)
			eval[bool](p, `(document.dispatchEvent(new CustomEvent('opendemos')), true)`)
			p.eventually("the card to be ticked", func() (bool, error) {
				return strings.Contains(eval[string](p, `document.querySelector('.demo-card').textContent`), l.done), nil
			})
		})
	}
}

// A file dropped on the page is shown with what it would do; the question comes before the step, the answer after it.
func TestDemoPredict(t *testing.T) { everywhere(t, demoPredict) }

func demoPredict(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	port := freePort(t)
	p.at("?pace=0", "")
	p.drop("knock.yaml", knock(port))
	sheet := p.by("region", "Opened demo")
	sheet.shows("Somebody knocks", "有人敲门", fmt.Sprintf("listens on 127.0.0.1:%d", port), fmt.Sprintf("dials S1 (127.0.0.1:%d)", port), "The port opens", "It leaves")
	if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		t.Error("a demo that was only opened has bound its port: ", err)
	} else {
		l.Close()
	}
	sheet.shows("A port opens and a client comes.", "Silence, they say.")
	p.by("switch", "Predict first").click()
	sheet.shows("Step 2", "Step 3", "Its summary would give answers away")
	if text := sheet.text(); containsAny(text, "Somebody comes", "It leaves", "A port opens and a client comes.", "Silence, they say.") {
		t.Errorf("the page of the demo answers the question before the run: %s", text)
	}
	p.by("switch", "Step by step").click()
	sheet.by("button", "Run").click()
	p.story(1, 3).shows("paused")
	p.press(".")
	p.by("article", "Listener S1").shows("LISTEN")
	p.story(1, 3).by("button", "Next").click()
	card := p.story(2, 3)
	card.shows("What does Dial return before Accept is called?", "waits for your answer")
	if text := card.text() + p.by("list", "Steps of the demo").text(); containsAny(text, "Somebody comes", "It leaves") {
		t.Errorf("the titles answer the question above it: %s", text)
	}
	if away := eval[float64](p, `(() => {
		const at = (e) => e.getBoundingClientRect();
		const button = at(document.querySelector('demo-story footer [type="submit"]'));
		const choice = at([...document.querySelectorAll('demo-story .predict label')].at(-1));
		return Math.hypot(Math.max(0, choice.left - button.right, button.left - choice.right), Math.max(0, button.top - choice.bottom));
	})()`); away > 100 {
		t.Errorf("the button is %.0f pixels away from the last choice", away)
	}
	card.by("radio", "An error").click()
	card.by("button", "See what happens").click()
	card.by("heading", "Somebody comes").shows("Somebody comes")
	p.by("article", "Socket C1").shows("ESTABLISHED")
	card.by("button", "Next").click()
	p.passes(3, ", passed")
	p.story(3, 3).by("button", "Back").click()
	card.shows("Not so: An error. What happened: A connection")

	// Its checks point to what decided them, in every view.
	p.by("tab", "Log").click()
	eval[bool](p, `(document.querySelector('demo-story .story-checks button').focus(), true)`)
	p.eventually("the deciding event to be lit", func() (bool, error) {
		return eval[int](p, `document.querySelectorAll('log-view [data-hover]').length`) > 0, nil
	})
}

// The person's hand on a run: step by step, back to a story, paused, taken over.
func TestDemoTakeOver(t *testing.T) { everywhere(t, demoTakeOver) }

func demoTakeOver(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	port := freePort(t)
	p.at("?pace=0", "")
	p.drop("knock.yaml", knock(port))
	p.by("switch", "Step by step").click()
	p.by("region", "Opened demo").by("button", "Run").click()
	p.story(1, 3).shows("paused")
	p.press(".")
	p.by("article", "Listener S1").shows("LISTEN")
	p.story(1, 3).by("button", "Next").click()
	c1 := p.by("article", "Socket C1")
	c1.shows("ESTABLISHED")
	p.story(2, 3).by("button", "Back").click()
	p.story(1, 3).shows("The port opens")
	c1.shows("ESTABLISHED") // the kernel does not go back
	p.story(1, 3).by("button", "Go to live").click()

	// A hand on a control asks before it breaks anything: nothing is done until that is answered.
	c1.by("textbox", "Data to send from C1").fill("mine now")
	c1.by("button", "Send").click()
	p.by("dialog", "Take over?").by("button", "Let the demo go on").click()
	p.story(2, 3).shows("paused")
	c1.shows("Wrote 0 B")
	p.holds(c1.by("textbox", "Data to send from C1"), "mine now")
	c1.by("button", "Send").click()
	p.by("dialog", "Take over?").by("button", "Take over").click()
	p.story(2, 3).shows("You took over: the sockets are yours.")
	c1.shows("Wrote 8 B")

	// A new run asks before it closes what is open.
	p.story(2, 3).by("button", "Run again").click()
	p.by("dialog", "Run the demo").shows("are open")
	p.by("button", "Keep them").click()
	c1.shows("ESTABLISHED")
	p.story(2, 3).by("button", "Run again").click()
	p.by("button", "Close and run").click()
	p.story(1, 3).shows("paused")
	p.by("button", "Play").click()
	p.passes(3, ", passed")
}

// TestNextWhileHeld: while a demo drives, its key is Next and no hand on the segments that the demo holds.
func TestNextWhileHeld(t *testing.T) {
	p := browse(t, start(t))
	p.at("?pace=60", "#demo=simultaneous-open-and-close")
	p.by("region", "Opened demo").by("button", "Run").click()
	p.story(1, 5).by("button", "Pause").appears()
	p.eventually("the last step", func() (bool, error) {
		if eval[bool](p, `document.querySelector('dialog:modal') !== null`) {
			return false, errors.New("the key asks something")
		}
		if eval[string](p, `document.querySelector('[aria-label^="Demo: Step"]')?.ariaLabel ?? ''`) == "Demo: Step 5 of 5" {
			return true, nil
		}
		p.press(".")
		return false, nil
	})
}

// The first minute, in both languages: one click, a SYN within 2 s, the handshake within 10 s. Then the run leaves time to
// read, visibly, until a hand on a control pauses it.
func TestFirstPicture(t *testing.T) {
	for _, tt := range []struct{ language, gallery, run, story, pause, goOn, listen, ask, no string }{
		{"en", "Demos", "Run the handshake demo", "Demo: Step 1 of 8", "Pause", "Go on", "Listen", "Take over?", "Let the demo go on"},
		{"zh", "演示", "运行三次握手演示", "演示：第 1 步，共 8 步", "暂停", "继续", "监听", "要接管吗？", "让演示继续"},
	} {
		t.Run(tt.language, func(t *testing.T) {
			p := browse(t, start(t))
			p.at("?pace=5&lang="+tt.language, "")
			reading := func() {
				t.Helper()
				p.eventually("the time to read, and the tick that fills", func() (bool, error) {
					return eval[bool](p, `/\d/.test(document.querySelector('.story-wait').textContent) && document.querySelector('#demo li[data-reading]') !== null`), nil
				})
				p.by("region", tt.story).by("button", tt.pause).appears()
			}
			begin := time.Now()
			drawn := func(state string, times int) time.Duration {
				t.Helper()
				p.eventually(state+" on the ladder", func() (bool, error) {
					return strings.Count(eval[string](p, `document.querySelector('ladder-view').textContent`), state) >= times, nil
				})
				return time.Since(begin)
			}
			p.by("region", tt.gallery).by("button", tt.run).click()
			syn, both := drawn("SYN_SENT", 1), drawn("ESTABLISHED", 2)
			t.Logf("the SYN after %v, both ESTABLISHED after %v", syn, both)
			// A machine that does other work as well is given twice the time.
			if syn > 4*time.Second || both > 20*time.Second {
				t.Errorf("the SYN came after %v, want 2 s; both were ESTABLISHED after %v, want 10 s", syn, both)
			}
			reading()
			p.by("button", tt.listen).click()
			p.by("dialog", tt.ask).by("button", tt.no).click()
			reading()
			if all := eval[string](p, `document.body.innerText`); strings.Contains(all, "S2") {
				t.Error("what was not wanted was done")
			}
			// Who comes back to it puts no hand on anything.
			p.open(eval[string](p, `location.href`))
			reading()
			p.by("region", tt.story).by("button", tt.pause).click()
			p.by("region", tt.story).by("button", tt.goOn).appears()
		})
	}
}

// A link carries the whole demo to another browser, where it does nothing before Run. Rubbish gets a sentence.
func TestDemoLink(t *testing.T) {
	s := start(t)
	p := browse(t, s)
	port := freePort(t)
	p.at("?pace=0", "")
	p.drop("knock.yaml", knock(port))
	eval[bool](p, `(navigator.clipboard.writeText = async (text) => { window.copied = text; }, true)`)
	p.by("button", "Copy link").click()
	var link string
	p.eventually("a link", func() (bool, error) {
		link = eval[string](p, `window.copied ?? ''`)
		return link != "", nil
	})
	_, fragment, ok := strings.Cut(link, "#")
	if !ok || !strings.HasPrefix(fragment, "demo=1.") || len(fragment) > 8<<10 {
		t.Fatalf("the link is %q", link)
	}
	p.by("region", "Opened demo").by("button", "Run").click()
	p.passes(3, ", passed")
	want := p.ticks()

	other := browse(t, s)
	other.at("?pace=0", "#"+fragment)
	sheet := other.by("region", "Opened demo")
	sheet.shows("Somebody knocks", fmt.Sprintf("listens on 127.0.0.1:%d", port))
	if n := eval[int](other, `document.querySelectorAll('article').length`); n != 0 {
		t.Errorf("%d sockets are open before Run", n)
	}
	eval[bool](p, `(document.querySelector('.story-more').click(), true)`)
	p.by("article", "Listener S1").by("button", "Close").click() // the port is free again
	sheet.by("button", "Run").click()
	other.passes(3, ", passed")
	if got := other.ticks(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the other browser has the ticks %q, want %q", got, want)
	}

	for fragment, want := range map[string]string{
		"demo=rubbish.and.more": "This link is damaged",
		"demo=1.AAAA":           "This link is damaged",
		"demo=%F0%9F%92%A3":     "This link is damaged",
		"demo=7.abc":            "another version",
		"demo=no-such-demo":     "There is no demo of that name here.",
	} {
		other.at("", "#"+fragment)
		other.by("region", "Opened demo").shows("This demo cannot be opened", want)
	}
	other.by("button", "Demos").click()
	other.by("region", "Demos").by("button", "Run the handshake demo").appears()
}

// The run is the server's: a page that is loaded again in the middle of it has all of its story.
func TestDemoReload(t *testing.T) { everywhere(t, demoReload) }

func demoReload(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.at("", "")
	p.drop("knock.yaml", knock(freePort(t)))
	p.by("region", "Opened demo").by("button", "Run").click()
	p.story(2, 3).appears()
	p.reload()
	p.by("heading", "Somebody knocks").appears()
	p.passes(3, ", passed")
	p.story(3, 3).shows("All 4 checks passed.")
}

// A file that is no demo says where it is wrong, and one that is too large is not read.
func TestDemoBadFile(t *testing.T) {
	p := browse(t, start(t))
	bad := strings.Replace(knock(8330), "accept: S1", "knock: S1", 1)
	before, _, _ := strings.Cut(bad, "knock: S1")
	line := fmt.Sprintf("line %d, column", strings.Count(before, "\n")+1)
	p.drop("bad.yaml", bad)
	p.eventually("the error's line", func() (bool, error) {
		return strings.Contains(eval[string](p, `document.getElementById('toasts').innerText`), line), nil
	})
	p.drop("large.yaml", strings.Repeat("# long\n", 5000))
	p.eventually("the size to be refused", func() (bool, error) {
		return strings.Contains(eval[string](p, `document.getElementById('toasts').innerText`), "larger than 32 KiB"), nil
	})
}

// Without a mouse: search, arrows, Enter.
func TestDemoKeyboard(t *testing.T) { everywhere(t, demoKeyboard) }

func demoKeyboard(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.by("region", "Demos").shows("Handshake and close")
	p.press("/")
	p.press("handshake and close")
	p.press(kb.ArrowDown)
	p.enter()
	p.by("region", "Opened demo").shows("Handshake and close", "What it will do")
	p.press(kb.Escape)
	p.by("searchbox", "Search demos").fill("zzzzqq")
	p.by("region", "Demos").shows("Nothing has that. The nearest:")
}

// Who types what people call a thing finds it, in either language: demos by keywords and by what their steps say, and
// actions by what else they are called.
func TestFoundByItsWords(t *testing.T) {
	p := browse(t, start(t))
	for word, title := range map[string]string{
		"粘包": "A byte stream, not messages", "半连接队列": "The lost third ACK", "SO_REUSEADDR": "Address already in use", "心跳": "The peer vanishes while I am idle",
		"too many open files": "The CLOSE_WAIT leak", "cannot assign requested address": "Out of ports",
	} {
		p.by("searchbox", "Search demos").fill(word)
		p.by("region", "Demos").shows(title)
	}
	for word, action := range map[string]string{"wireshark": "Save pcapng", "抓包": "Save pcapng", "filter": "Filter segments", "粘包": "A byte stream, not messages"} {
		p.must(p.driver.control("k"))
		p.by("combobox", "Command or socket").fill(word)
		p.by("listbox", "Commands and sockets").shows(action)
		p.press(kb.Escape)
	}
}

// What was done by hand becomes a demo, which is shown first and does the same when it runs.
func TestDemoSaved(t *testing.T) {
	p := browse(t, start(t))
	p.at("?pace=0", "")
	address := p.serve("Echo")
	p.connect(address)
	c1 := p.by("article", "Socket C1")
	c1.shows("ESTABLISHED")
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	c1.shows("Wrote 5 B", "Read 5 B")

	p.by("button", "Save as demo").click()
	title := p.by("textbox", "Title of the demo")
	title.fill("")
	p.by("button", "Open as a demo").click()
	p.by("dialog", "Save as demo").shows("Type a title for the demo.")
	title.fill("An echo by hand")
	p.by("button", "Open as a demo").click()
	sheet := p.by("region", "Opened demo")
	sheet.shows("An echo by hand", "listens on "+address, "dials S1", "C1 writes \"hello\"")
	sheet.by("button", "Run").click()
	p.by("button", "Close and run").click()
	p.by("heading", "An echo by hand").appears()
	p.passes(3, ", passed")
	c1.shows("Wrote 5 B")
}

// While the demos load there is a place for them, and where they cannot be loaded a way to try again.
func TestDemosLoad(t *testing.T) {
	p := browse(t, start(t))
	err := chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `
			const load = window.fetch;
			window.fetch = (what, how) => what !== 'demos' || window.may ? load(what, how) : new Promise((_, refuse) => { window.refuse = refuse; });`})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	p.at("", "")
	gallery := p.by("region", "Demos")
	gallery.by("status", "The demos are loading").appears()
	eval[bool](p, `(window.may = true, window.refuse(new TypeError('no network')), true)`)
	gallery.shows("The demos could not be loaded.")
	gallery.by("button", "Retry").click()
	gallery.shows("Handshake and close")
}
