package demo_test

import (
	"testing"
	"time"

	"socketplayground/playground/demo"
)

// TestReadingTime: words and Chinese characters each at their own rate, in either language, within bounds.
func TestReadingTime(t *testing.T) {
	for _, tt := range []struct {
		en, zh, language string
		want             time.Duration
	}{
		{"Dial sends a SYN, and waits in SYN_SENT: it's open.", "", "en", 10 * 300 * time.Millisecond},
		{"Dial", "客户端发出一个SYN，进入 SYN_SENT。", "zh", 9*200*time.Millisecond + 2*300*time.Millisecond},
		{"only English, read on the Chinese page in ten words", "", "zh", 10 * 300 * time.Millisecond},
		{"short", "短", "en", 2 * time.Second},
		{"short", "短", "zh", 2 * time.Second},
		{string(make([]byte, 0)), "", "en", 2 * time.Second},
	} {
		s := &demo.Step{Story: demo.Text{EN: tt.en, ZH: tt.zh}}
		if got := s.ReadingTime(tt.language); got != tt.want {
			t.Errorf("%q / %q in %s: %v, want %v", tt.en, tt.zh, tt.language, got, tt.want)
		}
	}
	long := &demo.Step{}
	for range 1000 {
		long.Story.EN += "word "
	}
	if got := long.ReadingTime("en"); got != 15*time.Second {
		t.Errorf("a long story: %v", got)
	}
	d := &demo.Demo{Seconds: 4, Steps: []demo.Step{*long, *long, {}}}
	if got, want := d.Takes(), (demo.Seconds{EN: 30, ZH: 30}); got != want {
		t.Errorf("two long stories and 4 s of its own beside them: %+v", got)
	}
}
