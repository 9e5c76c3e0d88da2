package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"callhue/test/fakecrm/amocrm"
	"callhue/test/fakecrm/bitrix24"
)

// command runs a command of the binary on a database of its own.
func commandsOn(t *testing.T) func(args ...string) (exit int, out, stderr string) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "callhue.db")
	callhue := func(args ...string) (int, string, string) {
		var out, stderr strings.Builder
		exit := run(t.Context(), append(args, "--db", db, "--allow-private-hooks"), &out, &stderr)
		return exit, out.String(), stderr.String()
	}
	if exit, _, stderr := callhue("migrate"); exit != 0 {
		t.Fatal(stderr)
	}
	return callhue
}

func TestConnectingABitrix24Portal(t *testing.T) {
	p := bitrix24.New(bitrix24.Options{Rate: -1})
	server := httptest.NewServer(p)
	defer server.Close()
	p.Listens(server.URL)
	callhue := commandsOn(t)
	exit, out, stderr := callhue("source", "add", "--name", "b24", "--dialect", "bitrix24-sync",
		"--secret", bitrix24.ClientSecret, "--set", "portal="+server.URL, "--set", "client_id="+bitrix24.ClientID,
		"--public-url", "https://callhue.example")
	for _, want := range []string{"https://callhue.example/bitrix24/install", "Local application",
		"crm, user_basic, department, telephony, placement", "https://callhue.example/hooks/b24",
		"callhue source test b24"} {
		if exit != 0 || !strings.Contains(out, want) {
			t.Errorf("%d, no %q in %s%s", exit, want, out, stderr)
		}
	}
	if exit, out, stderr = callhue("source", "test", "b24"); exit != exitFailed ||
		!strings.Contains(stderr, "open the application in the portal") {
		t.Errorf("not installed: %d %s%s", exit, out, stderr)
	}
	again := []string{"source", "add", "--name", "again", "--dialect", "bitrix24-sync", "--secret", "SECRET",
		"--set", "portal=" + server.URL, "--set", "client_id=other"}
	if exit, _, stderr = callhue(again...); exit != exitUsage ||
		!strings.Contains(stderr, "settings.portal: connected elsewhere") &&
			!strings.Contains(stderr, "settings.portal: connected_elsewhere") {
		t.Errorf("the same portal once more: %d %s", exit, stderr)
	}
	if exit, _, stderr = callhue("source", "remove", "b24"); exit != 0 {
		t.Fatal(stderr)
	}
	if exit, out, stderr = callhue("source", "add", "--name", "hook", "--dialect", "bitrix24-sync",
		"--secret", "APPLICATION-TOKEN", "--set", "portal="+server.URL,
		"--set", "webhook_url="+p.Webhook()); exit != 0 ||
		!strings.Contains(out, "/hooks/hook") || strings.Contains(out, bitrix24.WebhookSecret) {
		t.Errorf("by a webhook: %d %s%s", exit, out, stderr)
	}
	if exit, out, stderr = callhue("source", "test", "hook"); exit != 0 || !strings.Contains(out, "lets us in") ||
		!strings.Contains(out, "User1") {
		t.Errorf("by a webhook: %d %s%s", exit, out, stderr)
	}
	if exit, _, stderr = callhue("source", "add", "--name", "none", "--dialect", "bitrix24-sync",
		"--secret", "SECRET-of-nobody"); exit != exitUsage ||
		!strings.Contains(stderr, "settings.portal: required") ||
		!strings.Contains(stderr, "settings.client_id: required") {
		t.Errorf("without settings: %d %s", exit, stderr)
	}
	if p.Writes() != 0 {
		t.Errorf("%d writes", p.Writes())
	}
}

func TestConnectingAnAmocrmAccount(t *testing.T) {
	a := amocrm.New(amocrm.Options{Name: "Acme", Token: "TOKEN-of-the-account", ClientID: "integration",
		Secret: "SECRET-of-the-integration", Redirect: "https://callhue.example/"})
	server := httptest.NewServer(a)
	defer server.Close()
	callhue := commandsOn(t)
	if exit, out, stderr := callhue("source", "add", "--name", "amo", "--dialect", "amocrm-sync",
		"--set", "account="+server.URL, "--set", "token=TOKEN-of-the-account",
		"--public-url", "https://callhue.example"); exit != 0 ||
		!strings.Contains(out, "https://callhue.example/hooks/amo/") || strings.Contains(out, "TOKEN-of-the-account") {
		t.Errorf("%d %s%s", exit, out, stderr)
	}
	if exit, out, stderr := callhue("source", "test", "amo"); exit != 0 || !strings.Contains(out, "Acme lets us in") {
		t.Errorf("%d %s%s", exit, out, stderr)
	}
	if exit, _, stderr := callhue("source", "remove", "amo"); exit != 0 {
		t.Fatal(stderr)
	}
	if exit, _, stderr := callhue("source", "add", "--name", "integration", "--dialect", "amocrm-sync",
		"--set", "account="+server.URL, "--set", "client_id=integration",
		"--set", "client_secret=SECRET-of-the-integration",
		"--set", "redirect_uri=https://callhue.example/"); exit != 0 {
		t.Fatal(stderr)
	}
	if exit, _, stderr := callhue("source", "test", "integration"); exit != exitFailed ||
		!strings.Contains(stderr, "crm sign in again") {
		t.Errorf("without a code: %d %s", exit, stderr)
	}
	if exit, out, stderr := callhue("source", "test", "integration", "--code", a.Code()); exit != 0 ||
		!strings.Contains(out, "Acme lets us in") {
		t.Errorf("with a code: %d %s%s", exit, out, stderr)
	}
	if exit, out, stderr := callhue("source", "test", "integration"); exit != 0 ||
		!strings.Contains(out, "Acme lets us in") {
		t.Errorf("afterwards: %d %s%s", exit, out, stderr)
	}
	if exit, out, stderr := callhue("source", "add", "--name", "other", "--dialect", "amocrm-sync",
		"--set", "account=acme.example", "--set", "token=TOKEN-of-the-account"); exit != exitUsage ||
		!strings.Contains(stderr, "settings.account") {
		t.Errorf("a stranger's host: %d %s%s", exit, out, stderr)
	}
	if a.Writes() != 0 {
		t.Errorf("%d writes", a.Writes())
	}
}
