package playground

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
)

// LabView is what the events say about the session's Lab.
type LabView struct {
	Backend  string
	Reason   string
	Hosts    map[string][]string
	QuickAck bool
	OpenedNS int64
	Wire     *WireSettings
	Kernel   map[string]map[string]string // by host; values are replaced, never changed
	Defaults map[string]string
	Flying   map[uint64]*FlyingView // by number
}

// FlyingView is a segment on the wire.
type FlyingView struct {
	Sent *SegmentSent
	Held *HeldView
}

// HeldView says why a segment waits, and since when.
type HeldView struct {
	By   string `json:"by"`
	Rule int64  `json:"rule,omitempty"`
	AtNS int64  `json:"at_ns"`
}

// applyLab takes an event about the Lab, its wire, or a watched port; it says whether it was one.
func (s *Snapshot) applyLab(e Event) bool {
	switch e := e.(type) {
	case *PortWatched:
		if e.On {
			s.Ports[e.Port] = true
		} else {
			delete(s.Ports, e.Port)
		}
		return true
	case *LabOpened:
		s.Lab = &LabView{Backend: e.Backend, Reason: e.Reason, Hosts: e.Hosts, QuickAck: e.QuickAck, OpenedNS: e.AtNS,
			Kernel: map[string]map[string]string{}, Flying: map[uint64]*FlyingView{}}
		return true
	case *LabClosed:
		s.Lab = nil
		return true
	case *SegmentsSummarised:
		return true
	}
	return s.Lab != nil && s.Lab.apply(e)
}

func (l *LabView) apply(e Event) bool {
	switch e := e.(type) {
	case *QuickAckSet:
		l.QuickAck = e.On
	case *KernelSettingsRead:
		l.Kernel[e.Host] = merged(l.Kernel[e.Host], e.Settings)
		if len(e.Defaults) > 0 {
			l.Defaults = e.Defaults
		}
	case *WireChanged:
		l.Wire = &e.Wire
	case *SegmentSent:
		if e.Network == "lab" {
			l.Flying[e.Segment] = &FlyingView{Sent: e}
		}
	case *SegmentLanded:
		delete(l.Flying, e.Segment)
	case *WireIntervened:
		l.intervened(e)
	default:
		return false
	}
	return true
}

func (l *LabView) intervened(e *WireIntervened) {
	f := l.Flying[e.Segment]
	switch e.Action {
	case "dropped":
		delete(l.Flying, e.Segment)
	case "held":
		if f != nil {
			l.Flying[e.Segment] = &FlyingView{Sent: f.Sent, Held: &HeldView{By: e.By, Rule: e.Rule, AtNS: e.AtNS}}
		}
	case "released":
		if f != nil {
			l.Flying[e.Segment] = &FlyingView{Sent: f.Sent}
		}
	case "duplicated":
		if f != nil && e.Copy != 0 {
			sent := *f.Sent
			sent.Segment, sent.Of, sent.LeftNS = e.Copy, e.Segment, e.AtNS
			l.Flying[e.Copy] = &FlyingView{Sent: &sent}
		}
	}
}

func (l *LabView) clone() *LabView {
	if l == nil {
		return nil
	}
	c := *l
	c.Kernel, c.Flying = maps.Clone(l.Kernel), maps.Clone(l.Flying) // values are never changed
	return &c
}

// MarshalJSON gives the form of the protocol.
func (l *LabView) MarshalJSON() ([]byte, error) {
	flying := slices.SortedFunc(maps.Values(l.Flying), func(a, b *FlyingView) int { return cmp.Compare(a.Sent.Segment, b.Sent.Segment) })
	return json.Marshal(struct {
		Backend  string                       `json:"backend"`
		Reason   string                       `json:"reason,omitempty"`
		Hosts    map[string][]string          `json:"hosts"`
		QuickAck bool                         `json:"quick_ack"`
		OpenedNS int64                        `json:"opened_ns"`
		Wire     *WireSettings                `json:"wire,omitempty"`
		Kernel   map[string]map[string]string `json:"kernel"`
		Defaults map[string]string            `json:"kernel_defaults,omitempty"`
		Flying   []*FlyingView                `json:"flying"`
	}{l.Backend, l.Reason, l.Hosts, l.QuickAck, l.OpenedNS, l.Wire, l.Kernel, l.Defaults, orEmpty(flying)})
}

// MarshalJSON is the segment's event with held beside its fields.
func (f *FlyingView) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		*SegmentSent
		Held *HeldView `json:"held,omitempty"`
	}{f.Sent, f.Held})
}
