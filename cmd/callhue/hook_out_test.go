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
	defer receiver.Close()
	atTerminals(t, func(at *terminal) {
		if exit, _, errs := at.try("hook-out", "add", "--name", "crm", "--url", receiver.URL); exit != exitUsage || !strings.Contains(errs, "private address") {
			t.Errorf("a private address: exit %d, %s", exit, errs)
		}
		at.t.Setenv("CALLHUE_ALLOW_PRIVATE_HOOKS", "true")
		if said := at.do("hook-out", "add", "--name", "crm", "--url", receiver.URL, "--verbs", "company.*,call.ended"); !strings.Contains(said, "Secret, shown this once: ") {
			t.Errorf("add: %s", said)
		}
		if said := at.do("hook-out", "list"); !strings.Contains(said, "company.* call.ended") {
			t.Errorf("list: %s", said)
		}
		if said := at.do("hook-out", "test", "crm"); !strings.Contains(said, "done, status 200") {
			t.Errorf("test: %s", said)
		}
		at.do("hook-out", "remove", "crm")
		if exit, _, errs := at.try("hook-out", "test", "crm"); exit != exitFailed || !strings.Contains(errs, "not found") {
			t.Errorf("removed: exit %d, %s", exit, errs)
		}
	})
}

// TestACallIsToldToSubscribers rings at one of two servers: a subscriber hears of
// each card once, whichever of them attends to him.
func TestACallIsToldToSubscribers(t *testing.T) {
	t.Setenv("CALLHUE_ALLOW_PRIVATE_HOOKS", "true")
	atTerminals(t, func(at *terminal) {
		told := make(chan string, 100)
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			told <- string(body)
		}))
		defer receiver.Close()
		first := at.stage()
		second := at.serve()
		at.do("hook-out", "add", "--name", "crm", "--url", receiver.URL, "--verbs", "card.shown")
		time.Sleep(1500 * time.Millisecond) // both servers have heard of it, and one attends to it
		for i, server := range []*process{first, second} {
			if status, answer := server.ask("POST", "/hooks/office/0123456789abcdef", fmt.Sprintf(ringing, fmt.Sprint("c-", i))); status != 200 {
				t.Fatalf("hook: %d %s", status, answer)
			}
		}
		for range 2 {
			select {
			case body := <-told:
				if !strings.Contains(body, `"verb":"card.shown"`) || !strings.Contains(body, `"kind":"company"`) {
					t.Errorf("told %s", body)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("the subscriber heard nothing")
			}
		}
		select {
		case body := <-told:
			t.Errorf("told once more: %s", body)
		case <-time.After(time.Second):
		}
	})
}
