package web

import (
	"time"

	"socketplayground/playground"
)

// viewerMemory is about what a viewer takes beside what waits for it: four goroutines, its buffers, and two frames of
// events of the least size.
const viewerMemory = 64<<10 + 2*leastFrame

// greetingMemory is what the making of a snapshot takes: measured, 4 MiB for 4,000 sockets.
const greetingMemory = 16 << 20

// connectionMemory is about what a connection takes that is no viewer: net/http's goroutine and its buffers.
const connectionMemory = 16 << 10

// Bounds is every bound of viewers, in the table that playground.Bounds begins. What they send to be written is counted
// there, among what waits.
func Bounds() []playground.Bound {
	count := func(name string, scope playground.Scope, bound int64, unit, reason string) playground.Bound {
		return playground.Bound{Name: name, Scope: scope, Bound: bound, Unit: unit, Reason: reason}
	}
	last := func(name string, scope playground.Scope, bound time.Duration, reason string) playground.Bound {
		return playground.Bound{Name: name, Scope: scope, Bound: bound.Milliseconds(), Unit: "ms", Reason: reason}
	}
	return []playground.Bound{
		{Name: "viewers", Scope: playground.OfProcess, Bound: maxViewers, Unit: "viewers", Worst: maxViewers * viewerMemory, Reason: "a lecture hall's browsers, each with a second page"},
		count("viewers with the code", playground.OfProcess, maxViewers/guestsOf, "viewers", "so that the user always has places; half of however few there may be"),
		{Name: "snapshots", Scope: playground.OfProcess, Bound: maxGreetings + maxGuestGreetings, Unit: "bytes", Worst: maxGreetings + maxGuestGreetings + greetingMemory, Reason: "on their way to viewers, the user's own and those with the code; one is made at a time"},
		{Name: "waiting for viewers", Scope: playground.OfProcess, Bound: maxWaiting + maxViewers*maxWaitingOwn, Unit: "bytes", Worst: maxWaiting + maxViewers*maxWaitingOwn, Reason: "answers, bytes and events"},
		{Name: "connections", Scope: playground.OfProcess, Bound: maxConnections, Unit: "connections", Worst: maxConnections * connectionMemory, Reason: "that have not become viewers; the oldest goes"},

		count("frame from a browser", playground.OfViewer, maxMessage, "bytes", "64 KiB of bytes and their header"),
		count("header of a frame", playground.OfViewer, maxFrameHeader, "bytes", "with the longest name"),
		count("unanswered", playground.OfSocket, maxUnanswered, "frames", "binary writes of one socket"),
		count("unanswered of all", playground.OfViewer, maxUnansweredAll, "frames", "binary writes of all sockets"),
		count("answers", playground.OfViewer, maxQueued, "bytes", "and bytes of sockets that wait for a slow viewer"),
		count("answer", playground.OfViewer, messageOverhead, "bytes", "what one is counted for beside its bytes"),
		count("events frame", playground.OfViewer, maxFrame, "bytes", "or leastFrame, where others wait for much"),
		count("watched sockets", playground.OfViewer, maxWatched, "sockets", "whose bytes are sent"),
		count("send buffer", playground.OfViewer, viewerBuffer, "bytes", "asked of the kernel: what it holds, a dead viewer holds"),
		count("commands", playground.OfViewer, commandRate, "a second", "a person's, or a script's"),
		count("commands at once", playground.OfViewer, commandBurst, "commands", "the same"),
		count("reading", playground.OfViewer, maxReading, "commands", "that read the whole log"),
		count("guessers", playground.OfProcess, maxGuessers, "addresses", "whose wrong codes are remembered"),
		count("wrong codes", playground.OfProcess, wrongRate, "a second", "from one address"),
		count("wrong codes at once", playground.OfProcess, wrongBurst, "codes", "a person's slips"),
		last("hello", playground.OfViewer, helloTimeout, "within which a viewer must say who it is"),
		last("frame taken", playground.OfViewer, writeTimeout, "within which a viewer must take one"),
		last("farewell", playground.OfViewer, farewellTimeout, "of the last writes, the close frame among them"),
		last("pong", playground.OfViewer, pongTimeout, "within which a viewer must answer"),
	}
}
