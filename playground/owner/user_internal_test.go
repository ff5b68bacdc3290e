//go:build linux

package owner

import "testing"

// TestMapsAll: where any number is left out, those who would have it are shown under another's.
func TestMapsAll(t *testing.T) {
	for text, want := range map[string]bool{
		"         0          0 4294967295\n":  true, // outside of all user namespaces
		"0 0 65536\n65536 65536 4294901759\n": true,
		"         0       1000          1\n":  false, // the user alone
		"     65534      65534          1\n":  false,
		"0 1000 1\n1 100000 65536\n":          false, // a rootless container, where 65534 is one of many
		"0 0 4294967294\n":                    false,
		"":                                    false, // no mapping, or no /proc
		"0 0\n":                               false,
		"0 0 -1\n":                            false,
		"0 0 4294967295 rest\n":               false,
	} {
		if got := mapsAll(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
