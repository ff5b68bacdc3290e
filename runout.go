package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
	"socketplayground/playground/kernel"
)

// result is what became of a demo, as -json writes it.
type result struct {
	Demo        string        `json:"demo"`
	Title       string        `json:"title"`
	Network     string        `json:"network"`
	Kernel      kernel.Kernel `json:"kernel"` // on which it ran
	Verdict     string        `json:"verdict"`
	Passed      int           `json:"passed"`
	Failed      int           `json:"failed"`
	NotObserved int           `json:"not_observed"`
	Message     string        `json:"message,omitempty"`
	Seconds     float64       `json:"seconds"`
	Steps       []stepResult  `json:"steps"`
}

type stepResult struct {
	Title  string        `json:"title"`
	Checks []checkResult `json:"checks"`
}

type checkResult struct {
	Check   string `json:"check"`
	Verdict string `json:"verdict"` // empty: the run ended before
	Detail  string `json:"detail,omitempty"`
}

// unseen are the reasons why something was not observed, each once.
func (r *result) unseen() []string {
	var list []string
	for _, s := range r.Steps {
		for _, c := range s.Checks {
			if c.Verdict == playground.VerdictNotObserved && !slices.Contains(list, c.Detail) {
				list = append(list, c.Detail)
			}
		}
	}
	if r.Verdict == playground.VerdictNotObserved && len(list) == 0 {
		list = append(list, r.Message)
	}
	return list
}

// progress writes a run as it goes.
type progress struct {
	w      io.Writer
	cfg    runConfig
	number int
	demo   *demo.Demo        // as it is on this kernel, once it runs
	lacks  map[string]string // what the kernel has not, and why: of the kernel settings that the demo asks about
	result *result
	ladder *ladder
	tests  int // TAP's, so far
	began  time.Time
}

func newProgress(w io.Writer, cfg runConfig, number int, f demos.File, network string) *progress {
	r := &result{Demo: f.ID, Title: f.Demo.Title.In(cfg.language), Network: network, Kernel: kernel.This()}
	p := &progress{w: w, cfg: cfg, number: number, demo: f.Demo, result: r, ladder: newLadder(), began: time.Now()}
	p.plan()
	return p
}

// plan makes a place for the verdict of each check.
func (p *progress) plan() {
	p.result.Steps = nil
	for _, s := range p.demo.Steps {
		step := stepResult{Title: s.Title.In(p.cfg.language), Checks: []checkResult{}}
		for _, c := range s.Checks {
			text := c.String()
			if p.cfg.language == "zh" {
				text = c.ZH()
			}
			step.Checks = append(step.Checks, checkResult{Check: text})
		}
		p.result.Steps = append(p.result.Steps, step)
	}
}

// say writes a line of the subtest that a demo is; TAP indents those by four.
func (p *progress) say(format string, args ...any) {
	if p.cfg.json {
		return
	}
	for _, line := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		fmt.Fprintln(p.w, strings.TrimRight("    "+line, " "))
	}
}

func (p *progress) begin() {
	where := chosen(p.cfg.language, "this machine", "本机")
	if p.result.Network == demo.NetworkLab {
		where = chosen(p.cfg.language, "the Lab", "实验室")
	}
	if !p.cfg.json {
		fmt.Fprintf(p.w, "# Subtest: %s: %s (%s)\n", p.demo.ID, clean(p.result.Title), where)
	}
}

