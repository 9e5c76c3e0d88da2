package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// Call events are measured over a server in a process of its own, on a disk that keeps what it acknowledges, from the
// first call of an empty database on: each source is one connection that posts a call's ringing, answer and end.

type eventOptions struct {
	sources       int
	rounds        int
	each          time.Duration
	disk, profile string
	engines       string
}

// eventsMain is `bench events`.
func eventsMain(ctx context.Context, args []string) error {
	var opt eventOptions
	var many string
	set := flag.NewFlagSet("events", flag.ExitOnError)
	set.StringVar(&many, "sources", "32,200", "numbers of sources that send at once")
	set.IntVar(&opt.rounds, "rounds", 3, "how often each number of sources is measured")
	set.DurationVar(&opt.each, "for", 5*time.Second, "how long a turn is")
	set.StringVar(&opt.disk, "disk", "", "folder for the SQLite file; the usual one for temporary files if empty")
	set.StringVar(&opt.profile, "cpuprofile", "", "file for a CPU profile of the last server")
	set.StringVar(&opt.engines, "engines", "sqlite,mysql", "databases")
	if err := set.Parse(args); err != nil {
		return err
	}
	fmt.Println("events:  ringing, answered, ended; rate in a closed loop, latency at half of the goal in an open one")
	for name := range strings.SplitSeq(many, ",") {
		n, err := strconv.Atoi(name)
		if err != nil {
			return err
		}
		opt.sources = n
		for engine := range strings.SplitSeq(opt.engines, ",") {
			if err := measureEvents(ctx, engine, opt); err != nil {
				return fmt.Errorf("%s, %d sources: %w", engine, n, err)
			}
		}
	}
	return nil
}

// eventTurn is one turn of a number of sources.
type eventTurn struct {
	rate               float64 // acknowledged a second
	cpu                time.Duration
	half, halfSlowest  time.Duration // median and 99 % at half of the goal, from the time at which each was due
	closed             time.Duration // 99 % in the closed loop
	refused, deadlocks int64
}

func measureEvents(ctx context.Context, engine string, opt eventOptions) error {
	var turns []eventTurn
	for range opt.rounds {
		t, err := eventRound(ctx, engine, opt)
		if err != nil {
			return err
		}
		turns = append(turns, t)
	}
	column := func(of func(eventTurn) float64) string {
		var all []float64
		for _, t := range turns {
			all = append(all, of(t))
		}
		slices.Sort(all)
		return fmt.Sprintf("%.0f/%.0f/%.0f", all[0], all[len(all)/2], all[len(all)-1])
	}
	ms := func(of func(eventTurn) time.Duration) string {
		return column(func(t eventTurn) float64 { return float64(of(t).Milliseconds()) })
	}
	fmt.Printf("%-6s %3d sources: %s /s, p99 %s ms, server CPU %s us; at 500/s p50 %s, p99 %s ms; "+
		"refused %s, deadlocks %s\n",
		engine, opt.sources, column(func(t eventTurn) float64 { return t.rate }),
		ms(func(t eventTurn) time.Duration { return t.closed }),
		column(func(t eventTurn) float64 { return float64(t.cpu.Microseconds()) }),
		ms(func(t eventTurn) time.Duration { return t.half }),
		ms(func(t eventTurn) time.Duration { return t.halfSlowest }),
		column(func(t eventTurn) float64 { return float64(t.refused) }),
		column(func(t eventTurn) float64 { return float64(t.deadlocks) }))
	return nil
}

// eventRound measures an empty database.
func eventRound(ctx context.Context, engine string, opt eventOptions) (turn eventTurn, err error) {
	url, remove, err := emptyDatabase(engine, opt.disk)
	if err != nil {
		return turn, err
	}
	defer remove()
	server, err := startServer(ctx, url, opt)
	if err != nil {
		return turn, err
	}
	defer server.stop()
	callers := make([]*caller, opt.sources)
	for i := range callers {
		if callers[i], err = newCaller(server.address, i); err != nil {
			return turn, err
		}
		defer callers[i].close()
	}
	before, cpu := deadlocks(), server.cpu()
	all, took, err := callAll(callers, opt.each, 0)
	if err != nil {
		return turn, err
	}
	turn.rate, turn.closed = float64(all.total)/took.Seconds(), all.below(0.99)
	turn.cpu = (server.cpu() - cpu) / time.Duration(max(all.total, 1))
	half, _, err := callAll(callers, opt.each, time.Duration(opt.sources)*time.Second/500)
	if err != nil {
		return turn, err
	}
	turn.half, turn.halfSlowest, turn.deadlocks = half.below(0.5), half.below(0.99), deadlocks()-before
	for _, c := range callers {
		turn.refused += c.refused
	}
	return turn, nil
}

