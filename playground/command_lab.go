package playground

// WatchPort shows other programs' sockets on a port of this machine.
type WatchPort struct {
	Port int  `json:"port"`
	On   bool `json:"on"`
}

// OpenLab opens the session's Lab, if there is none; CloseLab ends it.
type (
	OpenLab struct {
		QuickAck *bool `json:"quick_ack"`
	}
	CloseLab struct{}
)

// SetQuickAck asks the hosts' routes for an ACK at once, or no longer.
type SetQuickAck struct {
	On bool `json:"on"`
}

// SetKernel sets a kernel setting of one host, or of both.
type SetKernel struct {
	Host  string `json:"host"`
	Name  string `json:"name"`
	Value string `json:"value"`
	Reset bool   `json:"reset"`
	// Optional: where the kernel has not got it, nothing is set and nothing is wrong.
	Optional bool `json:"optional"`
}

// SetWire changes what is given, or sets all by a preset.
type SetWire struct {
	ToServer *ImpairmentChange `json:"to_server"`
	ToClient *ImpairmentChange `json:"to_client"`
	Step     *bool             `json:"step"`
	Cut      *bool             `json:"cut"`
	Seed     *int64            `json:"seed"`
	Preset   string            `json:"preset"`
}

// ImpairmentChange is an Impairment of which only some fields change.
type ImpairmentChange struct {
	DelayMS      *float64 `json:"delay_ms"`
	JitterMS     *float64 `json:"jitter_ms"`
	LossPct      *float64 `json:"loss_pct"`
	DuplicatePct *float64 `json:"duplicate_pct"`
	ReorderPct   *float64 `json:"reorder_pct"`
	CorruptPct   *float64 `json:"corrupt_pct"`
	RateKbps     *int     `json:"rate_kbps"`
	Queue        *int     `json:"queue"`
	MTU          *int     `json:"mtu"`
}

// AddRule gives the wire one more rule.
type AddRule struct {
	On             *bool   `json:"on"`
	Direction      string  `json:"direction"`
	Flags          string  `json:"flags"`
	Next           int     `json:"next"`
	Every          int     `json:"every"`
	MinLen         *int    `json:"min_len"`
	MaxLen         *int    `json:"max_len"`
	Text           string  `json:"text"`
	Retransmission *bool   `json:"retransmission"`
	Socket         string  `json:"socket"`
	Action         string  `json:"action"`
	DelayMS        float64 `json:"delay_ms"`
}

// SetRule switches a rule on or off; RemoveRule removes it.
type (
	SetRule struct {
		Rule int  `json:"rule"`
		On   bool `json:"on"`
	}
	RemoveRule struct {
		Rule int `json:"rule"`
	}
)

// HoldSegment, DeliverSegment, DropSegment and DuplicateSegment act on a segment that is on the wire.
type (
	HoldSegment struct {
		Segment uint64 `json:"segment"`
	}
	DeliverSegment struct {
		Segment uint64 `json:"segment"`
		Oldest  bool   `json:"oldest"`
	}
	DropSegment struct {
		Segment uint64 `json:"segment"`
	}
	DuplicateSegment struct {
		Segment uint64 `json:"segment"`
	}
)

// SkipTimeWait ends a TIME_WAIT in the Lab.
type SkipTimeWait struct {
	Socket string `json:"socket"`
}

// Segments asks for segments that were summarised, or are no longer in the log.
type Segments struct {
	First  uint64 `json:"first"`
	Last   uint64 `json:"last"`
	Socket string `json:"socket"`
}

// SavePcapng makes a file of segments.
type SavePcapng struct {
	Sockets  []string `json:"sockets"`
	Segments []uint64 `json:"segments"`
}
