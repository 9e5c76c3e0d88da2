package outhooks

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/secrets"
	"callhue/internal/store"
)

// TestTheReceiverOfTheDocsUnderstands runs the program that docs/hooks-out.md
// shows: it takes what we sign, and nothing that someone else signed.
func TestTheReceiverOfTheDocsUnderstands(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node.js: the receiver in the docs is written for it")
	}
	page, err := os.ReadFile("../docs/hooks-out.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```js\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatal("docs/hooks-out.md shows no receiver")
	}
	program := filepath.Join(t.TempDir(), "receiver.mjs")
	if err := os.WriteFile(program, found[1], 0o600); err != nil {
		t.Fatal(err)
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPost(t, db)
		p.Clock.Set(time.Now()) // the receiver has no other clock
		port := freePort(t)
		h, secret, err := p.courier.AddHook(context.Background(), p.admin,
			NewHookOut{Name: "docs", URL: "http://127.0.0.1:" + port})
		if err != nil {
			t.Fatal(err)
		}
		lines := runReceiver(t, node, program, port, secret)
		id := p.happens(crm.CompanyStatus, 310)
		p.round(h)
		if d := p.last(h); d.State != DeliveryDone || d.Status != 204 {
			t.Fatalf("the receiver did not take it: %+v", d)
		}
		var m Message
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &m) != nil || m.ID != id {
			t.Errorf("the receiver printed %q", lines.Text())
		}
		if _, _, err := p.courier.RotateHook(context.Background(), p.admin, h.ID); err != nil {
			t.Fatal(err)
		}
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		if d := p.last(h); d.State != DeliveryDone {
			t.Errorf("while the secret is rotated the old one holds: %+v", d)
		}
		p.Clock.Move(secrets.KeptRotated) // now the old secret is over, and so is the time of the receiver
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		if d := p.last(h); d.Status != 401 {
			t.Errorf("a signature that does not fit was taken: %+v", d)
		}
	})
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// runReceiver starts the program and waits until it listens.
func runReceiver(t *testing.T, node, program, port, secret string) *bufio.Scanner {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	receiver := exec.CommandContext(ctx, node, program)
	receiver.Env = append(os.Environ(), "PORT="+port, "CALLHUE_SECRET="+secret)
	receiver.Stderr = os.Stderr
	out, err := receiver.StdoutPipe()
	if err == nil {
		err = receiver.Start()
	}
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = receiver.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
			return bufio.NewScanner(out)
		}
		if time.Now().After(deadline) {
			t.Fatal("the receiver does not listen")
		}
	}
}
