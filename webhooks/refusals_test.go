package webhooks

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"callhue/internal/fault"
)

// TestRefusalsAreLogged: those for a trouble of our own, a line a second.
func TestRefusalsAreLogged(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC)
	r := refusals{log: slog.New(slog.NewTextHandler(&out, nil)), now: func() time.Time { return now }}
	busy := fault.Unavailable("database_busy", time.Second)
	for range 5 {
		r.add("office", busy)
		r.add("office", fault.Busy("too_many_requests", time.Second))
		r.add("office", fault.Unauthorised("wrong_signature"))
	}
	now = now.Add(refusalsEvery)
	r.add("office", busy)
	text := out.String()
	if strings.Count(text, "\n") != 2 || strings.Count(text, "code=database_busy") != 2 ||
		!strings.Contains(text, "others=4") {
		t.Errorf("the log has\n%s", text)
	}
}