// event takes an event of the run; it says whether that was the last.
func (p *progress) event(e playground.Event) (last bool) {
	at := playground.ToldAt(e)
	switch e := e.(type) {
	case *playground.DemoStarted:
		p.lacks = e.Lacks
		p.demo = p.demo.On(func(setting string) bool { return e.Lacks[setting] != "" })
		p.plan()
	case *playground.DemoStepStarted:
		if !p.cfg.brief {
			s := p.demo.Steps[e.Step]
			story := s.Story.In(p.cfg.language)
			if s.KernelHas != "" {
				story = said(p.cfg.language, p.lacks[s.KernelHas]) + "\n" + story
			}
			p.note(at, "#\n# %d/%d %s\n%s\n#", e.Step+1, len(p.demo.Steps), clean(s.Title.In(p.cfg.language)), comment(story))
		}
	case *playground.DemoCheckDecided:
		if e.Check != nil {
			p.decided(at, e.Step, *e.Check, e.Verdict, said(p.cfg.language, e.Detail))
		}
	case *playground.DemoFinished:
		p.result.Verdict, p.result.Message = e.Verdict, said(p.cfg.language, e.Message)
		p.result.Passed, p.result.Failed, p.result.NotObserved = e.Passed, e.Failed, e.NotObserved
		last = true
	case *playground.EventsLost:
		p.note(at, "# %d %s", e.Count, clean(said(p.cfg.language, e.What)))
	default:
		if !p.cfg.brief && !p.cfg.json {
			p.ladder.add(e)
		}
	}
	p.write(at - int64(settled))
	return last
}

// note says something at its time among the lines of the ladder.
func (p *progress) note(at int64, format string, args ...any) {
	p.ladder.insert(ladderLine{at: at, text: fmt.Sprintf(format, args...), note: true})
}

// write writes what lies before a time.
func (p *progress) write(until int64) {
	for _, line := range p.ladder.take(until) {
		p.say("%s", line)
	}
}

func (p *progress) decided(at int64, step, check int, verdict, detail string) {
	c := &p.result.Steps[step].Checks[check]
	c.Verdict, c.Detail = verdict, detail
	p.tests++
	ok, skip := "ok", ""
	switch verdict {
	case playground.VerdictFailed:
		ok = "not ok"
	case playground.VerdictNotObserved:
		skip = p.skip(detail)
	}
	p.note(at, "%s %d - %s%s", ok, p.tests, described(c.Check), skip)
	if verdict == playground.VerdictFailed {
		p.note(at, "  ---\n  message: %s\n  ...", quoted(detail))
	}
}

// skip is the directive of what could not be observed.
func (p *progress) skip(why string) string {
	return chosen(p.cfg.language, " # SKIP not observed: ", " # SKIP 未能观察：") + clean(why)
}

// described is a text as the description of a test: no # in it begins a directive. What backslashes before others mean is
// left open by TAP 13, so that they are doubled only where there is a #.
func described(s string) string {
	s = clean(s)
	if strings.Contains(s, "#") {
		s = strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(s)
	}
	return s
}

// quoted is a text as YAML's double quotes have it, which are JSON's.
func quoted(s string) string {
	b, _ := jsonLine(s) // a string always can be
	return string(b)
}

