package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"callhue/internal/access"
	"callhue/phone"
	"callhue/staff"
)

// Live streams, measured from outside: the shipped server in a process of its own, its clients in this one.

const (
	streamsEach   = 20 // of one user: the most
	eventSources  = 8  // a source may send 500 requests a second
	eventClients  = 32
	perAddress    = 4000 // streams from one loopback address: a server bounds connections by address
	broadcastVerb = "call.started"
)

// liveServer is a running server with the users of its streams.
type liveServer struct {
	address string
	pid     int
	secrets []string // the paths of its sources
	agents  []string // tokens of people who have no part in the calls
	admins  []string // tokens of people who follow every call
	calls   atomic.Int64
	stop    func()
}

// measureStreams prints P5c and P6 of our quality table.
func (b *bench) measureStreams(ctx context.Context) error {
	s, err := startLive(ctx, b.folder, b.binary, b.streams/streamsEach)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("\n%d live streams, server in a process of its own\n", b.streams)
	var ratios, bytesEach []float64
	for range b.rounds {
		without, err := s.events(b.each)
		if err != nil {
			return err
		}
		before := s.resident()
		idle, err := s.open(s.agents, b.streams, "")
		if err != nil {
			return err
		}
		time.Sleep(time.Second) // the server's stacks shrink
		bytesEach = append(bytesEach, float64(s.resident()-before)/float64(b.streams))
		with, err := s.events(b.each)
		idle.close()
		if err != nil {
			return err
		}
		ratios = append(ratios, with/without)
		fmt.Printf("  events/s without %.0f, with %.0f: %.2f\n", without, with, with/without)
	}
	printSpread("P5c events with idle streams against none, >= 0.9", ratios, "")
	printSpread("P6  memory of a stream, <= 12 kB (the first time counts)", bytesEach, " B")
	return s.measureBroadcast(b.streams, 3*b.rounds)
}

// measureBroadcast sends events that go to every stream.
func (s *liveServer) measureBroadcast(streams, events int) error {
	all, err := s.open(s.admins, streams, "?verbs="+broadcastVerb)
	if err != nil {
		return err
	}
	defer all.close()
	var answers, lasts []float64
	for range events {
		time.Sleep(500 * time.Millisecond)
		all.got.Store(0)
		start := time.Now()
		if err := s.event(0); err != nil {
			return err
		}
		answers = append(answers, milliseconds(time.Since(start)))
		for all.got.Load() < int64(streams) {
			if time.Since(start) > 20*time.Second {
				return fmt.Errorf("%d of %d streams have the event after 20 s", all.got.Load(), streams)
			}
			time.Sleep(time.Millisecond)
		}
		lasts = append(lasts, milliseconds(time.Since(start)))
	}
	printSpread("P6  answer to the PBX while an event goes to all, <= 20 ms", answers, " ms")
	printSpread("P6  the last stream has the event, <= 200 ms", lasts, " ms")
	// The answer to a second call, which arrives while the first event is on its way.
	var beside []float64
	for range events {
		time.Sleep(500 * time.Millisecond)
		first := make(chan error, 1)
		go func() { first <- s.event(1) }()
		if err := <-first; err != nil {
			return err
		}
		start := time.Now()
		if err := s.event(2); err != nil {
			return err
		}
		beside = append(beside, milliseconds(time.Since(start)))
	}
	printSpread("P6  answer to the next call, which arrives meanwhile, <= 20 ms", beside, " ms")
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func printSpread(name string, values []float64, unit string) {
	turns := make([]turn, len(values))
	for i, v := range values {
		turns[i].rate = v
	}
	got := spread(turns, func(i int) float64 { return turns[i].rate })
	fmt.Printf("  %s: min %.2f%s, median %.2f%s, max %.2f%s\n", name, got[0], unit, got[1], unit, got[2], unit)
}

// startLive starts a server; binary "" builds it.
func startLive(ctx context.Context, folder, binary string, users int) (*liveServer, error) {
	if binary == "" {
		binary = filepath.Join(folder, "callhue")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/callhue")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
	}
	s := &liveServer{}
	url := "sqlite:" + filepath.Join(folder, "live.db")
	if err := s.addUsers(ctx, url, users); err != nil {
		return nil, err
	}
	for i := range eventSources {
		out, err := exec.CommandContext(ctx, binary, "source", "add", "--db", url, "--name", "pbx"+strconv.Itoa(i),
			"--dialect", "generic", "--set", "path_secret=true").Output()
		if err != nil {
			return nil, fmt.Errorf("source add: %w", err)
		}
		path := regexp.MustCompile(`/hooks/\S+`).Find(out)
		if path == nil {
			return nil, fmt.Errorf("source add printed no address: %s", out)
		}
		s.secrets = append(s.secrets, string(path))
	}
	return s, s.start(ctx, binary, url)
}

// start runs the server and waits for its address.
func (s *liveServer) start(ctx context.Context, binary, url string) error {
	server := exec.CommandContext(ctx, binary, "serve", "--listen", "127.0.0.1:0", "--db", url)
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	s.pid = server.Process.Pid
	s.stop = func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() }
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, at, found := strings.Cut(lines.Text(), " is at http://"); found {
			s.address = strings.TrimSpace(at)
			return nil
		}
	}
	s.stop()
	return errors.New("the server printed no address")
}

