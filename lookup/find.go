package lookup

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/statuses"
)

// Options of a Finder.
type Options struct {
	Budget  time.Duration         // how long a lookup may take, whatever who asks says; 0: as he says
	Most    int                   // how many numbers are kept in memory; negative: none, 0: 100 000
	Metrics prometheus.Registerer // nil: not counted
}

// Finder finds who numbers are.
type Finder struct {
	db        *store.DB
	directory *statuses.Directory
	journal   *journal.Journal
	budget    time.Duration
	blind     time.Duration
	kept      *memory
	asking    queue

	seconds           prometheus.Histogram
	hit, miss, failed prometheus.Counter
}

// New makes the finder of a database; from then on it listens to the journal.
func New(db *store.DB, directory *statuses.Directory, tail *journal.Journal, opt Options) *Finder {
	if opt.Most == 0 {
		opt.Most = 100_000
	}
	f := &Finder{db: db, directory: directory, journal: tail, budget: opt.Budget, blind: blind, kept: newKeeper(opt.Most),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callhue_lookup_seconds", Help: "Time of a lookup that was not in memory.",
			Buckets: []float64{.00002, .00005, .0001, .0002, .0005, .001, .002, .005, .01, .05, .1, .3, 1},
		}),
	}
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "callhue_lookups_total", Help: "Lookups by outcome: hit (in memory), miss (asked the database), failed.",
	}, []string{"outcome"})
	f.hit, f.miss, f.failed = outcomes.WithLabelValues("hit"), outcomes.WithLabelValues("miss"), outcomes.WithLabelValues("failed")
	if opt.Metrics != nil {
		opt.Metrics.MustRegister(f.seconds, outcomes)
	}
	f.asking = queue{read: f.read, now: time.Now, numbers: map[int64]*asked{}}
	tail.Listen(f.kept.hear)
	return f
}

// blind is how long the journal's tail may be silent before memory is not
// trusted any more: another process may have changed a record unheard.
const blind = time.Second

// Find gives everything that a number reaches; key is phone.Number.Key. It
// answers within the given time: a database that does not is fault.Busy with the
// key "lookup_timeout", and whoever asked must not take that for "unknown".
func (f *Finder) Find(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	kept := cacheKey(key)
	if f.journal.Alive() < f.blind {
		if m := f.kept.find(kept); m != nil {
			f.hit.Inc()
			return m, nil
		}
	}
	m, err := f.ask(ctx, key, f.allowed(within))
	if err != nil {
		f.failed.Inc()
		return nil, err
	}
	f.miss.Inc()
	return m, nil
}

// Alike gives what numbers reach that end as this one does, as Match.Maybe. It is
// for numbers on which Find has found no record, costs a round trip of its own
// each time, and is as patient as Find.
func (f *Finder) Alike(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	ctx, cancel := context.WithTimeout(ctx, f.allowed(within))
	defer cancel()
	set, err := f.directory.Set(ctx)
	if err != nil {
		return nil, fault.Busy("lookup_failed", time.Second).Because(err)
	}
	rows, err := crm.Alike(f.db.Read(ctx), key)
	if err != nil {
		f.failed.Inc()
		return nil, fault.Busy("lookup_failed", time.Second).Because(err)
	}
	m := MatchOf(rows, set)
	m.Maybe = true
	return m, nil
}

func (f *Finder) allowed(within time.Duration) time.Duration {
	if f.budget > 0 {
		return f.budget
	}
	return within
}

// ask waits for the database, so long and until the context's deadline.
func (f *Finder) ask(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	until := time.Now().Add(within)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	patience := time.NewTimer(time.Until(until))
	defer patience.Stop()
	asked := f.asking.ask(key, until)
	select {
	case <-asked.ready:
	case <-patience.C:
		return nil, fault.Busy("lookup_timeout", time.Second).Because(context.DeadlineExceeded)
	}
	if asked.err != nil {
		return nil, fault.Busy("lookup_failed", time.Second).Because(asked.err)
	}
	return asked.match, nil
}

// maxBatch is how many numbers one question is about.
const maxBatch = crm.MostReached

// read answers a batch in one round trip, in a time of its own: those who ask
// may go away.
func (f *Finder) read(batch []*asked) {
	until := batch[0].until
	for _, a := range batch {
		if a.until.After(until) {
			until = a.until
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	age := f.kept.age.Load()
	start := time.Now()
	rows, set, err := f.reach(ctx, batch)
	f.seconds.Observe(time.Since(start).Seconds())
	for _, a := range batch {
		if a.err = err; err != nil {
			continue
		}
		a.match = MatchOf(rows[a.key], set)
		f.kept.keep(cacheKey(a.key), a.match, age)
	}
}

func (f *Finder) reach(ctx context.Context, batch []*asked) (map[int64][]crm.Reached, *statuses.Set, error) {
	set, err := f.directory.Set(ctx)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]int64, len(batch))
	for i, a := range batch {
		keys[i] = a.key
	}
	rows, err := crm.Reach(f.db.Read(ctx), keys...)
	return rows, set, err
}
