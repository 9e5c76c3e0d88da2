package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSubscriptionsAtTheTerminal(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Callhue-Signature") == "" {
			w.WriteHeader(401)
		}
	}))
	t.Cleanup(receiver.Close)
	atTerminals(t, func(at *terminal) {
		if exit, _, stderr := at.try("hook-out", "add", "--name", "crm", "--url", receiver.URL); exit != exitUsage ||
			!strings.Contains(stderr, "private address") {
			t.Errorf("a private address: exit %d, %s", exit, stderr)
		}
		at.private = true
		if said := at.do("hook-out", "add", "--name", "crm", "--url", receiver.URL,
			"--verbs", "company.*,call.ended"); !strings.Contains(said, "Secret, shown this once: ") {
			t.Errorf("add: %s", said)
		}
		if said := at.do("hook-out", "list"); !strings.Contains(said, "company.* call.ended") {
			t.Errorf("list: %s", said)
		}
		if said := at.do("hook-out", "test", "crm"); !strings.Contains(said, "done, status 200") {
			t.Errorf("test: %s", said)
		}
		at.do("hook-out", "remove", "crm")
		if exit, _, stderr := at.try("hook-out", "test", "crm"); exit != exitFailed ||
			!strings.Contains(stderr, "not found") {
			t.Errorf("removed: exit %d, %s", exit, stderr)
		}
	})
}

// TestSubscribersGetEachCardOnce rings at two servers in turns: a subscriber gets each card once, whichever server
// delivers.
func TestSubscribersGetEachCardOnce(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.private = true
		type telling struct{ entry, attempt, body string }
		told := make(chan telling, 100)
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			entry, _, _ := strings.Cut(string(body), ",") // begins with its id
			told <- telling{entry, r.Header.Get("X-Callhue-Attempt"), string(body)}
		}))
		defer receiver.Close()
		first := at.stage()
		second := at.serve()
		at.do("hook-out", "add", "--name", "crm", "--url", receiver.URL, "--verbs", "card.shown")
		known := map[string]bool{}
		for i := range 6 { // since the first one someone attends to it
			server := []*process{first, second}[i%2]
			if status, answer := server.ask("POST", "/hooks/office/0123456789abcdef",
				fmt.Sprintf(ringing, fmt.Sprint("c-", i))); status != 200 {
				t.Fatalf("hook: %d %s", status, answer)
			}
			for fresh := false; !fresh; {
				select {
				case e := <-told:
					if !strings.Contains(e.body, `"verb":"card.shown"`) ||
						!strings.Contains(e.body, `"kind":"company"`) {
						t.Errorf("told %s", e.body)
					}
					if known[e.entry] && e.attempt == "1" {
						t.Errorf("told once more: %s", e.body)
					}
					fresh, known[e.entry] = !known[e.entry], true
				case <-time.After(time.Minute):
					t.Fatal("the subscriber heard nothing")
				}
			}
		}
	})
}