// addUsers adds agent 101, who has the calls, and the people of the streams.
func (s *liveServer) addUsers(ctx context.Context, url string, users int) error {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		return err
	}
	db, j, err := openJournal(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	roster := staff.New(db, j, plan)
	system := access.System()
	if _, err := roster.AddUser(ctx, system, staff.NewUser{Login: "caller", Name: "Caller",
		Roles: access.Roles{access.Agent}, Extension: "101"}); err != nil {
		return err
	}
	for i := range 2 * users {
		role, tokens := access.Agent, &s.agents
		if i%2 == 1 {
			role, tokens = access.Admin, &s.admins
		}
		login := "user" + strconv.Itoa(i)
		u, err := roster.AddUser(ctx, system, staff.NewUser{Login: login, Name: login, Roles: access.Roles{role}})
		if err != nil {
			return err
		}
		_, secret, err := roster.AddToken(ctx, system, u.ID, staff.NewToken{Name: "bench"})
		if err != nil {
			return err
		}
		*tokens = append(*tokens, secret)
	}
	return nil
}

// resident is the memory of the server in bytes; 0 where /proc does not tell.
func (s *liveServer) resident() int {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	_, rest, _ := bytes.Cut(raw, []byte("VmRSS:"))
	fields := strings.Fields(string(rest[:min(len(rest), 40)]))
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.Atoi(fields[0])
	return kb << 10
}

// event sends the ringing of a new call.
func (s *liveServer) event(source int) error {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	return s.eventOver(conn, bufio.NewReader(conn), source)
}

func (s *liveServer) eventOver(conn net.Conn, in *bufio.Reader, source int) error {
	n := s.calls.Add(1)
	body := fmt.Sprintf(`{"event":"ringing","call_id":"c-%d","direction":"out","number":"+7495%07d","agent":"101"}`,
		n, n)
	a := &httpAsker{conn: conn, in: in, request: func(to []byte, _ int) []byte {
		return fmt.Appendf(to, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
			"Content-Length: %d\r\n\r\n%s", s.secrets[source], len(body), body)
	}}
	return a.ask(0)
}

// events returns how many events a second the server takes, in a closed loop.
func (s *liveServer) events(while time.Duration) (float64, error) {
	var done atomic.Int64
	var clients errgroup.Group
	start := time.Now()
	for i := range eventClients {
		clients.Go(func() error {
			conn, err := net.Dial("tcp", s.address)
			if err != nil {
				return err
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 16<<10)
			for time.Since(start) < while {
				if err := s.eventOver(conn, in, i%eventSources); err != nil {
					return err
				}
				done.Add(1)
			}
			return nil
		})
	}
	err := clients.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), err
}

// openStreams are the clients of streams.
type openStreams struct {
	conns []net.Conn
	got   atomic.Int64 // events, pings aside
}

// open opens streams, some for each user.
func (s *liveServer) open(tokens []string, n int, query string) (*openStreams, error) {
	all := &openStreams{conns: make([]net.Conn, n)}
	var opening errgroup.Group
	opening.SetLimit(16)
	for i := range n {
		opening.Go(func() error {
			from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i/perAddress))}}
			conn, err := from.Dial("tcp", s.address)
			if err != nil {
				return err
			}
			all.conns[i] = conn
			_, err = fmt.Fprintf(conn, "GET /api/v1/live%s HTTP/1.1\r\nHost: localhost\r\n"+
				"Authorization: Bearer %s\r\n\r\n", query, tokens[i/streamsEach])
			begun := make(chan error, 1)
			go all.read(conn, begun)
			return errors.Join(err, <-begun)
		})
	}
	if err := opening.Wait(); err != nil {
		all.close()
		return nil, err
	}
	return all, nil
}

// read counts the events of a stream.
func (o *openStreams) read(conn net.Conn, begun chan<- error) {
	in := bufio.NewReaderSize(conn, 512)
	for first := true; ; {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && first:
			begun <- fmt.Errorf("a stream was refused: %w", err)
			return
		case err != nil:
			return
		case first && bytes.HasPrefix(line, []byte("retry:")):
			first = false
			begun <- nil
		case bytes.HasPrefix(line, []byte("id:")):
			o.got.Add(1)
		}
	}
}

func (o *openStreams) close() {
	for _, conn := range o.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
}
