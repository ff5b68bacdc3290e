// Package playground is the engine: sessions in which people open, write to and close real TCP sockets, and one ordered
// log a session of what the program called, what state the kernel went through and which segments crossed the wire.
// Everything that anybody sees is a reading of that log (Snapshot.Apply is one). The package knows no HTTP.
//
// # Words
//
// A Session is one visitor's world. A socket is a listener, a conn, or another program's. It lives in a place: this
// machine, or one of the two hosts of the session's Lab, each of which has a Network (how sockets are opened there) and
// an observer (who is asked about them). A Command is a request; an Event is a fact, in the past tense. A segment is what
// crossed the wire, by its number. The protocol in web/PROTOCOL.md has all fields.
//
// # What is observed, and what is inferred
//
// Each event says its Source. call: our own call returned it. sock_diag: the kernel's answer about exactly this socket.
// segment: read off the wire, or off this machine's loopback. inferred: it must have been so by RFC 9293, and nobody saw
// it; a state between two that were seen, or why a socket is gone.
//
// In the Lab a socket's state changes only by a segment that the wire lands, by a call, or by a timer. The wire looks at
// the sender when a segment has left and at the receiver when it has landed, with nothing else moving (Wire.Between);
// so each change of state names its segment, its call or its timer. On this machine nothing stands still: sockets are
// looked at in step with our calls and by a sampler, and segments are read a little after they have passed.
//
// # Demos
//
// A demo (package demo) is run by demoRun, which knows no more than the log: it gives a step's commands one after the
// other, each when the one before has settled, feeds every event from the step's beginning on to the step's checks
// (demoJudge), and tells each verdict as an event. What is only inferred passes no check: its verdict is not_observed.
//
// # Order
//
// Seq is the order in which facts became known to the session, without a gap; at_ns never runs backwards in it. What a
// Lab's wire or a capture tells is taken into the log before anything that was learned later (Session.crossings), in the
// order in which it crossed. Calls and segments carry their own times besides. Segments of a fast connection in a Lab,
// which no state hangs on and which are only added up, are worked out some at a time, before anything else is taken in
// or anybody asks (trace.catchUp).
//
// # Goroutines
//
//	Session.run          one a session: the actor. It alone changes the session's state and appends to the log
//	Session.spawn        a call that may block, a look at many sockets; the session waits for them before it ends
//	a reader, an accept  loops of a socket whose behaviour or read mode wants one; spawned
//	demoRun.play         the demo that runs: it follows the log as a viewer does, and gives commands; spawned
//	startProgram         waits for the process that a demo started, which ends with the session; spawned
//	labRun               the wire's own (see package wire) while a Lab is open; ended by labRun.end
//	captures             one for all sessions, while one of them wants segments of this machine; ended by reading.stop
//
// Nobody waits for the actor while holding what the actor may want: wires and captures queue what they tell
// (trace.tell), and a full queue is counted and told.
package playground
