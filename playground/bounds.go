package playground

import (
	"time"

	"socketplayground/playground/capture"
	"socketplayground/playground/demo"
	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// Scope is whose a bound is.
type Scope string

// The scopes.
const (
	OfSocket  Scope = "socket"
	OfSession Scope = "session"
	OfViewer  Scope = "viewer"
	OfProcess Scope = "process"
)

// Bound is one bound of the playground.
type Bound struct {
	Name   string
	Scope  Scope
	Bound  int64
	Unit   string
	Worst  int64 // bytes that the process holds at most because of it; 0: those are counted in another row, or it is none
	Reason string
}

// MemoryLimit is what the process asks the Go runtime to stay under, which then collects more often (runtime/debug,
// SetMemoryLimit): more than the worst sum of Bounds, and less than the 2 GiB that the process never needs.
const MemoryLimit = 1792 << 20

// About what one of each takes in memory, reckoned from its fields and stacks and rounded up; a test holds the sum of all
// against a process that is filled, as far as it can be at once.
const (
	socketMemory     = 4 << 10 // remembered: its run-time side and its rows in both snapshots
	descriptorMemory = 8 << 10 // open: the stacks of those who wait in its calls, and its poll descriptor
	sessionMemory    = 128 << 10
	factMemory       = 1 << 10
	flowMemory       = 720      // measured, with its placements
	readerMemory     = 32 << 20 // measured: 23 MiB for 64,000 calls of 4,000 sockets in C
	formerMemory     = 100
	trackedMemory    = 9 << 10 // both directions' histories, at most four times what is remembered of them
)

// Bounds is every bound there is on this side of the page, with its reason; package web has those of viewers. What many
// hold together is in rows of the process, whose Worst adds up: quotas of sessions that multiply are in none.
func Bounds() []Bound {
	count := func(name string, scope Scope, bound int64, unit, reason string) Bound {
		return Bound{Name: name, Scope: scope, Bound: bound, Unit: unit, Reason: reason}
	}
	last := func(name string, scope Scope, bound time.Duration, reason string) Bound {
		return Bound{Name: name, Scope: scope, Bound: bound.Milliseconds(), Unit: "ms", Reason: reason}
	}
	pooled := func(name string, own, common, each int64, unit, reason string) Bound {
		n := own*MaxSessions + common
		return Bound{Name: name, Scope: OfProcess, Bound: n, Unit: unit, Worst: n * each, Reason: reason}
	}
	return []Bound{
		// What all sessions hold together.
		{"sessions", OfProcess, MaxSessions, "sessions", MaxSessions * sessionMemory, "a lecture hall; each has its loop, an inbox, and a Lab's threads"},
		{"kept", OfProcess, KeptBytes, "bytes", KeptBytes, "logs, packets and payloads: the past, of which the largest session's oldest goes first"},
		{"descriptors", OfProcess, MaxDescriptors, "sockets", MaxDescriptors * (descriptorMemory + leastRead), "open sockets, or fewer where the system allows fewer; descriptorsOwn are each session's"},
		pooled("remembered", socketsOwn, socketsCommon, socketMemory, "sockets", "open and closed ones"),
		pooled("waiting", waitingOwn, waitingCommon, 1, "bytes", "data of calls that wait, and payloads on their way into the log"),
		pooled("facts", factsOwn, factsCommon, factMemory, "facts", "about segments, waiting for the sessions' loops"),
		pooled("flows", flowsOwn, flowsCommon, flowMemory, "connections", "that are told apart by their segments"),
		pooled("followed", trackedOwn, trackedCommon, trackedMemory, "connections", "whose sequence numbers are followed"),
		pooled("flying", flyingOwn, flyingCommon, 1, "bytes", "on the wires of all Labs"),
		pooled("exports", exportOwn, exportCommon, 1, "bytes", "of files that wait to be fetched"),
		{"readers", OfProcess, maxReaders, "commands", maxReaders * readerMemory, "that read a whole log: code and save_demo"},
		count("readers of guests", OfProcess, maxGuestReaders, "commands", "of these, so that the user's need not wait for those of guests' sessions"),
		{"former", OfProcess, MaxSessions * maxFormer, "sockets", MaxSessions * maxFormer * formerMemory, "that were removed and whose names segments may still need, maxFormer in each session"},
		count("descriptors of each", OfSession, descriptorsOwn, "sockets", "so that no session can take the last from all others"),
		count("guests", OfProcess, MaxGuestSessions, "sessions", "of those who came with the code, so that the user can always begin one"),
		count("guests of one network", OfProcess, MaxGuestSessions/2, "sessions", "at most half of what the guests from elsewhere leave, so that nobody takes all of it"),
		count("memory", OfProcess, MemoryLimit, "bytes", "what the garbage collector is asked to stay under"),

		// Of a session, within those.
		count("sockets", OfSession, MaxSockets, "sockets", "4,000 connections with both ends here, and room to spare"),
		count("others", OfSession, MaxOthers, "sockets", "a busy port must not drown the session's own"),
		count("dial", OfSession, MaxDialCount, "connections", "that one command opens"),
		count("dialling", OfSession, MaxConcurrentDials, "goroutines", "in connect(2); the rest wait their turn"),
		count("waiting of one", OfSession, WaitingBytes, "bytes", "16 sockets with all that may wait for one"),
		count("waiting call", OfSession, waitingOverhead, "bytes", "what a call is counted for beside its data"),
		count("log events", OfSession, LogEvents, "events", "older ones are folded into the snapshot at the log's base"),
		count("log", OfSession, LogBytes, "bytes", "of JSON; so are they"),
		count("log chunk", OfSession, chunkBytes, "bytes", "of JSON that fall off together; the newest stays"),
		count("first log chunk", OfSession, firstBytes, "bytes", "most sessions are small"),
		count("packets", OfSession, PacketBudget, "bytes", "for the segments command and for pcapng files"),
		count("packet", OfSession, keptOverhead, "bytes", "what a packet is counted for beside its bytes"),
		count("payloads", OfSession, PayloadBudget, "bytes", "of recent payload, for the payload command"),
		count("payload", OfSession, maxKept, "bytes", "kept of one event"),
		count("payload entry", OfSession, payloadOverhead, "bytes", "what a payload is counted for beside its bytes"),
		count("exports of one", OfSession, ExportBytes, "bytes", "of files that wait to be fetched"),
		count("files", OfSession, MaxExports, "files", "that wait to be fetched"),
		last("files wait", OfSession, ExportLife, "a page fetches at once"),
		count("facts of one", OfSession, queueLimit, "facts", "the loop takes some hundred thousand a second"),
		count("flows of one", OfSession, maxSegmentFlows, "connections", "twice the sockets of a session"),
		count("followed of one", OfSession, segment.MaxConnections, "connections", "on this machine, and as many in the Lab"),
		count("placements", OfSocket, maxPlacements, "segments", "that wait to be seen of one end"),
		count("passed", OfSession, passedLimit, "segments", "that a tap has only counted"),
		count("history", OfSession, historyBytes, "bytes", "of commands, for a demo made of them"),
		count("refused dials", OfSession, maxRefused, "dials", "whose listener may still be found"),
		count("watched ports", OfSession, MaxWatchedPorts, "ports", "each is scanned"),
		count("captured ports", OfProcess, capture.MaxPorts, "ports", "what a filter of the kernel has room for"),
		count("captured packet", OfProcess, capture.MaxSnapLen, "bytes", "any packet there is"),
		count("segments reply", OfSession, MaxSegmentsReply, "segments", "that one command gives"),
		count("programs of exec", OfSession, maxRan, "programs", "that are remembered until their host was looked at after their end"),
		count("programs", OfSession, maxCodeCalls, "calls", "in the programs that do what was done"),
		count("sample", OfSession, batchLimit, "sockets", "looked at together"),
		last("session lingers", OfSession, SessionLinger, "a reload must not close its sockets"),
		last("closed socket lingers", OfSession, ClosedLinger, "a person may still be reading it"),
		last("other's socket lingers", OfSession, OtherLinger, "the same for a socket of another program"),

		// Of a socket.
		count("queued writes", OfSocket, MaxQueuedWrites, "commands", "behind a blocked Write"),
		count("queued bytes", OfSocket, MaxQueuedBytes, "bytes", "behind a blocked Write"),
		count("transfer", OfSocket, MaxTransferBytes, "bytes", "made as they are sent, never held"),
		count("chunk", OfSocket, MaxChunk, "bytes", "of one Write of a transfer, or one Read"),
		count("backlog", OfSocket, MaxBacklog, "connections", "asked of listen(2); the kernel caps it at net.core.somaxconn"),
		count("banner", OfSocket, MaxBanner, "bytes", "of a greeting"),
		count("preview", OfSocket, PreviewBytes, "bytes", "of payload in an event"),
		count("raw", OfSocket, rawBytes, "bytes", "of a packet in its event"),
		count("summarised packet", OfSocket, summarisedBytes, "bytes", "kept of one that has no event"),
		last("interval", OfSocket, MaxInterval, "between two Writes of a transfer"),
		last("timeout", OfSocket, MaxDuration, "or deadline that a command may set"),

		// Rates above which facts are summarised.
		count("calls of a socket", OfSocket, flowRate, "a second", "that get an event of their own, after a burst of flowBurst"),
		count("calls of a socket at once", OfSocket, flowBurst, "calls", "so that a short exchange is told whole"),
		count("calls", OfSession, sessionRate, "a second", "the same over all sockets"),
		count("calls at once", OfSession, sessionBurst, "calls", "the same over all sockets"),
		count("summaries", OfSession, flushLimit, "in a flushInterval", "a summary waits for its turn"),
		count("metrics", OfSession, metricsLimit, "in a flushInterval", "metrics wait for their turn"),
		count("segments of a connection", OfSocket, segmentFlowRate, "a second", "that get an event of their own"),
		count("segments of a connection at once", OfSocket, segmentFlowBurst, "segments", "so that a short exchange is told whole"),
		count("segments", OfSession, segmentRate, "a second", "the same over all connections"),
		count("segments at once", OfSession, segmentBurst, "segments", "the same over all connections"),
		count("marked segments", OfSession, segmentMarkedRate, "a second", "SYN, FIN, RST and ICMP; in step mode all"),
		count("marked segments at once", OfSession, segmentMarkedBurst, "segments", "4,000 connections that open and close"),
		count("looks", OfSocket, lookRate, "a second", "at sockets whose segments are captured"),
		count("looks at once", OfSocket, lookBurst, "looks", "a handshake and a close have fewer"),

		// Of a wire.
		count("flying packets", OfSession, wire.MaxFlying, "packets", "scheduled or held, on one wire"),
		count("flying of one", OfSession, wire.MaxFlyingBytes, "bytes", "100 ms of a gigabit a second, and some"),
		count("held packets", OfSession, wire.MaxHeld, "packets", "far more than a person looks at"),
		count("wire queue", OfSession, wire.MaxQueue, "packets", "that wait for the rate"),
		count("wire rate", OfSession, wire.MaxRateKbps, "kbit/s", "more than the wire carries at all"),
		count("MTU", OfSession, wire.MaxMTU, "bytes", "IPv4's longest packet"),
		last("wire delay", OfSession, wire.MaxDelay, "longer than a person waits"),
		count("rules", OfSession, MaxRules, "rules", "of a session; a wire takes more, for demos"),
		count("rules of a wire", OfSession, wire.MaxRules, "rules", "each is tried on each packet"),
		count("rule count", OfSession, wire.MaxCount, "packets", "after which a rule switches itself off"),
		count("rule text", OfSession, wire.MaxText, "bytes", "looked for in a payload"),

		// Of a demo, of which a session runs one.
		count("demo", OfSession, demo.MaxBytes, "bytes", "one frame of the protocol, as a string within JSON"),
		count("demo steps", OfSession, demo.MaxSteps, "steps", "a demo is short"),
		count("demo actions", OfSession, demo.MaxActions, "actions", "of a step"),
		count("demo checks", OfSession, demo.MaxChecks, "checks", "of a step"),
		count("demo choices", OfSession, demo.MaxChoices, "choices", "of a question"),
		count("demo text", OfSession, demo.MaxText, "bytes", "of one text"),
		count("demo keywords", OfSession, demo.MaxKeywords, "keywords", "by which it is found"),
		count("demo keyword", OfSession, demo.MaxKeyword, "bytes", "of one"),
		count("demo depth", OfSession, demo.MaxDepth, "levels", "of YAML"),
		count("demo connections", OfSession, demo.MaxCount, "connections", "that one action opens"),
		count("demo pace", OfSession, maxPace, "times", "slower than the demo says"),
		count("demo facts", OfSession, maxFacts, "facts", "that a check tells"),
		count("demo waiting", OfSession, maxWaiting, "segments", "that a check has not judged yet"),
		count("demo states", OfSession, maxThrough, "states", "that a check tells"),
		last("demo wait", OfSession, demo.MaxWait, "of one step"),
		last("demo time", OfSession, demo.MaxTotal, "of all steps"),
	}
}
