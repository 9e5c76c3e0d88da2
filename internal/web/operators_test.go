package web_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"callhue/internal/web"
)

// TestOperatorRoutes checks where metrics and the API reference are served, with and without an address for operators.
func TestOperatorRoutes(t *testing.T) {
	for _, c := range []struct {
		why         string
		apart       bool
		operators   bool // asked at the operators' address
		token, path string
		status      int
	}{
		{"metrics need a token", false, false, "", "/metrics", 401},
		{"an admin's", false, false, "root", "/metrics", 200},
		{"no agent's", false, false, "petrov", "/metrics", 403},
		{"the reference is open", false, false, "", "/docs", 200},
		{"and the document", false, false, "", "/openapi.json", 200},
		{"metrics still need a token", true, false, "", "/metrics", 401},
		{"an admin's still does", true, false, "root", "/metrics", 200},
		{"the reference has moved", true, false, "root", "/docs", 404},
		{"and the document", true, false, "root", "/openapi.json", 404},
		{"operators need none", true, true, "", "/metrics", 200},
		{"nor for the reference", true, true, "", "/docs", 200},
		{"nor for the document", true, true, "", "/openapi.json", 200},
		{"nothing else is there", true, true, "root", "/healthz", 404},
		{"but here", true, false, "", "/healthz", 200},
	} {
		s := newServer(t, web.Options{OperatorsApart: c.apart}, harbour())
		serve := s.ServeOn
		if c.operators {
			serve = s.ServeOperatorsOn
		}
		if status := statusAt(t, serve, c.path, c.token); status != c.status {
			t.Errorf("%s: %s answers %d, want %d", c.why, c.path, status, c.status)
		}
	}
}

// statusAt serves on a free port and returns the status of one request.
func statusAt(t *testing.T, serve func(context.Context, net.Listener) error, path, token string) int {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, on) }()
	client := &http.Client{Timeout: 10 * time.Second}
	request, err := http.NewRequest("GET", "http://"+on.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	client.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}
