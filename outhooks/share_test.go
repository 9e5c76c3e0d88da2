package outhooks

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/internal/jobs"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
	"callhue/test/house"
)

// hurry is how much faster time goes where processes share a database: the second
// attempt comes after half a second. A lease is over after three seconds.
const hurry = 10

// process is one more courier on the same database, with connections and a tail
// of its own, as another program has.
type process struct {
	courier *Dispatcher
	db      *store.DB
	own     *store.DB
	ended   chan struct{}
	stop    context.CancelFunc
}

func (p *post) process(db *store.DB, name byte) *process {
	p.t.Helper()
	own, err := store.Open(context.Background(), db.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	seal, err := secrets.NewSeal(bytes.Repeat([]byte{7}, 32), &counting{})
	if err != nil {
		p.t.Fatal(err)
	}
	pr := &process{db: own.At(p.DB.Clock), own: own, ended: make(chan struct{})}
	j := journal.New(pr.db, log)
	j.Register(slices.Concat(crm.Verbs(), staff.Verbs())...)
	runner, err := jobs.New(jobs.Options{DB: own, Log: log, Random: &counting{next: name}, LeaseTime: 3 * time.Second,
		PollEvery: time.Second / hurry})
	if err != nil {
		p.t.Fatal(err)
	}
	pr.courier, err = New(DispatcherOptions{DB: pr.db, Jobs: runner, Journal: j, Roster: p.roster(j), Seal: seal,
		AllowPrivate: true, Metrics: prometheus.NewRegistry(), Log: log, Random: &counting{next: name}})
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	pr.stop = stop
	go func() {
		defer close(pr.ended)
		var all sync.WaitGroup
		all.Go(func() { _ = j.Run(ctx) })
		all.Go(func() { _ = runner.Run(ctx) })
		all.Go(func() { _ = pr.courier.Run(ctx) })
		all.Wait()
	}()
	p.t.Cleanup(pr.end)
	return pr
}

// end stops the process as a signal would: it lets go of what it holds.
func (pr *process) end() {
	pr.stop()
	<-pr.ended
	_ = pr.own.Close()
}

// kill ends it without a last word: nothing that it knows reaches the database any
// more.
func (pr *process) kill() {
	_ = pr.own.Close()
	pr.stop()
	<-pr.ended
}

func hurried(p *post) {
	begun := time.Now()
	p.DB.Clock = func() time.Time { return house.Noon.Add(hurry * time.Since(begun)) }
}

// arrived waits until each entry has arrived at least once.
func (r *receiver) arrived(t *testing.T, want []int64) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		got := r.ids()
		missing := slices.DeleteFunc(slices.Clone(want), func(id int64) bool { return slices.Contains(got, id) })
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d entries never arrived: %v", len(missing), len(want), missing)
		}
	}
}

// inOrder checks that the entries of each client first arrived by their ids.
func (r *receiver) inOrder(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	last, seen := map[journal.Ref]int64{}, map[int64]bool{}
	for _, m := range r.got {
		if !seen[m.ID] && m.ID < last[m.Client] {
			t.Errorf("%v: entry %d came after %d", m.Client, m.ID, last[m.Client])
		}
		last[m.Client], seen[m.ID] = max(last[m.Client], m.ID), true
	}
}

func TestTwoProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		hurried(p)
		r.answer = func(w http.ResponseWriter, n int) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if n%7 == 0 && r.got[n-1].attempt == "1" {
				w.WriteHeader(500)
			}
		}
		p.subscribe(r)
		p.process(db, 1)
		p.process(db, 101)
		var mu sync.Mutex
		var want []int64
		var writers sync.WaitGroup
		for writer := range 4 {
			writers.Go(func() {
				for i := range 30 {
					id := p.happens(crm.CompanyStatus, int64(writer*5+i%5))
					mu.Lock()
					want = append(want, id)
					mu.Unlock()
				}
			})
		}
		writers.Wait()
		r.arrived(t, want)
		r.inOrder(t)
	})
}

func TestAKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		hurried(p)
		p.subscribe(r)
		reached, goOn := make(chan struct{}), make(chan struct{})
		r.answer = func(_ http.ResponseWriter, n int) {
			if n == 5 {
				close(reached)
			}
			if n >= 5 {
				<-goOn
			}
		}
		first := p.process(db, 1)
		var want []int64
		for i := range 20 {
			want = append(want, p.happens(crm.CompanyStatus, int64(i%10)))
		}
		<-reached // the first one is in the middle of some requests
		first.kill()
		close(goOn)
		before := len(r.ids())
		p.process(db, 101)
		r.arrived(t, want)
		r.inOrder(t)
		if again := len(r.ids()) - before; again == 0 {
			t.Error("nothing arrived after the kill: this test proves nothing")
		}
		repeated := map[int64]int{}
		for _, id := range r.ids() {
			repeated[id]++
		}
		if !slices.ContainsFunc(want, func(id int64) bool { return repeated[id] > 1 }) {
			t.Error("what was under way when the process was killed was not delivered again")
		}
	})
}

// TestOneProcessDelivers has two processes attend to a subscription: each entry arrives
// once, also when one of them ends and the other goes on.
func TestOneProcessDelivers(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		hurried(p)
		p.subscribe(r)
		first, _ := p.process(db, 1), p.process(db, 101)
		var want []int64
		for i := range 40 {
			want = append(want, p.happens(crm.CompanyStatus, int64(i%10)))
			if i == 20 {
				r.arrived(t, want)
				first.end()
			}
		}
		r.arrived(t, want)
		if got := r.ids(); len(got) != len(want) {
			t.Errorf("%d deliveries of %d entries", len(got), len(want))
		}
	})
}

// endingTransport is a receiver that takes everything, and ends our process with its answer.
type endingTransport struct{ end context.CancelFunc }

func (t endingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.end()
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

// TestWhatWasAnsweredCountsAtTheEnd: a process that ends between an answer and its record does not have the delivery
// made again.
func TestWhatWasAnsweredCountsAtTheEnd(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		p.happens(crm.CompanyStatus, 310)
		ctx, end := context.WithCancel(t.Context())
		p.courier.client.Transport = endingTransport{end}
		_, _ = p.courier.round(ctx, h.ID, true) // its end is no fault here
		if d := p.last(h); d.State != DeliveryDone || d.Attempts != 1 {
			t.Errorf("the delivery is %+v", d)
		}
	})
}

// counting is a source of randomness that tests can foresee.
type counting struct{ next byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = c.next
		c.next++
	}
	return len(p), nil
}
