package playground

import (
	"slices"
	"testing"

	"socketplayground/playground/demo"
)

// TestDemoWords: the words of demo files are the engine's.
func TestDemoWords(t *testing.T) {
	reasons := []string{ReasonRefused, ReasonTimedOut, ReasonResetSent, ReasonResetReceived, ReasonAborted, ReasonTimeWaitOver,
		ReasonAcknowledged, ReasonNeverOpened, ReasonClosed, ReasonDestroyed, ReasonUnknown}
	if !slices.Equal(demo.Reasons, reasons) {
		t.Errorf("the reasons are %v, want %v", demo.Reasons, reasons)
	}
	own := []string{"start_program", "kill"} // a demo's alone
	for _, c := range demo.Commands {
		if commands[c] == nil && !slices.Contains(own, c) {
			t.Errorf("%s is no command", c)
		}
	}
	page := []string{"payload", "segments", "save_pcapng", "close_lab", "hold_segment", "drop_segment", "duplicate_segment",
		"code", "run_demo", "control_demo", "predict_demo", "read_demo", "save_demo"} // the page's alone
	for c := range commands {
		if !slices.Contains(demo.Commands, c) && !slices.Contains(page, c) {
			t.Errorf("may a demo %s?", c)
		}
	}
}
