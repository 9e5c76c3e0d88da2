package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestConnectionsWithoutRequestsStopNothing opens many more connections than the process may have files: some say
// nothing, some stop within a header, some within a body. The PBX, which connects for each event, has its answer within
// a second all the while, and a stream that was open stays open.
func TestConnectionsWithoutRequestsStopNothing(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.do("user", "add", "--login", "petrov", "--name", "Petrov", "--extension", "102")
		at.do("source", "add", "--name", "office", "--dialect", "generic", "--set", "path_secret=true",
			"--secret", "0123456789abcdef")
		p := at.serveWith(200)
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "petrov", "--name", "test"))
		events := p.listen("", "")
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		address := strings.TrimPrefix(p.at, "http://")
		openings := []string{"", "POST /hooks/office/0123456789abcdef HTTP/1.1\r\nHost:",
			"POST /hooks/office/0123456789abcdef HTTP/1.1\r\nHost: callhue\r\nContent-Type: application/json\r\n" +
				"Content-Length: 1000000\r\n\r\n{"}
		var slowest time.Duration
		for i := range 900 {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, openings[i%len(openings)])
			if i%30 != 0 {
				continue
			}
			begun := time.Now()
			answer, err := client.Post(p.at+"/hooks/office/0123456789abcdef", "application/json",
				strings.NewReader(fmt.Sprintf(ringing, fmt.Sprint("call-", i))))
			if err != nil {
				t.Fatalf("beside %d connections: %v\n%s", i, err, p.out.String())
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("beside %d connections: %d", i, answer.StatusCode)
			}
			if event := next(t, events); !strings.Contains(event, fmt.Sprint("call-", i)) {
				t.Fatalf("beside %d connections the stream has %.200s", i, event)
			}
			slowest = max(slowest, time.Since(begun))
		}
		if slowest > 5*time.Second { // a second on a quiet machine
			t.Errorf("an event took %v", slowest)
		}
		t.Logf("the slowest event and its card took %v", slowest)
	})
}

// serveWith starts a server in a process of its own that may have so many files open.
func (at *terminal) serveWith(files int) *process {
	at.t.Helper()
	p := &process{t: at.t}
	limited := fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, files)
	command := exec.Command("sh", append([]string{"-c", limited, os.Args[0]},
		at.with("serve", "--listen", "127.0.0.1:0")...)...)
	command.Env = append(os.Environ(), asCallhue+"=1")
	command.Stdout, command.Stderr = &p.out, &p.out
	if err := command.Start(); err != nil {
		at.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	at.t.Cleanup(func() {
		select {
		case err := <-ended:
			at.t.Errorf("the server has ended by itself: %v\n%s", err, p.out.String())
		default:
			_ = command.Process.Kill()
			<-ended
		}
	})
	at.until("the server is ready", func() bool {
		if p.at = itsAddress.FindString(p.out.String()); p.at == "" {
			return false
		}
		answer, err := http.Get(p.at + "/readyz")
		if err != nil {
			return false
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(answer.Body)
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}
