package wire_test

import (
	"math"
	"testing"

	"socketplayground/playground/wire"
)

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, field string
		impairment  wire.Impairment
	}{
		{"negative delay", "delay_ms", wire.Impairment{Delay: -1}},
		{"long delay", "delay_ms", wire.Impairment{Delay: wire.MaxDelay + 1}},
		{"negative jitter", "jitter_ms", wire.Impairment{Jitter: -1}},
		{"long jitter", "jitter_ms", wire.Impairment{Jitter: wire.MaxDelay + 1}},
		{"negative loss", "loss_pct", wire.Impairment{Loss: -0.1}},
		{"loss of more than all", "loss_pct", wire.Impairment{Loss: 100.1}},
		{"loss that is no number", "loss_pct", wire.Impairment{Loss: math.NaN()}},
		{"duplicate", "duplicate_pct", wire.Impairment{Duplicate: 101}},
		{"reorder", "reorder_pct", wire.Impairment{Reorder: math.Inf(1)}},
		{"corrupt", "corrupt_pct", wire.Impairment{Corrupt: -1}},
		{"negative rate", "rate_kbps", wire.Impairment{RateKbps: -1}},
		{"high rate", "rate_kbps", wire.Impairment{RateKbps: wire.MaxRateKbps + 1}},
		{"negative queue", "queue", wire.Impairment{Queue: -1}},
		{"long queue", "queue", wire.Impairment{Queue: wire.MaxQueue + 1}},
		{"small MTU", "mtu", wire.Impairment{MTU: wire.MinMTU - 1}},
		{"large MTU", "mtu", wire.Impairment{MTU: wire.MaxMTU + 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := wire.New(newPort(), newPort(), &counter{})
			before := w.Settings()
			refused(t, w.SetSettings(wire.Settings{Cut: true, ToServer: tt.impairment}), wire.CodeInvalidArgument, "to_server."+tt.field)
			refused(t, w.SetSettings(wire.Settings{Cut: true, ToClient: tt.impairment}), wire.CodeInvalidArgument, "to_client."+tt.field)
			if w.Settings() != before {
				t.Errorf("refused, and yet it is %+v", w.Settings())
			}
		})
	}
}

func TestSettingsReadBack(t *testing.T) {
	t.Parallel()
	w := wire.New(newPort(), newPort(), &counter{})
	plain := wire.Impairment{Queue: wire.DefaultQueue, MTU: wire.DefaultMTU}
	if got, want := w.Settings(), (wire.Settings{ToServer: plain, ToClient: plain, Seed: 1}); got != want {
		t.Errorf("made as %+v, want %+v", got, want)
	}
	most := wire.Impairment{Delay: wire.MaxDelay, Jitter: wire.MaxDelay, Loss: 100, Duplicate: 100, Reorder: 100, Corrupt: 100,
		RateKbps: wire.MaxRateKbps, Queue: wire.MaxQueue, MTU: wire.MaxMTU}
	want := wire.Settings{ToServer: most, ToClient: plain, Step: true, Cut: true, Seed: -5}
	if err := w.SetSettings(wire.Settings{ToServer: most, Step: true, Cut: true, Seed: -5}); err != nil || w.Settings() != want {
		t.Errorf("set to %+v, %v; want %+v", w.Settings(), err, want)
	}
}
