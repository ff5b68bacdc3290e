package segment_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"socketplayground/playground/segment"
)

// FuzzDecode: no packet makes the decoder or the tracker panic, what the decoder says is consistent in itself, and it
// agrees with gopacket's full decoding wherever that finds nothing wrong.
func FuzzDecode(f *testing.F) {
	for _, hosts := range [][2]int{{4, 4}, {6, 6}} {
		src, dst := client4, server4
		if hosts[0] == 6 {
			src, dst = client6, server6
		}
		data := packet(f, segment.Segment{Src: src, Dst: dst, Seq: 1, Ack: 2, Flags: ack, Options: dataOptions, Payload: []byte("hello")})
		f.Add(data)
		f.Add(data[:len(data)-9])
		f.Add(packet(f, segment.Segment{Src: src, Dst: dst, Flags: syn, Options: synOptions}))
		f.Add(packet(f, segment.Segment{Src: src, Dst: dst, Flags: fin | ack, Seq: 1<<32 - 1}))
		f.Add(packet(f, segment.Segment{Src: src, Dst: dst, Flags: rst}))
		if hosts[0] == 4 {
			f.Add(icmp4(f, 3, 4, 1280, data))
		} else {
			f.Add(icmp6(f, 2, 0, 1280, data))
		}
	}
	f.Add([]byte{0x45})
	f.Add([]byte{0x60, 39: 0})

	d, tracker := segment.NewDecoder(), segment.NewTracker()
	var number uint64
	f.Fuzz(func(t *testing.T, p []byte) {
		var s segment.Segment
		before := bytes.Clone(p)
		err := d.Decode(p, &s)
		if !bytes.Equal(p, before) {
			t.Fatal("the packet was changed")
		}
		if err != nil {
			if !errors.Is(err, segment.ErrNotTCP) && !errors.Is(err, segment.ErrMalformed) {
				t.Fatalf("unexpected error %v", err)
			}
			if s.Other == "" || s.ICMP != nil || s.TCPHeader != 0 || s.Flags != 0 {
				t.Fatalf("what it is, is not told: %v, %+v", err, s)
			}
		} else {
			consistent(t, p, &s)
			number++
			s.OptionValues(tracker.Track(number, int64(number), &s))
		}
		agrees(t, p, &s, err)
	})
}

func consistent(t *testing.T, p []byte, s *segment.Segment) {
	t.Helper()
	if s.ICMP != nil {
		if s.Flags != 0 || s.TCPHeader != 0 || s.PayloadLen != 0 || s.ICMP.Text == "" {
			t.Fatalf("an ICMP error with fields of TCP: %+v", s)
		}
		return
	}
	if s.IPHeader+s.TCPHeader+s.PayloadLen != s.TotalLen || s.PayloadLen < len(s.Payload) || s.TCPHeader < 20 || s.IPHeader < 20 {
		t.Fatalf("lengths that do not add up: %+v", s)
	}
	here := min(len(p), s.TotalLen)
	if want := max(0, here-s.IPHeader-s.TCPHeader); len(s.Payload) != want {
		t.Fatalf("%d bytes of payload are here, want %d: %+v", len(s.Payload), want, s)
	}
	if len(p) < s.TotalLen && s.ChecksumState != segment.ChecksumUnknown {
		t.Fatalf("the checksum of a packet that was cut off is %v", s.ChecksumState)
	}
}

