package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
