package main

import "testing"

func TestURLsOfThisMachineAreFound(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080/hooks/office":   true,
		"http://localhost:8080/hooks/office":   true,
		"http://[::1]/hooks/office":            true,
		"https://callhue.example/hooks/office": false,
		"http://10.0.0.5:8080/hooks/office":    false,
		"pbx.example:5038":                     false,
		"127.0.0.1:5038":                       false, // where we connect to
		"":                                     false,
	} {
		if got := isLoopback(address); got != want {
			t.Errorf("%q leads to this machine: %v, want %v", address, got, want)
		}
	}
}
