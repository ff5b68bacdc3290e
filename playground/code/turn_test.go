package code_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/code"
)

// cutConversation is a conversation before which a kernel setting was made, and in whose middle the cable was cut twice.
func cutConversation() *code.Story {
	s := conversation()
	s.Network, s.Wire = "lab", true
	s.Turns = []code.Turn{
		{Seqs: []uint64{100}, At: -1, Words: phrases("set tcp_retries2 to 3 on the client")},
		{Seqs: []uint64{101}, At: 40 * ms, Words: phrases("cut the cable")},
		{Seqs: []uint64{102}, At: 50 * ms, Words: phrases("join the cable")},
		{Seqs: []uint64{103}, At: 3242 * ms, Words: phrases("switch step mode on")},
		{Seqs: []uint64{104}, At: 4 * time.Second, Words: phrases("switch step mode off")},
	}
	return s
}

func phrases(en string) []code.Phrase { return []code.Phrase{{EN: en, ZH: "汉"}} }

func TestStops(t *testing.T) {
	before, stops := cutConversation().Stops()
	if !slices.Equal(before.Seqs, []uint64{100}) {
		t.Errorf("before the first call: %v, want the kernel setting", before)
	}
	var words []string
	for _, s := range stops {
		var all []string
		for _, p := range s.Words {
			all = append(all, p.EN)
		}
		words = append(words, strings.Join(all, "; "))
	}
	want := []string{"cut the cable; join the cable", "switch step mode on", "switch step mode off"}
	if !slices.Equal(words, want) {
		t.Errorf("the programs stop for %q, want %q", words, want)
	}
	if !slices.Equal(stops[0].Seqs, []uint64{101, 102}) {
		t.Errorf("the first stop stands for %v, want 101 and 102", stops[0].Seqs)
	}
}

// A program stops for each turn between its calls, and the line that says so stands for the turn's events.
func TestTurns(t *testing.T) {
	prompt := []string{"In the Lab:", "- cut the cable", "- join the cable", "Then Enter."}
	for _, language := range []string{"go", "python", "c"} {
		client, server := write(t, cutConversation(), language, code.Options{})
		for _, f := range []code.File{client, server} {
			at := 0
			for _, want := range prompt {
				var l code.Line
				if at, l = lineOf(t, f, want); !slices.Equal(l.Seqs, []uint64{101, 102}) {
					t.Errorf("%s: %q stands for %v", f.Name, l.Text, l.Seqs)
				}
				if !slices.Contains(f.Output, want) {
					t.Errorf("%s prints %q, without %q", f.Name, f.Output, want)
				}
			}
			lineOf(t, f, "First, in the Lab: set")
			if last, _ := lineOf(t, f, map[string]string{"client": "two", "server": "read"}[f.Host]); last < at {
				t.Errorf("%s stops in line %d, after line %d:\n%s", f.Name, at, last, f.Text())
			}
		}
		// The client has closed all before the last turn; the server listens still.
		if want := []int{0, 1}; !slices.Equal(client.Stops, want) {
			t.Errorf("%s stops at %v, want %v", client.Name, client.Stops, want)
		}
		if want := []int{0, 1, 2}; !slices.Equal(server.Stops, want) {
			t.Errorf("%s stops at %v, want %v", server.Name, server.Stops, want)
		}
	}
	client, _ := write(t, cutConversation(), "shell", code.Options{})
	lineOf(t, client, "# While this runs, in the Lab: cut the cable;")
}

// A Dial that waits through a turn gets a thread, and who uses its socket waits for it.
func TestDialThroughTurn(t *testing.T) {
	s := conversation()
	s.Network, s.Wire = "lab", true
	s.Calls[1].End = 3 * time.Second
	s.Turns = []code.Turn{{Seqs: []uint64{101}, At: time.Second, Words: phrases("join the cable")}}
	s.Calls[2].Start, s.Calls[2].End = 3010*ms, 3020*ms
	s.Calls[3].Start, s.Calls[3].End = 3030*ms, 3031*ms
	for language, want := range map[string][3]string{
		"go":     {"beside.Go(func() {", "<-c1_dial", `[]byte("one ")`},
		"python": {"c1_dial.start()", "c1_dial.join()", `b"one "`},
		"c":      {"pthread_create(&c1_dial", "pthread_join(c1_dial", `"one "`},
	} {
		client, _ := write(t, s, language, code.Options{})
		starts, _ := lineOf(t, client, want[0])
		stops, _ := lineOf(t, client, "In the Lab: join the cable. Then Enter.")
		joins, _ := lineOf(t, client, want[1])
		uses, _ := lineOf(t, client, want[2])
		if !(starts < stops && stops < joins && joins < uses) {
			t.Errorf("%s: lines %d, %d, %d, %d are not in order:\n%s", language, starts, stops, joins, uses, client.Text())
		}
	}
}

// A Close acts when it begins: a Write of the other end that begins before it has returned still comes after it.
func TestCloseActsAtOnce(t *testing.T) {
	s := conversation()
	s.Calls = slices.Insert(s.Calls, 4, code.Call{Seqs: []uint64{20, 21}, Socket: "S1.1", Op: "Close", Start: 3229 * ms, End: 3232 * ms})
	s.Calls = s.Calls[:6]
	client, _ := write(t, s, "go", code.Options{})
	lineOf(t, client, "// first, S1.1's Close")
}

