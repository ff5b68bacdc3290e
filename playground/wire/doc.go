// Package wire is the path between two hosts, in the user's hands. It reads each IP packet that one host sends,
// treats it as the settings, the rules and the user say, and writes it to the other host.
//
// # Order of treatment
//
// A packet that was read goes through these, from the top; each may end its way.
//
//	Sent           the Observer is told
//	cut            dropped
//	MTU            too big: dropped, and answered as a router would (see icmp.go)
//	rules          the first that matches acts: hold, drop, delay, duplicate, corrupt
//	step mode      held
//	impairments    loss, duplicate, corrupt, reorder: by chance, from a seeded generator for each direction
//	rate           it waits until those before it are through; where too many wait, dropped
//	delay, jitter  it waits
//	Landed         it was written, and the Observer is told
//
// A copy made by a rule goes on from step mode, one made by chance from the rate. What was held goes on from the
// impairments if step mode ends, and lands at once if the user delivers it: the user's word is final.
// Rules and step mode act on what has a Segment: what the user cannot see must not wait for the user.
//
// # Guarantees
//
//   - Off means off. With nothing switched on a packet is written by the goroutine that read it, from the buffer into
//     which it was read: no byte differs, none is added, lost or reordered.
//   - A packet never overtakes an earlier one of its direction, whatever the delay, the jitter, or a change of the
//     settings, unless reorder sends it ahead, or the earlier one is held. What waits for a delay waits for that of
//     the one before it too.
//   - What is scheduled keeps its fate when the settings change.
//   - Two wires with the same settings and seed treat the same packets, read at the same times, the same. A direction's
//     generator starts anew when the seed changes, and when its chances or its jitter go from off to on.
//   - What waits is bounded (MaxHeld, MaxFlying, MaxFlyingBytes, Room); beyond that, packets are dropped, by queue.
//   - Nothing outlives Run: what still waits then is gone.
//
// # Goroutines
//
// Run owns them all, waits for them all, and starts them in one place.
//
//	2 readers      one a direction: read, treat, and write what need not wait. Ends when its Port is closed.
//	2 schedulers   one a direction: a heap by time, one timer, write what is due. Ends with Run's context.
//
// One mutex guards the wire and is held around read→Sent and around write→Landed. A write runs the receiving kernel's
// TCP before it returns, and the answer may be read before it does; but the answer's Sent waits for the Landed of what
// caused it. So the Observer hears of causes before effects, and of one thing at a time.
//
// Every method may be called from any goroutine, but not from within the Observer's methods nor under a lock that they
// take: the mutex is held there. A method that lets a packet go on tells the Observer before it returns.
package wire
