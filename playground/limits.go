package playground

import "time"

// Every quota of a session, with its reason. A command that would pass one is refused with CodeQuotaExceeded.
const (
	// MaxSockets is how many sockets a session may hold: 4,000 connections with both ends here, and room to spare.
	MaxSockets = 10_000
	// MaxOthers is how many sockets of other programs are followed; a busy port must not drown the session's own.
	MaxOthers = 256
	// MaxDialCount is the most connections that one dial command opens.
	MaxDialCount = 4_000
	// MaxConcurrentDials bounds the goroutines in connect(2); the rest wait their turn.
	MaxConcurrentDials = 128
	// MaxBacklog is the largest backlog listen(2) is asked for; the kernel caps it at net.core.somaxconn.
	MaxBacklog = 65_535
	// MaxTransferBytes is the most that one write command generates (1 GiB); it is streamed, never held.
	MaxTransferBytes = 1 << 30
	// MaxChunk is the largest buffer given to one Write of a transfer, or to one Read.
	MaxChunk = 1 << 20
	// DefaultChunk is the size of a Write of a transfer, and of a Read, when the command does not say.
	DefaultChunk = 64 << 10
	// MaxInterval is the longest pause between two Writes of a transfer.
	MaxInterval = time.Minute
	// MaxQueuedWrites and MaxQueuedBytes bound what waits behind a blocked Write of one socket.
	MaxQueuedWrites = 64
	MaxQueuedBytes  = 4 << 20
	// WaitingBytes is what all calls of a session that wait may hold: data to be written, the buffers of transfers and of
	// Reads, and payloads on their way into the log. waitingOverhead is added for each.
	WaitingBytes    = 64 << 20
	waitingOverhead = 1 << 10
	waitingOwn      = 256 << 10
	waitingCommon   = 64 << 20
	// leastRead is what a loop reads at a time where no more may wait.
	leastRead = 4 << 10
	// MaxDuration is the longest timeout or deadline a command may set.
	MaxDuration = time.Hour
	// MaxBanner is the longest greeting of a listener, in bytes once the escapes are decoded.
	MaxBanner = 4 << 10

	// PreviewBytes is how much payload an event carries.
	PreviewBytes = 256
	// PayloadBudget is how many bytes of recent payload a session keeps for the payload command.
	PayloadBudget = 8 << 20

	// LogEvents and LogBytes bound the log; older events are folded into the snapshot at its base.
	LogEvents = 200_000
	LogBytes  = 64 << 20

	// KeptBytes is what the sessions together keep of their past: logs, packets and payloads, as memory.
	KeptBytes = 384 << 20
	// trimAbove is what a session's newest packets may hold where all together keep too much.
	trimAbove = 256 << 10

	// MaxDescriptors is how many sockets all sessions have open. Each session has descriptorsOwn to itself, or as many of
	// half of what the system allows.
	MaxDescriptors = 16_384
	descriptorsOwn = 16
	// socketsOwn and socketsCommon are how many sockets are remembered, closed ones too.
	socketsOwn    = 64
	socketsCommon = 24_000
	// factsOwn and factsCommon are how many facts about segments wait for the actors, of which one has queueLimit at most.
	factsOwn    = 64
	factsCommon = 40_000
	// flowsOwn and flowsCommon are how many connections are told apart by their segments, of which a session has
	// maxSegmentFlows at most.
	flowsOwn    = 64
	flowsCommon = 60_000
	// trackedOwn and trackedCommon are how many connections' segments are followed, of which a session has
	// segment.MaxConnections at most, and as many in its Lab.
	trackedOwn    = 16
	trackedCommon = 4096
	// flyingOwn and flyingCommon are the bytes on the wires of all Labs, of which one has wire.MaxFlyingBytes at most.
	flyingOwn    = 128 << 10
	flyingCommon = 64 << 20

	// maxReaders is how many commands that read a whole log (code, save_demo) are carried out at a time, of all sessions;
	// the others wait. Of sessions that guests began, maxGuestReaders are carried out at a time, so that the user's never
	// wait for those.
	maxReaders      = 2
	maxGuestReaders = 1

	// MaxSessions is how many sessions one server holds.
	MaxSessions = 256
	// MaxGuestSessions is how many of them may have been begun by others than the user who runs the program: half, so that
	// nobody who is only let in can keep the user out.
	MaxGuestSessions = MaxSessions / 2
	// SessionLinger is how long a session, and so its sockets, outlives its last viewer: a reload must not close them.
	SessionLinger = 60 * time.Second
	// ClosedLinger is how long a closed socket stays in the session before it removes itself.
	// It is a long while: the page greys it at once, and a person may still be reading it.
	ClosedLinger = 10 * time.Minute
	// OtherLinger is the same for a socket of another program.
	OtherLinger = time.Minute
)

// Rates above which facts are summarised instead of listed, so that a stream of gigabytes stays readable and cheap.
const (
	// flowBurst and flowRate are the Read or Write calls of one socket and direction that get an event of their own.
	flowBurst = 40
	flowRate  = 20 // a second
	// sessionRate is the same over all sockets of a session.
	sessionBurst = 4000
	sessionRate  = 2000
	// flushInterval is how long a summary grows before it becomes an event.
	flushInterval = 100 * time.Millisecond
	// metricsInterval is the least time between two metrics events of a socket.
	metricsInterval = 100 * time.Millisecond
	// flushLimit bounds the summaries, and metricsLimit the metrics events, of one flushInterval.
	flushLimit   = 400
	metricsLimit = 300
)

// Segments: how many are listed, and how many kept.
const (
	// segmentFlowBurst and segmentFlowRate are the data segments and plain ACKs of one connection that get an event of
	// their own; segmentBurst and segmentRate those of all connections.
	segmentFlowBurst = 120
	segmentFlowRate  = 40 // a second
	segmentBurst     = 4000
	segmentRate      = 1000
	// segmentMarkedBurst and segmentMarkedRate are the same for SYN, FIN, RST and ICMP, and in step mode for all.
	segmentMarkedBurst = 20_000
	segmentMarkedRate  = 2000
	// maxSegmentFlows is how many connections are told apart at the same time.
	maxSegmentFlows = 20_000
	// rawBytes is how much of a packet its event carries; summarisedBytes is how much is kept of one that has no event.
	rawBytes        = 256
	summarisedBytes = 128
	// PacketBudget is how many bytes of packets a session keeps for the segments command and for pcapng files.
	PacketBudget = 48 << 20
	// MaxSegmentsReply is how many segments one segments command gives.
	MaxSegmentsReply = 500
	// MaxWatchedPorts is how many ports of this machine a session watches.
	MaxWatchedPorts = 16
	// MaxRules is how many rules a wire has.
	MaxRules = 32
	// MaxExports is how many files of a session may wait to be fetched, and ExportLife for how long: a page fetches at once.
	MaxExports = 8
	ExportLife = time.Minute
	// ExportBytes is what the files of a session may take until they are fetched: an index of all packets that are kept,
	// or programs. Of that, exportOwn is the session's alone; all sessions have exportCommon beside.
	ExportBytes  = 24 << 20
	exportOwn    = 64 << 10
	exportCommon = 32 << 20
	// exportBatch is how many packets are read at a time for a file.
	exportBatch = 256
)
