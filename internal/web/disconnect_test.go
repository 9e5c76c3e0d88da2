package web_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/web"
)

func TestASlowRouteEndsWithItsClient(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	wait := func(r *web.Request, _ web.Nothing) (web.Nothing, error) {
		close(begun)
		select {
		case <-r.Context().Done():
			ended <- r.Context().Err()
		case <-time.After(10 * time.Second):
			ended <- errors.New("the context has not ended")
		}
		return web.Nothing{}, r.Context().Err()
	}
	s := newServer(t, web.Options{}, []web.Route{{Method: "GET", Path: "/api/v1/reports/all", Roles: access.Anyone,
		Summary: "Report everything", Slow: true, Do: web.Do(wait)}})
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.ServeOn(ctx, on) }()
	conn, err := net.Dial("tcp", on.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /api/v1/reports/all HTTP/1.1\r\nHost: test\r\n\r\n")
	<-begun
	left := time.Now()
	conn.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) || time.Since(left) > 2*time.Second {
		t.Errorf("%v, %v after the client left", err, time.Since(left))
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
