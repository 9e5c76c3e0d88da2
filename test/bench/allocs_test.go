//go:build !race

package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

var update = flag.Bool("update", false, "write the allocations down, lower ones only")

const allocsFile = "testdata/allocs.golden"

// TestAllocationsOnlyGoDown counts what one answer about a number in memory
// allocates, and holds it against the golden file. The file follows downwards
// with -update, never upwards.
func TestAllocationsOnlyGoDown(t *testing.T) {
	a := smallApp(t)
	golden, err := os.ReadFile(allocsFile)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	for line := range strings.Lines(string(golden)) {
		name, allowed, _ := strings.Cut(strings.TrimSpace(line), ": ")
		answer, known := a.answers(t)[name]
		if !known {
			t.Fatalf("%s: nothing is called %q", allocsFile, name)
		}
		got := fewest(answer)
		most := math.Inf(1)
		if _, err := fmt.Sscan(allowed, &most); err != nil {
			t.Fatalf("%s: %q: %v", allocsFile, line, err)
		}
		switch {
		case got > most:
			t.Errorf("%s: %v allocations, at most %v were enough before", name, got, most)
		case got < most && !*update:
			t.Logf("%s: %v allocations instead of %v: go test ./bench -update writes it down", name, got, most)
		}
		fmt.Fprintf(&now, "%s: %v\n", name, min(got, most))
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(allocsFile, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fewest counts the allocations of one answer. Whatever runs beside it is
// counted too, such as the journal's tail, so the best of some tries holds; the
// first ones fill the memory, and the log of requests.
func fewest(answer func()) float64 {
	least := math.Inf(1)
	for range 20 {
		least = min(least, testing.AllocsPerRun(100, answer))
	}
	return least
}

// smallApp is an application with ten numbers.
func smallApp(t testing.TB) *app {
	t.Helper()
	ctx := context.Background()
	a, err := openApp(ctx, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	if err := fill(ctx, a, perGroup); err != nil {
		t.Fatal(err)
	}
	return a
}

// answers are the ways to ask about the first number, which is that of a
// company in work of another seller.
func (a *app) answers(t testing.TB) map[string]func() {
	t.Helper()
	ctx := context.Background()
	org, err := a.roster.Org(ctx)
	if err != nil {
		t.Fatal(err)
	}
	question := calls.Question{Number: phone.Number{Raw: "+74950000000", Kind: phone.External, E164: number(0)},
		Agent: org.ByIdentity("", someSeller)}
	return map[string]func(){
		"verdict": func() {
			card, err := a.tracker.Check(ctx, question)
			if err != nil || card.Verdict.Color != rules.Red {
				t.Fatalf("%+v, %v", card.Verdict, err)
			}
		},
		"GET /cid":    a.through(t, a.nameRequest, "[!]Петров Ромаш"),
		"POST /check": a.through(t, a.checkRequest, `"color":"red"`),
	}
}

// through asks the server without a network, and looks for a text in the answer.
func (a *app) through(t testing.TB, request func(to []byte, place int) []byte, want string) func() {
	t.Helper()
	var ctx fasthttp.RequestCtx
	handler := a.server.App().Handler()
	raw := request(nil, 0)
	var in bytes.Reader
	lines := bufio.NewReaderSize(&in, 4<<10)
	return func() {
		in.Reset(raw)
		lines.Reset(&in)
		ctx.Response.Reset()
		if err := ctx.Request.Read(lines); err != nil {
			t.Fatal(err)
		}
		handler(&ctx)
		if !bytes.Contains(ctx.Response.Body(), []byte(want)) {
			t.Fatalf("%d %s, want %s in it", ctx.Response.StatusCode(), ctx.Response.Body(), want)
		}
	}
}

// BenchmarkAnswer is a quick look at the same answers, without a network.
func BenchmarkAnswer(b *testing.B) {
	a := smallApp(b)
	for name, answer := range a.answers(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer()
			}
		})
	}
}
