// Bench measures the playground beside two others on the same machine, in the same run: M (bench/yardstick), a
// minimal WebSocket bridge, and websockify, if it is installed. A figure is the median of the ratios of at least five
// interleaved repetitions; the absolute figures beside it are medians too, and drift with the machine.
//
// What needs no page (segments, the Lab, states) is measured within this process, against a wire that reads nothing,
// plain loopback, and tcpdump beside it, if it is installed.
//
//	go run ./bench               all rows, and a table
//	go run ./bench -rows 1,3     some of them
//	go run ./bench soak -for 1h  sessions that do what people may do, at random, and whether anything goes wrong
//
// Linux only: processor time, memory and the pinning of processes come from /proc and sched_setaffinity(2).
package main