// callAll has all callers send for a while: one event after the other, or one every interval each.
func callAll(callers []*caller, while, interval time.Duration) (all durations, took time.Duration, err error) {
	var over atomic.Bool
	var waiting sync.WaitGroup
	counts, failed := make([]durations, len(callers)), make([]error, len(callers))
	start := time.Now()
	for i, c := range callers {
		waiting.Go(func() {
			due := start.Add(interval * time.Duration(i) / time.Duration(len(callers)))
			for !over.Load() {
				if interval == 0 {
					due = time.Now()
				} else {
					time.Sleep(time.Until(due))
				}
				accepted, err := c.send()
				if failed[i] = err; err != nil {
					return
				}
				if accepted {
					counts[i].add(time.Since(due))
				}
				due = due.Add(interval)
			}
		})
	}
	time.Sleep(while)
	over.Store(true)
	waiting.Wait()
	for i := range counts {
		all.merge(&counts[i])
	}
	return all, time.Since(start), errors.Join(failed...)
}

// caller is one source.
type caller struct {
	*httpAsker
	source, agent, event int
	call                 string
	number               int64
	refused              int64
}

const eventSecret = "SECRET-of-a-bench"

func newCaller(address string, source int) (*caller, error) {
	c := &caller{source: source}
	var err error
	c.httpAsker, err = newHTTPAsker(address, c.request)
	return c, err
}

var eventKinds = []string{"ringing", "answered", "ended"}

// send posts the next event and reports whether it was accepted; a refused one is counted and not repeated.
func (c *caller) send() (accepted bool, err error) {
	err = c.ask(c.event)
	var status *statusError
	if errors.As(err, &status) && status.code >= 400 {
		c.refused++
		err = nil
	} else {
		accepted = err == nil
	}
	c.event++
	return accepted, err
}

func (c *caller) request(to []byte, place int) []byte {
	kind := eventKinds[place%len(eventKinds)]
	if kind == "ringing" || c.call == "" {
		c.call = fmt.Sprintf("%d-%d-%d", c.source, place, rand.Int64())
		c.number, c.agent = number(rand.IntN(1_000_000)), firstExtension+rand.IntN(sellers)
	}
	body := fmt.Sprintf(`{"event":%q,"call_id":%q,"direction":"in","number":"+%d","agent":"%d"}`,
		kind, c.call, c.number, c.agent)
	to = fmt.Appendf(to, "POST /hooks/pbx%d/%s HTTP/1.1\r\nHost: localhost\r\n", c.source, eventSecret)
	return fmt.Appendf(to, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// emptyDatabase returns the address of a database that nothing has used.
func emptyDatabase(engine, disk string) (url string, remove func(), err error) {
	if engine == "sqlite" {
		folder, err := os.MkdirTemp(disk, "callhue-bench-")
		return "sqlite:" + filepath.Join(folder, "events.db"), func() { _ = os.RemoveAll(folder) }, err
	}
	dsn := os.Getenv(store.TestServer)
	if dsn == "" {
		return "", nil, errors.New(store.TestServer + " is not set (`make bench` starts a server and sets it)")
	}
	dsn += fmt.Sprintf("callhue_bench_%d", os.Getpid())
	return "mysql://" + dsn, func() { dropDatabase(dsn) }, nil
}

// deadlocks returns how many the server of MariaDB has counted; 0 without one.
func deadlocks() int64 {
	n, err := serverStatus(os.Getenv(store.TestServer), "Innodb_deadlocks")
	if err != nil {
		return 0
	}
	return n
}

// eventServer is the process that is measured.
type eventServer struct {
	command *exec.Cmd
	address string
}

func startServer(ctx context.Context, url string, opt eventOptions) (*eventServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	serve := []string{"serve-events", url, strconv.Itoa(opt.sources), opt.profile}
	s := &eventServer{command: exec.CommandContext(ctx, self, serve...)}
	s.command.Stderr = os.Stderr
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	s.address = strings.TrimSpace(line)
	return s, err
}

func (s *eventServer) stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	_ = s.command.Wait()
}

// cpu returns the processor time that the server has used, from /proc; 0 where there is none.
func (s *eventServer) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, field := range fields[11:13] {
		n, _ := strconv.ParseInt(field, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// serveEvents is the server: it adds people and sources, prints its address and serves until it is interrupted.
func serveEvents(ctx context.Context, args []string) error {
	url, profile := args[0], args[2]
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	a, err := openApp(ctx, url, 0)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.hire(ctx); err != nil {
		return err
	}
	for i := range n {
		if _, _, err := a.sources.Add(ctx, access.System(), sources.NewSource{Name: fmt.Sprintf("pbx%d", i),
			Dialect: "generic", Secret: eventSecret, Settings: map[string]string{"path_secret": "true"}}); err != nil {
			return err
		}
	}
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Println(a.address)
	<-ctx.Done()
	return nil
}
