package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/web"
)

// listen opens a stream and returns its lines as they come; the channel closes
// with the stream.
func listen(t *testing.T, url, user string) (status int, lines <-chan string, hangUp func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+user)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode == 200 &&
		(kind != "text/event-stream" || answer.Header.Get("X-Content-Type-Options") != "nosniff") {
		t.Errorf("headers %v", answer.Header)
	}
	ch := make(chan string, 100)
	go func() {
		defer close(ch)
		defer answer.Body.Close()
		for scan := bufio.NewScanner(answer.Body); scan.Scan(); {
			ch <- scan.Text()
		}
	}()
	return answer.StatusCode, ch, cancel
}

func next(t *testing.T, lines <-chan string) string {
	t.Helper()
	select {
	case line, open := <-lines:
		if !open {
			return "(end)"
		}
		return line
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		return ""
	}
}

func liveRoute(run func(*web.Stream) error) []web.Route {
	return []web.Route{row("GET", "/api/v1/live", access.Staff,
		web.Raw(func(r *web.Request) error { return web.SSE(r, run) }))}
}

func TestStreamSendsEvents(t *testing.T) {
	url, _ := listening(t, newServer(t, web.Options{}, liveRoute(func(s *web.Stream) error {
		if err := s.Send(web.Frame(7, "card", []byte("{\n}"))); err != nil {
			return err
		}
		s.Push(web.Frame(0, "journal", []byte(`{"a":1}`)), false)
		return nil
	})))
	_, lines, _ := listen(t, url+"/api/v1/live", "petrov")
	for _, want := range []string{"retry: 3000", "", "id: 7", "event: card", "data: {", "data: }", "", "event: journal",
		`data: {"a":1}`, "", "(end)"} {
		if got := next(t, lines); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestStreamEndsWhenTheClientHangsUp(t *testing.T) {
	ended := make(chan error, 1)
	url, _ := listening(t, newServer(t, web.Options{}, liveRoute(func(s *web.Stream) error {
		if err := s.Wait(); err != nil {
			t.Error(err)
		}
		ended <- s.Send(web.Frame(1, "card", nil))
		return nil
	})))
	_, lines, hangUp := listen(t, url+"/api/v1/live", "petrov")
	next(t, lines)
	hangUp()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("sent to nobody")
		}
	case <-time.After(time.Minute):
		t.Error("the stream did not notice")
	}
}

func TestStreamEndsWithTheServer(t *testing.T) {
	url, stop := listening(t, newServer(t, web.Options{}, liveRoute(func(s *web.Stream) error {
		return s.Wait()
	})))
	_, lines, _ := listen(t, url+"/api/v1/live", "petrov")
	next(t, lines)
	start := time.Now()
	stop()
	if took := time.Since(start); took > 5*time.Second { // six would be cutting it off
		t.Errorf("an open stream held the shutdown up for %v", took)
	}
	for line := next(t, lines); line != "(end)"; {
		line = next(t, lines)
	}
}

func TestStreamPanicIsContained(t *testing.T) {
	url, _ := listening(t, newServer(t, web.Options{}, liveRoute(func(*web.Stream) error { panic("boom") })))
	for range 2 {
		_, lines, _ := listen(t, url+"/api/v1/live", "petrov")
		for line := next(t, lines); line != "(end)"; {
			line = next(t, lines)
		}
	}
}

func TestStreamsPerUserAreCounted(t *testing.T) {
	opt := options(web.Options{})
	s, err := web.New(opt, liveRoute(func(s *web.Stream) error {
		return s.Wait()
	}))
	if err != nil {
		t.Fatal(err)
	}
	gauge := func() string {
		families, err := opt.Metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "callhue_live_streams" {
				return fmt.Sprint(f.GetMetric()[0].GetGauge().GetValue())
			}
		}
		return "none"
	}
	url, _ := listening(t, s)
	var hangUp func()
	for range 20 {
		var status int
		if status, _, hangUp = listen(t, url+"/api/v1/live", "petrov"); status != 200 {
			t.Fatal(status)
		}
	}
	if status, _, _ := listen(t, url+"/api/v1/live", "petrov"); status != 429 || gauge() != "20" {
		t.Errorf("the 21st stream: %d, open: %s", status, gauge())
	}
	if status, _, _ := listen(t, url+"/api/v1/live", "orlova"); status != 200 {
		t.Errorf("another user's stream: %d", status)
	}
	hangUp()
	for end := time.Now().Add(time.Minute); gauge() != "20" && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	if status, _, _ := listen(t, url+"/api/v1/live", "petrov"); status != 200 {
		t.Errorf("after one hung up: %d", status)
	}
}

func TestHeadOfAStreamEnds(t *testing.T) {
	s := newServer(t, web.Options{}, liveRoute(func(*web.Stream) error { return nil }))
	answer, _ := call{method: "HEAD", path: "/api/v1/live"}.as("petrov").to(t, s)
	if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

// TestSlowClientGetsEverythingInOrder: frames that the socket does not take wait, without holding up others.
func TestSlowClientGetsEverythingInOrder(t *testing.T) {
	const frames = 300
	opened := make(chan *web.Stream, 2)
	url, _ := listening(t, newServer(t, web.Options{}, liveRoute(func(s *web.Stream) error {
		opened <- s
		return s.Wait()
	})))
	_, slow := openRaw(t, url, "petrov")
	slowStream := <-opened
	_, quick := openRaw(t, url, "orlova")
	quickStream := <-opened
	padding := strings.Repeat("x", 1000)
	for n := range frames {
		frame := web.Frame(int64(n+1), "card", fmt.Appendf(nil, "%d %s", n+1, padding))
		slowStream.Push(frame, n%2 == 0)
		quickStream.Push(frame, n%3 == 0)
		if n%50 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	for _, reader := range []*bufio.Scanner{quick, slow} {
		for n := 0; n < frames; {
			if !reader.Scan() {
				t.Fatalf("the stream ended after %d frames: %v", n, reader.Err())
			}
			if line := reader.Text(); strings.HasPrefix(line, "data: ") {
				if n++; !strings.HasPrefix(line, fmt.Sprintf("data: %d ", n)) {
					t.Fatalf("got %.20q, want frame %d", line, n)
				}
			}
		}
	}
}

// TestStuckClientIsCut: what waits for a client is bounded, and pushing never waits.
func TestStuckClientIsCut(t *testing.T) {
	opened, ended := make(chan *web.Stream, 1), make(chan error, 1)
	url, _ := listening(t, newServer(t, web.Options{}, liveRoute(func(s *web.Stream) error {
		opened <- s
		err := s.Wait()
		ended <- err
		return err
	})))
	openRaw(t, url, "petrov") // and reads nothing
	stream := <-opened
	frame := web.Frame(1, "card", make([]byte, 64<<10))
	for range 2000 { // 128 MB: more than any socket holds
		stream.Push(frame, false)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the stream ended as if the client had left")
		}
	case <-time.After(time.Minute):
		t.Error("the stuck client was not cut")
	}
}

// openRaw opens a stream without reading ahead of the test.
func openRaw(t *testing.T, url, user string) (net.Conn, *bufio.Scanner) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", user)
	return conn, bufio.NewScanner(conn)
}
