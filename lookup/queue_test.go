package lookup

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"callhue/crm"
)

// gate is a queue whose queries run until they are let through.
type gate struct {
	queue
	begun chan []int64  // the numbers of each query
	pass  chan struct{} // one receive ends one query
}

func newGate() *gate {
	g := &gate{begun: make(chan []int64, 100), pass: make(chan struct{})}
	g.queue = queue{now: time.Now, numbers: map[int64]*pending{}, read: func(batch []*pending) {
		var keys []int64
		for _, a := range batch {
			keys = append(keys, a.key)
			a.match = &Match{Leads: []Lead{{ID: a.key}}}
		}
		g.begun <- keys
		<-g.pass
	}}
	return g
}

func TestLookupsThatArriveDuringAQueryShareTheNextOne(t *testing.T) {
	g := newGate()
	until := time.Now().Add(time.Minute)
	for key := range int64(readers) {
		g.add(key, until)
		if got := <-g.begun; len(got) != 1 {
			t.Fatalf("a single lookup does not wait: %v", got)
		}
	}
	var crowd []*pending
	for key := range int64(maxBatch + 10) {
		crowd = append(crowd, g.add(1000+key, until))
	}
	twin := g.add(1000, until)
	if twin != crowd[0] {
		t.Error("two lookups of one number wait twice")
	}
	close(g.pass)
	for i, a := range crowd {
		<-a.ready
		if a.match.Leads[0].ID != 1000+int64(i) {
			t.Fatalf("number %d got the answer of %+v", i, a.match)
		}
	}
	if a, b := len(<-g.begun), len(<-g.begun); max(a, b) != maxBatch || min(a, b) != 10 {
		t.Errorf("%d and %d numbers in the queries, want %d and 10", a, b, maxBatch)
	}
}

func TestAnAnswerIsNeverOlderThanItsLookup(t *testing.T) {
	g := newGate()
	until := time.Now().Add(time.Minute)
	first := g.add(1, until)
	<-g.begun
	if second := g.add(1, until); second == first {
		t.Error("a new lookup must not get what was read before")
	}
	close(g.pass)
	<-g.begun
}

func TestTheQueueDropsLookupsWhoseTimeIsOver(t *testing.T) {
	g := newGate()
	now := time.Now()
	g.now = func() time.Time { return now }
	for key := range int64(readers) {
		g.add(key, now.Add(time.Second))
		<-g.begun
	}
	for key := range int64(3 * maxBatch) {
		g.add(1000+key, now)
	}
	last := g.add(5000, now.Add(time.Second))
	close(g.pass)
	<-last.ready
	if got := <-g.begun; len(got) != 1 || got[0] != 5000 {
		t.Errorf("asked for %v, want 5000 alone", got)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting)+len(g.numbers) != 0 {
		t.Errorf("%d still wait", len(g.waiting))
	}
}

func TestManyLookupsAtOnceGetEachTheirOwnAnswer(t *testing.T) {
	withFinder(t, Options{Most: -1}, func(d *fixture) {
		const n = 200
		var list []crm.NewCompany
		for i := range n {
			list = append(
				list,
				crm.NewCompany{Name: fmt.Sprint("Company ", i), Phones: phones(fmt.Sprintf("+7495000%04d", i))},
			)
		}
		_, err := d.Records.AddCompanies(context.Background(), d.admin, list)
		d.must(err)
		var all sync.WaitGroup
		for i := range n + 50 {
			all.Go(func() {
				m, err := d.Find(context.Background(), 74950000000+int64(i), 0)
				if err != nil {
					t.Error(err)
				} else if known := len(m.Companies) == 1 &&
					m.Companies[0].Name == fmt.Sprint("Company ", i); known != (i < n) {
					t.Errorf("number %d reaches %+v", i, m)
				}
			})
		}
		all.Wait()
	})
}
