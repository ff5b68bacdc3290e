// Package segment reads TCP segments: [Decoder] turns the bytes of an IP packet into a [Segment], and [Tracker]
// follows the connections that segments belong to, for what one segment alone does not say: numbers relative to
// the connection's beginning, the window's scale, and what is unusual about a segment ([Marks]).
//
// It is pure: bytes in, values out, no I/O and no clock. Neither type may be used by two goroutines at a time.
package segment
