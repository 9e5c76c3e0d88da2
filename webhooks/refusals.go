package webhooks

import (
	"log/slog"
	"sync"
	"time"

	"callhue/internal/fault"
)

// refusals logs the requests that were refused for a trouble of our own: the database is away or overloaded. A storm of
// them is a line a second, with how many it stands for.
type refusals struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	logged time.Time
	silent int // since the last line
}

// refusalsEvery is how far apart two lines are.
const refusalsEvery = time.Second

// add logs a refusal, unless it is the sender's own fault.
func (r *refusals) add(source string, f *fault.Error) {
	if f.Kind != fault.KindInternal && f.Kind != fault.KindUnavailable {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if now.Sub(r.logged) < refusalsEvery {
		r.silent++
		return
	}
	r.log.Warn("a request was refused", "source", source, "code", f.Key, "error", f, "others", r.silent)
	r.logged, r.silent = now, 0
}
