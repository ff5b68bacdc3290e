package main

import (
	"os"
	"strings"
	"testing"
)

// TestSoak: a short soak ends well; CI has a longer one.
func TestSoak(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("Labs of this process itself need root")
	}
	if err := soakMain(t.Context(), []string{"-for", "5s", "-seed", "7"}); err != nil {
		t.Error(err)
	}
}

// TestSoakTells what its flags are, and nothing else.
func TestSoakTells(t *testing.T) {
	if err := soakMain(t.Context(), []string{"-for", "ever"}); err == nil || !strings.Contains(err.Error(), "-for") {
		t.Errorf("a length that is none: %v", err)
	}
}
