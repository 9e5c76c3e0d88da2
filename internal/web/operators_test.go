package web_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"callhue/internal/web"
)

// TestOperatorRoutesAreServedApart checks that metrics and the API reference are served by one address only.
func TestOperatorRoutesAreServedApart(t *testing.T) {
	for _, apart := range []bool{false, true} {
		s := newServer(t, web.Options{OperatorsApart: apart}, harbour())
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 2)
		at := func(serve func(context.Context, net.Listener) error) string {
			on, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { ended <- serve(ctx, on) }()
			return "http://" + on.Addr().String()
		}
		public := at(s.ServeOn)
		want := map[string]int{public + "/healthz": 200}
		for _, path := range []string{"/metrics", "/docs", "/openapi.json"} {
			want[public+path] = 200
		}
		servers := 1
		if apart {
			operators := at(s.ServeOperatorsOn)
			servers++
			want[operators+"/healthz"] = 404
			for _, path := range []string{"/metrics", "/docs", "/openapi.json"} {
				want[public+path], want[operators+path] = 404, 200
			}
		}
		client := &http.Client{Timeout: 10 * time.Second}
		for url, status := range want {
			answer, err := client.Get(url)
			if err != nil {
				t.Errorf("apart %v: %v", apart, err)
				continue
			}
			_ = answer.Body.Close()
			if answer.StatusCode != status {
				t.Errorf("apart %v: %s answers %d, want %d", apart, url, answer.StatusCode, status)
			}
		}
		client.CloseIdleConnections()
		stop()
		for range servers {
			if err := <-ended; err != nil {
				t.Errorf("apart %v: %v", apart, err)
			}
		}
	}
}
