package lookup

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"callhue/crm"
	"callhue/fault"
	"callhue/journal"
	"callhue/statuses"
	"callhue/store"
)

// Options of a Finder.
type Options struct {
	Budget  time.Duration         // how long a lookup may take; 300 ms when 0
	Most    int                   // how many numbers are kept in memory; negative: none, 0: 100 000
	Metrics prometheus.Registerer // nil: not counted
}

// Finder finds who numbers are.
type Finder struct {
	db        *store.DB
	directory *statuses.Directory
	tail      *journal.Tail
	budget    time.Duration
	kept      *keeper
	asking    singleflight.Group

	seconds           prometheus.Histogram
	hit, miss, failed prometheus.Counter
}

// New makes the finder of a database; from then on it listens to the journal.
func New(db *store.DB, directory *statuses.Directory, tail *journal.Tail, opt Options) *Finder {
	if opt.Budget == 0 {
		opt.Budget = 300 * time.Millisecond
	}
	if opt.Most == 0 {
		opt.Most = 100_000
	}
	f := &Finder{db: db, directory: directory, tail: tail, budget: opt.Budget, kept: newKeeper(opt.Most),
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
	tail.Listen(f.kept.hear)
	return f
}

// blind is how long the journal's tail may be silent before memory is not
// trusted any more: another process may have changed a record unheard.
const blind = time.Second

// Find gives everything that a number reaches; key is phone.Number.Key. It
// answers within the budget: a database that does not is fault.Busy with the
// key "lookup_timeout", and whoever asked must not take that for "unknown".
func (f *Finder) Find(ctx context.Context, key int64) (*Match, error) {
	kept := cacheKey(key)
	if f.tail.Alive() < blind {
		if m := f.kept.find(kept); m != nil {
			f.hit.Inc()
			return m, nil
		}
	}
	m, err := f.ask(ctx, key, kept)
	if err != nil {
		f.failed.Inc()
		return nil, err
	}
	f.miss.Inc()
	return m, nil
}

// ask reads the database, once for all who ask for the number at this moment
// and at this age of the memory.
func (f *Finder) ask(ctx context.Context, key int64, kept string) (*Match, error) {
	ctx, cancel := context.WithTimeout(ctx, f.budget)
	defer cancel()
	age := f.kept.age.Load()
	answer := f.asking.DoChan(kept+cacheKey(int64(age)), func() (any, error) {
		// Its own context: the first who asks may go away, the others still wait.
		ctx, cancel := context.WithTimeout(context.Background(), f.budget)
		defer cancel()
		start := time.Now()
		set, err := f.directory.Set(ctx)
		if err != nil {
			return nil, err
		}
		rows, err := crm.Reach(f.db.Read(ctx), key)
		if err != nil {
			return nil, err
		}
		f.seconds.Observe(time.Since(start).Seconds())
		m := matchOf(rows, set)
		f.kept.keep(kept, m, age)
		return m, nil
	})
	select {
	case got := <-answer:
		if got.Err != nil {
			return nil, fault.Busy("lookup_failed", time.Second).Because(got.Err)
		}
		return got.Val.(*Match), nil
	case <-ctx.Done():
		return nil, fault.Busy("lookup_timeout", time.Second).Because(ctx.Err())
	}
}
