package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"

	"callhue/internal/web"
)

func TestReferencePage(t *testing.T) {
	s := newServer(t, web.Options{Version: "1.2.3"}, harbour())
	answer, page := call{method: "GET", path: "/docs"}.to(t, s)
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatal(answer.StatusCode, answer.Header, page)
	}
	names := strings.NewReplacer(":id", "{id}", ":source", "{source}", "*", "{rest}")
	for _, r := range s.Routes() {
		if !strings.Contains(page, "</b> "+names.Replace(r.Path)+"</h3>\n<p>"+html.EscapeString(r.Summary)) {
			t.Errorf("%s %s is not on the page", r.Method, r.Path)
		}
	}
	for _, words := range []string{
		"Version 1.2.3", "For supervisor, admin.", "For anyone.", `list of <a href="#Boat">Boat</a>`,
		`<a href="#Owner">Owner</a> or null`,
		"date-time or null", "<code>red</code>, <code>blue</code>", "As painted on the bow.", "object of string",
		"text/event-stream", "any JSON",
	} {
		if !strings.Contains(page, words) {
			t.Errorf("%q is not on the page", words)
		}
	}
	ids := map[string]bool{}
	for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[id[1]] {
			t.Errorf("two elements are called %s", id[1])
		}
		ids[id[1]] = true
	}
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !ids[link[1]] {
			t.Errorf("a link leads to %s, which is not there", link[1])
		}
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(answer.Header.Get("Content-Security-Policy"), "'sha256-"+hash+"'") {
		t.Error("the page's own style is not allowed by its policy")
	}
	if outside := regexp.MustCompile(`<script|style="|https?:| on\w+="`).FindString(page); outside != "" {
		t.Errorf("the page needs %q", outside)
	}
}