// agrees compares with gopacket.NewPacket, which decodes by other code: into new layers, following every header.
func agrees(t *testing.T, p []byte, s *segment.Segment, err error) {
	t.Helper()
	if len(p) == 0 {
		return
	}
	first := layers.LayerTypeIPv4
	if p[0]>>4 == 6 {
		first = layers.LayerTypeIPv6
	} else if p[0]>>4 != 4 {
		return
	}
	full := gopacket.NewPacket(p, first, gopacket.DecodeOptions{NoCopy: true})
	if full.Metadata().Truncated || full.ErrorLayer() != nil {
		return
	}
	all := full.Layers()
	for len(all) > 1 && layers.LayerClassIPv6Extension.Contains(all[1].LayerType()) {
		if f, ok := all[1].(*layers.IPv6Fragment); ok && (f.FragmentOffset != 0 || f.MoreFragments) {
			return // which gopacket reads on in
		}
		all = all[1:] // to gopacket it is a layer, to us a part of the header
	}
	if len(all) > 1 && err == nil && first == layers.LayerTypeIPv6 && all[1].LayerType() != layers.LayerTypeTCP && s.IPHeader > 40 {
		return // behind an extension header that gopacket does not know
	}
	var tcp *layers.TCP
	if len(all) > 1 {
		tcp, _ = all[1].(*layers.TCP)
	}
	if (tcp != nil) != (err == nil && s.ICMP == nil) {
		t.Fatalf("gopacket finds the layers %v, the decoder says %v: %+v", full.Layers(), err, s)
	}
	if tcp == nil {
		return
	}
	if uint16(tcp.SrcPort) != s.Src.Port() || uint16(tcp.DstPort) != s.Dst.Port() || tcp.Seq != s.Seq || tcp.Ack != s.Ack ||
		tcp.Window != s.Window || tcp.Urgent != s.Urgent || tcp.Checksum != s.Checksum || int(tcp.DataOffset)*4 != s.TCPHeader ||
		!bytes.Equal(tcp.Payload, s.Payload) {
		t.Fatalf("gopacket: %+v\ndecoder: %+v", tcp, s)
	}
	for i, o := range tcp.Options { // as far as gopacket reads them
		if o.OptionType == layers.TCPOptionKindEndList || i == len(tcp.Options)-1 && i >= len(s.Options)-1 && s.OptionsBroken != 0 {
			break
		}
		if uint8(o.OptionType) != s.Options[i].Kind || !bytes.Equal(o.OptionData, s.Options[i].Data) {
			t.Fatalf("option %d: gopacket %v, decoder %v", i, o, s.Options[i])
		}
	}
	flags := map[segment.Flags]bool{fin: tcp.FIN, syn: tcp.SYN, rst: tcp.RST, psh: tcp.PSH, ack: tcp.ACK, urg: tcp.URG, ece: tcp.ECE, cwr: tcp.CWR, ae: tcp.NS}
	for flag, set := range flags {
		if s.Flags.Has(flag) != set {
			t.Fatalf("flag %v: gopacket %v, decoder %v", flag, set, s.Flags)
		}
	}
	agreesOnChecksum(t, full, tcp, s)
}

func agreesOnChecksum(t *testing.T, full gopacket.Packet, tcp *layers.TCP, s *segment.Segment) {
	t.Helper()
	if s.ChecksumState == segment.ChecksumUnknown {
		return
	}
	if err := tcp.SetNetworkLayerForChecksum(full.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	err, result := tcp.VerifyChecksum()
	if err != nil {
		t.Fatal(err)
	}
	if result.Valid != (s.ChecksumState == segment.ChecksumValid) {
		t.Fatalf("checksum: gopacket %+v, decoder %v", result, s.ChecksumState)
	}
}

// FuzzTrack: no sequence of segments makes the tracker panic or contradict itself. Eight bytes are a segment of one
// connection, with numbers close together, so that ranges meet, overlap and repeat.
func FuzzTrack(f *testing.F) {
	f.Add([]byte("\x00\x02\x00\x00\x00\x00\x00\x09\x01\x12\x00\x00\x01\x00\x00\x09\x00\x10\x01\x00\x01\x05\x00\x09\x00\x10\x01\x00\x01\x05\x00\x09"))
	f.Add([]byte("\x00\x10\x10\x00\x01\x05\x00\x09\x00\x10\x01\x00\x01\x05\x00\x09\x01\x10\x01\x00\x06\x00\x00\x00\x00\x10\x05\x00\x01\x01\x00\x09"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		tracker := segment.NewTracker()
		for number := uint64(1); len(steps) >= 8; number, steps = number+1, steps[8:] {
			s := one(segment.Flags(steps[1]), uint32(steps[2])-uint32(steps[3]), uint32(steps[4]), "")
			if steps[0]&1 != 0 {
				s.Src, s.Dst = s.Dst, s.Src
			}
			if steps[0]&2 != 0 {
				s.Dst = s.Src
			}
			s.PayloadLen, s.Window = int(steps[5]&31), uint16(steps[7])
			if steps[6] != 0 {
				s.Options = []segment.Option{{Kind: steps[6], Data: steps[:8]}}
			}
			tr := tracker.Track(number, int64(number), &s)
			m := tr.Marks
			switch {
			case tr.Of >= number,
				tr.Of != 0 && !m.Has(segment.Retransmission) && !m.Has(segment.DuplicateACK),
				m.Has(segment.SpuriousRetransmission) && !m.Has(segment.Retransmission),
				m.Has(segment.DuplicateACK) != (tr.DupAcks > 0),
				m.Has(segment.Retransmission | segment.OutOfOrder),
				m.Has(segment.KeepAlive | segment.WindowProbe),
				m.Has(segment.KeepAlive | segment.Retransmission),
				m.Has(segment.KeepAliveACK | segment.DuplicateACK),
				m.Has(segment.DSACK) && len(tr.SACK) == 0,
				m.Has(segment.WindowFull) && (tr.WindowShift < -1 || s.PayloadLen == 0),
				s.Flags.Has(rst) && m != 0:
				t.Fatalf("segment %d: %q contradicts itself: %+v", number, render(tr), s)
			}
		}
	})
}