// comment puts a # before each line, broken at 100 columns.
func comment(text string) string {
	var out []string
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		line, width := "#", 0
		for _, word := range strings.Fields(paragraph) {
			if width > 0 && width+columns(word) > 96 {
				out = append(out, line)
				line, width = "#", 0
			}
			word = clean(word)
			line += " " + word
			width += columns(word) + 1
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// refused ends a demo that could not run, or not to its end.
func (p *progress) refused(err error) *result {
	p.result.Verdict, p.result.Message = playground.VerdictFailed, said(p.cfg.language, err.Error())
	var refusal *playground.Error
	if errors.As(err, &refusal) {
		p.result.Message = said(p.cfg.language, refusal.Message)
		if refusal.Code == playground.CodeUnsupported {
			p.result.Verdict = playground.VerdictNotObserved
		}
	}
	return p.end()
}

// end writes the demo's own line.
func (p *progress) end() *result {
	p.result.Seconds = float64(time.Since(p.began).Milliseconds()) / 1000
	p.write(math.MaxInt64)
	if p.cfg.json {
		b, err := jsonLine(p.result)
		if err == nil {
			fmt.Fprintf(p.w, "%s\n", b)
		}
		return p.result
	}
	p.say("1..%d", p.tests)
	ok, note := "ok", ""
	switch p.result.Verdict {
	case playground.VerdictPassed:
	case playground.VerdictNotObserved:
		note = p.skip(strings.Join(p.result.unseen(), " "))
	default:
		ok = "not ok"
	}
	fmt.Fprintf(p.w, chosen(p.cfg.language, "%s %d - %s: %d passed, %d failed, %d not observed, %.1f s%s\n", "%s %d - %s：%d 个通过，%d 个失败，%d 个未能观察，%.1f 秒%s\n"), ok, p.number+1, p.demo.ID,
		p.result.Passed, p.result.Failed, p.result.NotObserved, p.result.Seconds, note)
	if p.result.Message != "" && ok != "ok" {
		fmt.Fprintf(p.w, "  ---\n  message: %s\n  ...\n", quoted(p.result.Message))
	}
	return p.result
}

// kept says what became of the files that were asked for, where they were not written.
func (p *progress) kept(err error) {
	var refusal *playground.Error
	verdict := playground.VerdictFailed
	switch {
	case err == nil:
		return
	case errors.As(err, &refusal) && (refusal.Code == playground.CodeNotFound || refusal.Code == playground.CodeUnsupported):
		verdict = playground.VerdictNotObserved // there are no segments, or they cannot be seen here
	}
	if verdict == playground.VerdictFailed || p.result.Verdict == playground.VerdictPassed {
		p.result.Verdict = verdict
	}
	why := said(p.cfg.language, err.Error())
	p.result.Message = strings.TrimSpace(p.result.Message + " " + why)
	p.say("# %s", clean(why))
}

// openFiles opens the files that are to be written, so that one that cannot be is told before anything runs.
func (cfg *runConfig) openFiles() (err error) {
	if cfg.pcapng != "" {
		if cfg.pcapngFile, err = openSaved(cfg.pcapng); err != nil {
			return fmt.Errorf("-pcapng: %w", err)
		}
	}
	if cfg.record != "" {
		if cfg.recordFile, err = openSaved(cfg.record); err != nil {
			cfg.pcapngFile.abandon()
			return fmt.Errorf("-record: %w", err)
		}
	}
	if cfg.pcapngFile != nil && cfg.recordFile != nil && cfg.pcapngFile.path == cfg.recordFile.path {
		cfg.pcapngFile.abandon()
		cfg.recordFile.abandon()
		return fmt.Errorf("-pcapng and -record both write to %s; name two files", cfg.record)
	}
	return nil
}

// keep writes the files that were asked for.
func keep(ctx context.Context, cfg runConfig, engine *playground.Manager, session *playground.Session) error {
	var none error
	if cfg.pcapngFile != nil {
		reply, err := session.Do(ctx, &playground.SavePcapng{})
		if err != nil {
			none = fmt.Errorf("no segments are written: %w", err)
		} else if _, write, ok := engine.Export(reply.Download); !ok {
			none = errors.New("no segments are written: there is no room to keep them")
		} else {
			none = cfg.pcapngFile.save(write)
		}
	}
	if cfg.recordFile == nil {
		return none
	}
	return errors.Join(none, cfg.recordFile.save(func(w io.Writer) error {
		b, err := json.Marshal(recordingHead{1, session.Started().UTC(), kernel.This()})
		if err != nil {
			return err
		}
		for _, e := range session.Log().Events(0) {
			b = playground.AppendEvent(append(b, '\n'), e)
		}
		_, err = w.Write(append(b, '\n'))
		return err
	}))
}

// recordingHead is a recording's first line.
type recordingHead struct {
	Recording int           `json:"recording"` // the format's version
	StartedAt time.Time     `json:"started_at"`
	Kernel    kernel.Kernel `json:"kernel"` // whose sockets were seen
}

// output is what a demo writes while others before it are not done: it is read from its beginning, and ends with Close.
type output struct {
	mu     sync.Mutex
	more   sync.Cond
	kept   bytes.Buffer
	closed bool
}

func newOutput() *output {
	o := &output{}
	o.more.L = &o.mu
	return o
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.more.Signal()
	return o.kept.Write(b)
}

func (o *output) Read(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.kept.Len() == 0 && !o.closed {
		o.more.Wait()
	}
	return o.kept.Read(b)
}

func (o *output) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.more.Signal()
	return nil
}
