package playground

import (
	"encoding/json"
	"maps"
	"slices"
)

// PortWatched says that other programs' sockets on a port of this machine are shown, or no longer.
type PortWatched struct {
	Header
	Port int  `json:"port"`
	On   bool `json:"on"`
}

// LabOpened says that the session has two hosts of its own, and a wire between them.
type LabOpened struct {
	Header
	Backend  string              `json:"backend"`
	Reason   string              `json:"reason,omitempty"`
	Hosts    map[string][]string `json:"hosts"`
	QuickAck bool                `json:"quick_ack,omitempty"`
}

// LabClosed says that they are gone.
type LabClosed struct {
	Header
	Reason string `json:"reason,omitempty"`
}

// QuickAckSet says whether the hosts' routes ask for an ACK at once.
type QuickAckSet struct {
	Header
	On bool `json:"on"`
}

// KernelSettingsRead carries values read back from a host's kernel.
type KernelSettingsRead struct {
	Header
	Host     string            `json:"host"`
	Settings map[string]string `json:"settings"`
	Defaults map[string]string `json:"defaults,omitempty"`
}

// WireChanged carries the whole of the wire's settings.
type WireChanged struct {
	Header
	Wire WireSettings `json:"wire"`
}

// WireSettings is what the wire does.
type WireSettings struct {
	ToServer Impairment `json:"to_server"`
	ToClient Impairment `json:"to_client"`
	Step     bool       `json:"step"`
	Cut      bool       `json:"cut"`
	Preset   string     `json:"preset"`
	Seed     int64      `json:"seed"`
	Rules    []WireRule `json:"rules"`
}

// Impairment is what the wire does to all packets of a direction.
type Impairment struct {
	DelayMS      float64 `json:"delay_ms"`
	JitterMS     float64 `json:"jitter_ms"`
	LossPct      float64 `json:"loss_pct"`
	DuplicatePct float64 `json:"duplicate_pct"`
	ReorderPct   float64 `json:"reorder_pct"`
	CorruptPct   float64 `json:"corrupt_pct"`
	RateKbps     int     `json:"rate_kbps"`
	Queue        int     `json:"queue"`
	MTU          int     `json:"mtu"`
}

// WireRule is what the wire does to segments that match.
type WireRule struct {
	Rule           int     `json:"rule"`
	On             bool    `json:"on"`
	Direction      string  `json:"direction"`
	Flags          string  `json:"flags,omitempty"`
	Next           int     `json:"next,omitempty"`
	Every          int     `json:"every,omitempty"`
	MinLen         *int    `json:"min_len,omitempty"`
	MaxLen         *int    `json:"max_len,omitempty"`
	Text           string  `json:"text,omitempty"`
	Retransmission *bool   `json:"retransmission,omitempty"`
	Socket         string  `json:"socket,omitempty"`
	Action         string  `json:"action"`
	DelayMS        float64 `json:"delay_ms,omitempty"`
	Hits           int     `json:"hits"`
}

func (*PortWatched) kind() string        { return "port_watched" }
func (*LabOpened) kind() string          { return "lab_opened" }
func (*LabClosed) kind() string          { return "lab_closed" }
func (*QuickAckSet) kind() string        { return "quick_ack_set" }
func (*KernelSettingsRead) kind() string { return "kernel_settings_read" }
func (*WireChanged) kind() string        { return "wire_changed" }

func (e *PortWatched) appendFields(w *jsonWriter) {
	w.int("port", int64(e.Port))
	w.bool("on", e.On)
}

func (e *LabOpened) appendFields(w *jsonWriter) {
	w.str("backend", e.Backend)
	w.optStr("reason", e.Reason)
	w.object("hosts", func(w *jsonWriter) {
		for _, host := range slices.Sorted(maps.Keys(e.Hosts)) {
			w.name(host)
			w.strings(e.Hosts[host])
		}
	})
	w.optTrue("quick_ack", e.QuickAck)
}

func (e *LabClosed) appendFields(w *jsonWriter) { w.optStr("reason", e.Reason) }

func (e *QuickAckSet) appendFields(w *jsonWriter) { w.bool("on", e.On) }

func (e *KernelSettingsRead) appendFields(w *jsonWriter) {
	w.str("host", e.Host)
	w.strMap("settings", e.Settings)
	if len(e.Defaults) > 0 {
		w.strMap("defaults", e.Defaults)
	}
}

// appendFields uses encoding/json: the wire is changed by hand, a few times a second at most.
func (e *WireChanged) appendFields(w *jsonWriter) {
	w.key("wire")
	b, err := json.Marshal(e.Wire)
	if err != nil { // a NaN, which no setting can be
		b = []byte("null")
	}
	w.buf = append(w.buf, b...)
}
