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
	Budget  time.Duration         // how long a lookup may take, before what the caller allows; 0: as the caller allows
	Most    int                   // numbers kept in memory; 0: 100 000, negative: none
	Metrics prometheus.Registerer // nil: not counted
}

// Finder finds the records that have a number.
type Finder struct {
	db        *store.DB
	directory *statuses.Directory
	journal   *journal.Journal
	budget    time.Duration
	silence   time.Duration // maxSilence, but for tests
	memory    *memory
	queue     queue
	sources   Sources // nil: our tables are all that is asked

	seconds           prometheus.Histogram
	hit, miss, failed prometheus.Counter
}

// New returns the finder of a database. It follows the journal from then on.
func New(db *store.DB, directory *statuses.Directory, entries *journal.Journal, opt Options) *Finder {
	if opt.Most == 0 {
		opt.Most = 100_000
	}
	f := &Finder{
		db: db, directory: directory, journal: entries,
		budget: opt.Budget, silence: maxSilence, memory: newMemory(opt.Most),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callhue_lookup_seconds", Help: "Time of a lookup that was not in memory.",
			Buckets: []float64{.00002, .00005, .0001, .0002, .0005, .001, .002, .005, .01, .05, .1, .3, 1},
		}),
	}
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "callhue_lookups_total", Help: "Lookups by outcome: hit (in memory), miss (asked the database), failed.",
	}, []string{"outcome"})
	f.hit = outcomes.WithLabelValues("hit")
	f.miss = outcomes.WithLabelValues("miss")
	f.failed = outcomes.WithLabelValues("failed")
	if opt.Metrics != nil {
		opt.Metrics.MustRegister(f.seconds, outcomes)
	}
	f.queue = queue{read: f.read, now: time.Now, numbers: map[int64]*pending{}}
	entries.Listen(f.memory.invalidate)
	return f
}

// maxSilence is how long the journal may be silent before memory is bypassed: another process may have changed a record
// in that time.
const maxSilence = time.Second

// Find returns everything that a number reaches, here and at the sources; key is phone.Number.Key. It answers within
// the given time. The fault is busy: "lookup_timeout" when the database or a source does not answer in time,
// "lookup_failed" when it fails. Callers must not take either for an unknown number.
func (f *Finder) Find(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	if f.sources == nil {
		return f.findOwn(ctx, key, within)
	}
	sources, err := f.sources.LookupSources(ctx)
	switch {
	case err != nil:
		f.failed.Inc()
		return nil, fault.Unavailable("lookup_failed", time.Second).Because(err)
	case len(sources) == 0:
		return f.findOwn(ctx, key, within)
	}
	return f.findEverywhere(ctx, key, within, sources)
}

// findOwn is Find in our tables.
func (f *Finder) findOwn(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	cached := cacheKey(key)
	if f.journal.SinceRead() < f.silence {
		if m := f.memory.find(cached); m != nil {
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

// Known returns what memory holds of a number, nil where it holds nothing: it asks neither a database nor a source.
func (f *Finder) Known(key int64) *Match {
	if f.journal.SinceRead() >= f.silence {
		return nil
	}
	return f.memory.find(cacheKey(key))
}

// FindSimilar returns what is reached by numbers that end with the same digits, as Match.Maybe. It is for numbers with
// which Find has found no record, and costs a round trip of its own each time. Time and faults are those of Find.
func (f *Finder) FindSimilar(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	ctx, cancel := context.WithTimeout(ctx, f.allowed(within))
	defer cancel()
	set, err := f.directory.Set(ctx)
	if err != nil {
		return nil, fault.Unavailable("lookup_failed", time.Second).Because(err)
	}
	rows, err := crm.ReachSimilar(f.db.Read(ctx), key)
	if err != nil {
		f.failed.Inc()
		return nil, fault.Unavailable("lookup_failed", time.Second).Because(err)
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

// ask waits for the database, for a time and at most until the deadline of the context.
func (f *Finder) ask(ctx context.Context, key int64, within time.Duration) (*Match, error) {
	until := time.Now().Add(within)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	timeout := time.NewTimer(time.Until(until))
	defer timeout.Stop()
	asked := f.queue.add(key, until)
	select {
	case <-asked.ready:
	case <-timeout.C:
		return nil, fault.Unavailable("lookup_timeout", time.Second).Because(context.DeadlineExceeded)
	}
	if asked.err != nil {
		return nil, fault.Unavailable("lookup_failed", time.Second).Because(asked.err)
	}
	return asked.match, nil
}

// maxBatch is how many numbers one query is about.
const maxBatch = crm.MostReached

// read answers a batch in one round trip. It does not end with the contexts of the callers, who may go away before the
// others.
func (f *Finder) read(batch []*pending) {
	until := batch[0].until
	for _, a := range batch {
		if a.until.After(until) {
			until = a.until
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	age := f.memory.age.Load()
	start := time.Now()
	rows, set, err := f.reach(ctx, batch)
	f.seconds.Observe(time.Since(start).Seconds())
	for _, a := range batch {
		if a.err = err; err != nil {
			continue
		}
		a.match = MatchOf(rows[a.key], set)
		f.memory.add(cacheKey(a.key), a.match, age)
	}
}

func (f *Finder) reach(ctx context.Context, batch []*pending) (map[int64][]crm.Reached, *statuses.Set, error) {
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
