package web

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// splitHost takes a Host header (RFC 9110 §7.2) apart: the name in lower case, an IPv6 address with its brackets, and the
// port, 0 where none is named. It takes what a browser sends and nothing else: no userinfo, no trailing dot, no zone, no
// percent sign, no second way to write an address or a port.
func splitHost(host string) (name string, port uint16, ok bool) {
	end := strings.LastIndexByte(host, ':')
	if end < 0 || strings.HasSuffix(host, "]") {
		end = len(host)
	}
	name = lower(host[:end])
	if !isName(name) && !isAddress(name) {
		return "", 0, false
	}
	if end == len(host) {
		return name, 0, true
	}
	digits := host[end+1:]
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != digits {
		return "", 0, false
	}
	return name, uint16(n), true
}

// lower folds A to Z and nothing else, as host names do (RFC 4343 §3): the Kelvin sign is no k.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// isName says whether it is a host name in lower case (RFC 1123 §2.1), with the underscores that containers' names have.
// One whose last label is a number would be an address to a browser (URL standard, host parsing).
func isName(s string) bool {
	if len(s) == 0 || len(s) > 253 {
		return false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" {
		return false
	}
	_, err := strconv.ParseUint(strings.TrimPrefix(last, "0x"), 16, 64)
	return !strings.HasPrefix(last, "0x") || err != nil && last != "0x"
}

// isAddress says whether it is an address as a browser writes it into Host: IPv6 in brackets.
func isAddress(s string) bool {
	inner, bracketed := strings.CutPrefix(s, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	a, err := netip.ParseAddr(inner)
	return err == nil && bracketed == closed && a.Is6() == bracketed && a.Zone() == "" && a.String() == inner
}

// hostOf is how Host names an address.
func hostOf(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// AllowedName checks a name that Host may have beside the usual ones, and gives it as Host will have it. The error says
// what is wrong with it in a sentence.
func AllowedName(s string) (string, error) {
	name := lower(strings.TrimSpace(s))
	if a, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil && a.Zone() == "" {
		return hostOf(a), nil
	}
	switch _, _, isHost := splitHost(name); {
	case name == "":
		return "", errors.New("the name is empty; give one such as lab.example.org")
	case strings.Contains(name, "*"):
		return "", fmt.Errorf("%q has a wildcard, and whoever owns a name below it would be let in; give each name by itself", s)
	case strings.Contains(name, "/"):
		return "", fmt.Errorf("%q is an address of a page; give the name in it alone, such as lab.example.org", s)
	case strings.Contains(name, "@"):
		return "", fmt.Errorf("%q names a user; give the name of the host alone", s)
	case strings.HasSuffix(name, "."):
		return "", fmt.Errorf("%q ends in a dot, which browsers do not send; leave it out", s)
	case isHost && strings.Contains(name, ":"):
		return "", fmt.Errorf("%q names a port; every port is meant, so give the name alone", s)
	case !isName(name):
		return "", fmt.Errorf("%q is no host name; give letters, digits, hyphens and dots, such as lab.example.org (other letters as xn--…)", s)
	}
	return name, nil
}