// TestAsksForTheOther: what must come after a call of a program that may not run yet, or has not been let go on, is asked
// for, since no pause is as long as a person takes.
func TestAsksForTheOther(t *testing.T) {
	queue := conversation() // the listener is closed with a connection in its queue
	queue.Calls = append(queue.Calls[:2:2], code.Call{Seqs: []uint64{20, 21}, Socket: "S1", Op: "Close", Start: 20 * ms, End: 21 * ms})
	turn := conversation()
	turn.Network, turn.Wire = "lab", true
	turn.Calls[4] = code.Call{Seqs: []uint64{9, 10}, Socket: "S1.1", Op: "Close", Start: 60 * ms, End: 61 * ms}
	turn.Calls[5] = code.Call{Seqs: []uint64{11, 12}, Socket: "C1", Op: "Write", Data: []byte("two"), Size: 3, N: 3, Start: 70 * ms, End: 71 * ms}
	turn.Calls = turn.Calls[:6]
	turn.Turns = []code.Turn{{Seqs: []uint64{101}, At: 40 * ms, Words: phrases("join the cable")}}
	late := conversation() // somebody was refused before the listener was there
	for i := range late.Calls {
		late.Calls[i].Start += 100 * ms
		late.Calls[i].End += 100 * ms
	}
	late.Sockets = append(late.Sockets, code.Socket{Name: "C2", Host: "client"})
	late.Calls = append([]code.Call{{Seqs: []uint64{20, 21}, Socket: "C2", Op: "Dial", Address: "127.0.0.1:8330", Err: &code.Error{Kind: "refused"}, Start: 1 * ms, End: 2 * ms}}, late.Calls...)
	for language, listens := range map[string]string{"go": "net.Listen", "python": "create_server(", "c": "listen(", "shell": "nc -l"} {
		_, server := write(t, late, language, code.Options{})
		asks, _ := lineOf(t, server, code.OtherStarts)
		if at, _ := lineOf(t, server, listens); at < asks {
			t.Errorf("%s asks in line %d, and listens in %d:\n%s", language, asks, at, server.Text())
		}
	}
	for _, language := range []string{"go", "python", "c"} { // nc takes what comes at once, and closes nothing
		_, server := write(t, queue, language, code.Options{})
		asks, _ := lineOf(t, server, code.OtherStarts)
		if closes, l := lineOf(t, server, "lose("); closes < asks || !slices.Equal(l.Seqs, []uint64{20, 21}) {
			t.Errorf("%s asks in line %d, and closes in %d, for %v:\n%s", language, asks, closes, l.Seqs, server.Text())
		}
		if !slices.Contains(server.Output, code.OtherStarts) {
			t.Errorf("%s prints %q", server.Name, server.Output)
		}
		client, server := write(t, turn, language, code.Options{})
		if strings.Contains(server.Text(), code.OtherGoesOn) {
			t.Errorf("%s: the server asks, and has nothing to wait for:\n%s", language, server.Text())
		}
		stops, _ := lineOf(t, client, "join the cable")
		asks, _ = lineOf(t, client, code.OtherGoesOn)
		writes, _ := lineOf(t, client, `"two"`)
		if !(stops < asks && asks < writes) {
			t.Errorf("%s: lines %d, %d, %d are not in order:\n%s", language, stops, asks, writes, client.Text())
		}
		if strings.Count(client.Text(), "Then Enter.") != 2 {
			t.Errorf("%s asks more than once:\n%s", language, client.Text())
		}
	}
	_, server := write(t, conversation(), "go", code.Options{})
	if strings.Contains(server.Text(), code.OtherStarts) {
		t.Errorf("an Accept waits for the client by itself:\n%s", server.Text())
	}
}

// TestDeadlineAheadOfWrite: where a time limit counts only for calls that begin later, one that was set while a Write
// waited is set before it; a deadline of Go ends a Write that waits.
func TestDeadlineAheadOfWrite(t *testing.T) {
	s := conversation()
	s.Calls[3].Size, s.Calls[3].Err, s.Calls[3].End = 1<<26, &code.Error{Kind: "deadline"}, 9*time.Second
	s.Calls[4] = code.Call{Seqs: []uint64{9, 10}, Socket: "C1", Op: "SetDeadline", Deadline: "write", After: 500 * ms, Start: 3230 * ms, End: 3230 * ms}
	s.Calls = s.Calls[:5]
	for language, want := range map[string][3]string{ // the limit, the thread, and the deadline
		"go":     {"", "beside.Go(", "500 * time.Millisecond"},
		"python": {"c1.settimeout(0.5)", "c1_write.start()", "c1_write.join()"},
		"c":      {"SO_SNDTIMEO, &(struct timeval){0, 500000}", "pthread_create(", "pthread_join("},
	} {
		client, _ := write(t, s, language, code.Options{})
		before := -1
		if want[0] != "" {
			var l code.Line
			if before, l = lineOf(t, client, want[0]); !slices.Equal(l.Seqs, []uint64{9, 10}) {
				t.Errorf("%s: %q stands for %v", language, l.Text, l.Seqs)
			}
		}
		starts, _ := lineOf(t, client, want[1])
		after, _ := lineOf(t, client, want[2])
		if !(before < starts && starts < after) {
			t.Errorf("%s: lines %d, %d, %d are not in order:\n%s", language, before, starts, after, client.Text())
		}
		if strings.Count(client.Text(), "imeout(0.5)")+strings.Count(client.Text(), "SNDTIMEO,") > 1 {
			t.Errorf("%s sets it more than once:\n%s", language, client.Text())
		}
	}
}
