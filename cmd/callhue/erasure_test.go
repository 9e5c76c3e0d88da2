package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"callhue/internal/store"
)

// canaries are what is known of the person, each in a spelling of its own.
var canaries = []string{
	"Quixotry", "Zyxomma", "Vellichor", // names, the last one an earlier one
	"quixotry@example.com", "zyxomma@example.com",
	"4950000081", "495 000-00-81", "(495)0000081", "495-000-00-82", "4950000082",
	"CANARY-TITLE", "CANARY-POST", "CANARY-NOTE", "CANARY-RECORDING", "CANARY-SYSTEM-ID", "CANARY-FIELD",
	"CANARY-SPELLING", "CANARY-REASON", "CANARY-OLD-NOTE", "CANARY-OPEN-CALL",
}

// TestAnErasedPersonLeavesNoByte writes about a person wherever anything can be written, has them erased while a PBX
// goes on reporting other calls, and reads the bytes of all files: database, write-ahead log, uploaded files, log.
func TestAnErasedPersonLeavesNoByte(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		t.Parallel()
		at := &terminal{t: t, db: db.URL, key: t.TempDir() + "/key"}
		p := at.stage()
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "person"))
		p.writeAbout(at)
		if db.Engine() == "sqlite" && len(p.left(db)) < 15 {
			t.Errorf("before the erasure there are only %q: this test would prove little", p.left(db))
		}
		stop := p.keepCalling()
		status, answer := p.ask("POST", "/api/v1/contacts/1/erase", `{"reason":"letter 18"}`)
		if status != http.StatusOK || !strings.Contains(answer, `"finished":true`) {
			t.Errorf("erase: %d %s", status, answer)
		}
		if out := at.do("person", "erase", "--number", "495-000-00-82", "--reason", "letter 18"); out == "" {
			t.Error("the second number was not erased")
		}
		at.until("no byte is left", func() bool { return len(p.left(db)) == 0 })
		stop()
		if left := p.left(db); len(left) > 0 {
			t.Errorf("left after more calls: %q", left)
		}
		if text := everyText(t, db); strings.Contains(text, "erasures.id") {
			t.Error("the erasure is not finished")
		}
	})
}

// writeAbout writes about the person.
func (p *process) writeAbout(at *terminal) {
	must := func(method, path, body string, headers ...string) {
		at.t.Helper()
		if status, answer := p.ask(method, path, body, headers...); status >= 300 {
			at.t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
	}
	must("POST", "/api/v1/contacts", `{"name":"Vellichor Quixotry","post":"CANARY-POST",
		"phones":[{"value":"+7 (495)0000081"}],"emails":["quixotry@example.com"]}`, "Idempotency-Key", "first")
	must("PUT", "/api/v1/contacts/1", `{"name":"Zyxomma Quixotry","phones":[{"value":"8 495 000-00-81"}],
		"emails":["zyxomma@example.com"],"version":1,
		"external_ids":[{"system":"erp","external_id":"CANARY-SYSTEM-ID"}]}`)
	must("POST", "/api/v1/leads", `{"title":"CANARY-TITLE of Quixotry","contact_id":1,"source":"CANARY-FIELD",
		"phones":[{"value":"+7 495 000-00-81"}]}`)
	must("POST", "/api/v1/do-not-call", `{"number":"+7 495 000-00-83","reason":"CANARY-SPELLING Quixotry"}`)
	must("POST", "/api/v1/contacts", `{"name":"Quixotry Twice","phones":[{"value":"495 000-00-83"}]}`)
	must("POST", "/api/v1/contacts/1/merge", `{"from_ids":[2],"reason":"CANARY-REASON","version":2}`)
	ring := func(call, number string, events ...string) {
		for _, event := range events {
			body := fmt.Sprintf(`{"event":%q,"call_id":%q,"direction":"out","number":%q,"agent":"102",
				"recording_url":"https://pbx.example/CANARY-RECORDING.mp3"}`, event, call, number)
			must("POST", "/hooks/office/0123456789abcdef", body)
		}
	}
	ring("a", "8 495 000-00-81", "ringing", "answered", "ended")
	ring("b", "+74950000081", "ringing") // never ends
	ring("c", "495-000-00-82", "ringing", "answered", "ended")
	must("POST", "/api/v1/calls/1/note", `{"note":"CANARY-OLD-NOTE"}`)
	must("POST", "/api/v1/calls/1/note", `{"note":"CANARY-NOTE"}`)
	must("POST", "/api/v1/calls/2/note", `{"note":"CANARY-OPEN-CALL"}`)
	status, uploaded := p.upload("quixotry.csv", "name,phone,email\n"+
		"Zyxomma Quixotry,8 495 000-00-81,quixotry@example.com\nSomeone Else,1,quixotry@example.com\n")
	file := p.imported(status, uploaded, http.StatusCreated)
	must("POST", fmt.Sprintf("/api/v1/imports/%d/dry-run", file.ID), "")
	at.awaits(p, file.ID, "ready")
}

// keepCalling has the PBX report calls of other numbers until stop is called.
func (p *process) keepCalling() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-end:
				return
			default:
			}
			body := fmt.Sprintf(`{"event":"ringing","call_id":"other-%d","direction":"in",
				"number":"+7495000%04d","agent":"102"}`, i, 1000+i%9000)
			answer, err := http.Post(p.at+"/hooks/office/0123456789abcdef", "application/json", strings.NewReader(body))
			if err == nil {
				_ = answer.Body.Close()
			}
		}
	}()
	return func() { close(end); <-ended }
}

// left returns the canaries that are in a file of the database, beside it, or in the log; on MariaDB in its tables.
// Another process reads the files: closing one of them here would end the locks of this process.
func (p *process) left(db *store.DB) (list []string) {
	var text string
	if db.Engine() == "mysql" {
		text = everyText(p.t, db)
	} else {
		folder := filepath.Dir(strings.TrimPrefix(db.URL, "sqlite:"))
		raw, err := exec.Command("find", folder, "-type", "f", "-print", "-exec", "cat", "{}", "+").Output()
		if err != nil {
			p.t.Fatal(err)
		}
		text = string(raw)
	}
	text = strings.ToLower(text + p.out.String())
	for _, canary := range canaries {
		if strings.Contains(text, strings.ToLower(canary)) {
			list = append(list, canary)
		}
	}
	return list
}
