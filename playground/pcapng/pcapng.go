// Package pcapng writes captures that Wireshark opens: one interface for each host, times in nanoseconds, and
// comments on the file, its interfaces and its packets. Packets are IP packets, without a link layer.
// The format is draft-ietf-opsawg-pcapng; gopacket's writer does the blocks.
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
	Comment     string
}

// Interface is where packets were captured: a host. What is empty is left out.
type Interface struct {
	Name, Description, Comment string
}

// Packet is one IP packet.
type Packet struct {
	Interface   int // index in the interfaces given to NewWriter
	At          time.Time
	Data        []byte // from the IP header on
	OriginalLen int    // the packet's length where Data is cut off; 0: it is whole
	Comments    []string
}

// Writer writes a file. Not for concurrent use.
type Writer struct {
	ng         *pcapgo.NgWriter
	interfaces int
}

// NewWriter writes the file's beginning to w. There must be at least one interface.
func NewWriter(w io.Writer, section Section, interfaces []Interface) (*Writer, error) {
	if len(interfaces) == 0 {
		return nil, fmt.Errorf("pcapng: a file needs at least one interface")
	}
	options := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{
		Application: text(section.Application), Comment: text(section.Comment),
	}}
	ng, err := pcapgo.NewNgWriterInterface(w, ngInterface(interfaces[0]), options)
	if err != nil {
		return nil, fmt.Errorf("pcapng: writing the beginning: %w", err)
	}
	for _, i := range interfaces[1:] {
		if _, err := ng.AddInterface(ngInterface(i)); err != nil {
			return nil, fmt.Errorf("pcapng: writing interface %s: %w", i.Name, err)
		}
	}
	return &Writer{ng: ng, interfaces: len(interfaces)}, nil
}

// ngInterface leaves the resolution to gopacket's writer, which always writes nanoseconds (if_tsresol 9).
func ngInterface(i Interface) pcapgo.NgInterface {
	return pcapgo.NgInterface{
		Name: text(i.Name), Description: text(i.Description), Comment: text(i.Comment),
		LinkType: layers.LinkTypeRaw, // LINKTYPE_RAW: begins with an IPv4 or IPv6 header
	}
}

// Write writes a packet, with its comments in their order.
func (w *Writer) Write(p Packet) error {
	length := p.OriginalLen
	if length == 0 {
		length = len(p.Data)
	}
	switch {
	case p.Interface < 0 || p.Interface >= w.interfaces:
		return fmt.Errorf("pcapng: there is no interface %d; the file has %d", p.Interface, w.interfaces)
	case length < len(p.Data):
		return fmt.Errorf("pcapng: the packet has %d bytes, more than its original length %d", len(p.Data), length)
	case p.At.Before(time.Unix(0, 0)): // times are unsigned
		return fmt.Errorf("pcapng: the packet's time %v lies before 1970", p.At)
	}
	comments := make([]string, len(p.Comments))
	for i, c := range p.Comments {
		comments[i] = text(c)
	}
	info := gopacket.CaptureInfo{Timestamp: p.At, CaptureLength: len(p.Data), Length: length, InterfaceIndex: p.Interface}
	if err := w.ng.WritePacketWithOptions(info, p.Data, pcapgo.NgPacketOptions{Comments: comments}); err != nil {
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
