package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// asker asks one question after the other on a connection of its own.
type asker interface {
	// ask asks about the number of this place in the world.
	ask(place int) error
	close()
}

// turn is what came out of one turn of a variant.
type turn struct {
	rate      float64       // answers a second
	cpu       time.Duration // of this process for one answer, asking included
	bytes     float64       // allocated by this process for one answer
	slowest99 time.Duration // 99 of 100 answers were faster
}

// load has every asker ask about random numbers of the first `numbers` for a
// while. MariaDB's own work is in the rate, not in cpu.
func load(ctx context.Context, askers []asker, numbers int, while time.Duration, seed uint64) (turn, error) {
	var over atomic.Bool
	var waiting sync.WaitGroup
	counts, failed := make([]durations, len(askers)), make([]error, len(askers))
	runtime.GC()
	before, cpu, start := allocated(), processTime(), time.Now()
	for i, a := range askers {
		waiting.Go(func() {
			chance := rand.New(rand.NewPCG(seed, uint64(i)))
			last := time.Now()
			for !over.Load() {
				if failed[i] = a.ask(chance.IntN(numbers)); failed[i] != nil {
					over.Store(true)
					return
				}
				now := time.Now()
				counts[i].add(now.Sub(last))
				last = now
			}
		})
	}
	select {
	case <-ctx.Done():
	case <-time.After(while):
	}
	over.Store(true)
	waiting.Wait()
	took := time.Since(start)
	var all durations
	for i := range counts {
		all.merge(&counts[i])
	}
	if err := errors.Join(append(failed, ctx.Err())...); err != nil {
		return turn{}, err
	}
	n := float64(all.total)
	return turn{rate: n / took.Seconds(), cpu: time.Duration(float64(processTime()-cpu) / n),
		bytes: float64(allocated()-before) / n, slowest99: all.below(0.99)}, nil
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func processTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// durations counts durations in steps of an eighth of their power of two.
type durations struct {
	steps [64 * 8]int
	total int
}

func (d *durations) add(took time.Duration) {
	d.steps[stepOf(uint64(took))]++
	d.total++
}

func stepOf(ns uint64) int {
	if ns < 8 {
		return int(ns)
	}
	power := bits.Len64(ns) - 1
	return power*8 + int(ns>>(power-3))&7
}

func (d *durations) merge(other *durations) {
	for i, n := range other.steps {
		d.steps[i] += n
	}
	d.total += other.total
}

// below returns the upper end of the step below which this part of them lies.
func (d *durations) below(part float64) time.Duration {
	left := int(part * float64(d.total))
	for step, n := range d.steps {
		if left -= n; left < 0 {
			power := step / 8
			return time.Duration(uint64(8+step%8+1) << power >> 3)
		}
	}
	return 0
}

// httpAsker speaks HTTP/1.1 over one connection that is kept alive. It does
// what a client must and no more, so that the machine is left to the server.
type httpAsker struct {
	conn    net.Conn
	in      *bufio.Reader
	out     []byte
	request func(to []byte, place int) []byte
	body    []byte
}

func newHTTPAsker(address string, request func(to []byte, place int) []byte) (*httpAsker, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &httpAsker{conn: conn, in: bufio.NewReaderSize(conn, 16<<10), request: request}, nil
}

func (a *httpAsker) close() { _ = a.conn.Close() }

func (a *httpAsker) ask(place int) error {
	a.out = a.request(a.out[:0], place)
	if _, err := a.conn.Write(a.out); err != nil {
		return err
	}
	status, err := a.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	var refused error
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		refused = newStatusError(status)
	}
	length := -1
	for {
		line, err := a.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	if length <= 0 {
		return errors.New("answered without a body")
	}
	if a.body, err = a.in.Peek(length); err != nil {
		return err
	}
	if _, err = a.in.Discard(length); err != nil {
		return err
	}
	return refused
}

// statusError is an answer other than 200; the connection can be used again.
type statusError struct {
	code int
	line string
}

func newStatusError(line []byte) *statusError {
	e := &statusError{line: string(line)}
	_, _ = fmt.Sscanf(e.line, "HTTP/1.1 %d", &e.code)
	return e
}

func (e *statusError) Error() string { return fmt.Sprintf("answered: %q", e.line) }
