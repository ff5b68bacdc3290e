package playground

// Behavior is what a listener does with each connection it gets.
type Behavior string

// The behaviours.
const (
	BehaviorManual      Behavior = "manual"       // the user accepts, reads and writes
	BehaviorEcho        Behavior = "echo"         // write back what was read, close on EOF
	BehaviorDiscard     Behavior = "discard"      // read and forget, close on EOF
	BehaviorGreet       Behavior = "greet"        // write a banner first, then read by itself
	BehaviorSlowRead    Behavior = "slow_read"    // read a little, wait, read a little
	BehaviorNeverRead   Behavior = "never_read"   // accept, then leave it alone
	BehaviorNeverAccept Behavior = "never_accept" // let the accept queue fill
	BehaviorHangUp      Behavior = "hang_up"      // accept and close at once
	BehaviorReset       Behavior = "reset"        // accept and reset at once
)

// BehaviorSettings tune a behaviour.
type BehaviorSettings struct {
	Banner     string `json:"banner,omitempty"`      // greet: text with escapes
	Bytes      int64  `json:"bytes,omitempty"`       // slow_read: bytes a Read
	IntervalMS int64  `json:"interval_ms,omitempty"` // slow_read: pause between Reads
}

// accepts says whether the behaviour calls Accept by itself.
func (b Behavior) accepts() bool { return b != BehaviorManual && b != BehaviorNeverAccept }

func (b Behavior) known() bool {
	switch b {
	case BehaviorManual, BehaviorEcho, BehaviorDiscard, BehaviorGreet, BehaviorSlowRead,
		BehaviorNeverRead, BehaviorNeverAccept, BehaviorHangUp, BehaviorReset:
		return true
	}
	return false
}

// checkBehavior validates a behaviour and fills in what the command left out.
func checkBehavior(b Behavior, s *BehaviorSettings) (Behavior, *BehaviorSettings, *Error) {
	if b == "" {
		b = BehaviorManual
	}
	if !b.known() {
		return "", nil, invalid("behavior", "There is no behaviour %q: choose manual, echo, discard, greet, slow_read, never_read, never_accept, hang_up or reset.", clip(string(b), 20))
	}
	var set BehaviorSettings
	if s != nil {
		set = *s
	}
	switch b {
	case BehaviorGreet:
		if set.Banner == "" {
			set.Banner = `220 Socket Playground ready\r\n`
		}
		banner, err := decodeText(set.Banner)
		if err != nil {
			return "", nil, invalid("settings", "The banner: %s", err.Message)
		}
		if len(banner) > MaxBanner {
			return "", nil, refuse(CodeQuotaExceeded, "settings", "The banner has %d bytes; at most %d are allowed.", len(banner), MaxBanner)
		}
	case BehaviorSlowRead:
		if set.Bytes == 0 {
			set.Bytes = 1024
		}
		if set.IntervalMS == 0 {
			set.IntervalMS = 1000
		}
		if set.Bytes < 1 || set.Bytes > MaxChunk {
			return "", nil, invalid("settings", "A slow read takes 1 to %d bytes at a time.", MaxChunk)
		}
		if d, ok := ofMS(set.IntervalMS, MaxInterval); !ok || d == 0 {
			return "", nil, invalid("settings", "A slow read waits 1 to %d ms between reads.", MaxInterval.Milliseconds())
		}
	default:
		return b, nil, nil
	}
	return b, &set, nil
}

// ReadMode says who reads from a connection.
type ReadMode string

// The read modes.
const (
	ReadAuto   ReadMode = "auto"
	ReadManual ReadMode = "manual"
)

func checkReadMode(m, otherwise ReadMode) (ReadMode, *Error) {
	switch m {
	case "":
		return otherwise, nil
	case ReadAuto, ReadManual:
		return m, nil
	}
	return "", invalid("read_mode", "The read mode is auto or manual, not %q.", clip(string(m), 20))
}

// readsByItself says whether a connection of this behaviour reads without being told.
func (b Behavior) readsByItself() bool {
	switch b {
	case BehaviorEcho, BehaviorDiscard, BehaviorGreet, BehaviorSlowRead:
		return true
	}
	return false
}
