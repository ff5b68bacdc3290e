// Package pcapng writes captures that whatever reads captures can open: times in nanoseconds, comments on the file and
// its packets, and which way each packet went. Packets are IP packets, without a link layer.
// The format is draft-ietf-opsawg-pcapng; gopacket's writer does the blocks.
//
// A file has one interface. libpcap refuses a second one of LINKTYPE_RAW: it compares the LINKTYPE of that with the DLT
// of the first, which is another number for the same (add_interface, sf-pcapng.c). With it tcpdump, tcpflow, tcptrace
// and tcpreplay read nothing, and ngrep only what one of the hosts sent.
//
// The interface has no comment, which the writer would put before the resolution of times: scapy 2.5 reads no option
// behind a comment that does not end in a newline, and would take nanoseconds for microseconds.
package pcapng

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Section describes the whole file. What is empty is left out.
type Section struct {
	Application string // that wrote it
	OS          string // on which the packets were captured
	Comment     string
}

// Interface is where packets were captured. What is empty is left out.
type Interface struct {
	Name, Description string
}

// Direction is which way a packet went, as seen from the host that the capture is about.
type Direction uint8

// The directions.
const (
	Unknown Direction = iota
	Inbound
	Outbound
)

// Packet is one IP packet.
type Packet struct {
	Direction   Direction
	At          time.Time
	Data        []byte // from the IP header on
	OriginalLen int    // the packet's length where Data is cut off; 0: it is whole
	Comments    []string
}

// Writer writes a file. Not for concurrent use.
type Writer struct{ ng *pcapgo.NgWriter }

// NewWriter writes the file's beginning to w.
func NewWriter(w io.Writer, section Section, at Interface) (*Writer, error) {
	options := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{
		Application: text(section.Application), OS: text(section.OS), Comment: text(section.Comment),
	}}
	ng, err := pcapgo.NewNgWriterInterface(w, pcapgo.NgInterface{ // which has nanoseconds (if_tsresol 9), whatever one asks for
		Name: text(at.Name), Description: text(at.Description),
		LinkType: layers.LinkTypeRaw, // LINKTYPE_RAW: begins with an IPv4 or IPv6 header
	}, options)
	if err != nil {
		return nil, fmt.Errorf("pcapng: writing the beginning: %w", err)
	}
	return &Writer{ng: ng}, nil
}

// Write writes a packet, with its comments in their order.
func (w *Writer) Write(p Packet) error {
	length := p.OriginalLen
	if length == 0 {
		length = len(p.Data)
	}
	switch {
	case length < len(p.Data):
		return fmt.Errorf("pcapng: the packet has %d bytes, more than its original length %d", len(p.Data), length)
	case p.At.Before(time.Unix(0, 0)): // times are unsigned
		return fmt.Errorf("pcapng: the packet's time %v lies before 1970", p.At)
	}
	comments := make([]string, len(p.Comments))
	for i, c := range p.Comments {
		comments[i] = text(c)
	}
	options := pcapgo.NgPacketOptions{Comments: comments}
	switch p.Direction {
	case Inbound:
		options.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	case Outbound:
		options.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionOutbound}
	}
	info := gopacket.CaptureInfo{Timestamp: p.At, CaptureLength: len(p.Data), Length: length}
	if err := w.ng.WritePacketWithOptions(info, p.Data, options); err != nil {
		return fmt.Errorf("pcapng: writing a packet: %w", err)
	}
	return nil
}

// Flush writes what is still in the Writer's buffer. A file is whole only after it.
func (w *Writer) Flush() error {
	if err := w.ng.Flush(); err != nil {
		return fmt.Errorf("pcapng: writing: %w", err)
	}
	return nil
}

// maxText is the longest text that an option's 16-bit length can tell.
const maxText = 1<<16 - 1

// text makes s fit for an option: UTF-8, and not too long.
func text(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
