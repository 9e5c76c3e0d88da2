package webhooks

import (
	"context"
	"slices"
	"sync"
	"time"

	"callhue/internal/jobs"
	"callhue/phone"
	"callhue/webhooks/sources"
)

// link is our connection to the other side of a source.
type link interface {
	// run keeps the connection until the context ends.
	run(ctx context.Context)
	status(ctx context.Context) (sources.LinkStatus, error)
}

// dialer is a link over which calls can be placed; id becomes the id of the call.
type dialer interface {
	dial(ctx context.Context, id, extension string, number phone.Number) error
}

// orderer is a link over which calls can be placed whose ids the PBX chooses; it returns "" for one that is not named.
type orderer interface {
	place(ctx context.Context, extension string, number phone.Number) (callID string, err error)
}

// updateEvery is how soon a source that was added, changed or removed is connected to or not.
const updateEvery = 500 * time.Millisecond

// Connect keeps a connection to every active source that we connect to, until the context ends. Several processes on one
// database may all do it: an event that two of them receive counts once, and a CRM is synced by one of them.
func (rc *Receiver) Connect(ctx context.Context) error {
	var running map[int64]*runningLink
	defer func() {
		for _, l := range rc.links.replace(nil) {
			l.stop()
		}
	}()
	update := func(ctx context.Context) error {
		all, err := rc.opt.Sources.Snapshot(ctx)
		if err == nil {
			running = rc.updateLinks(ctx, all, running)
		}
		return err
	}
	return jobs.Loop{Name: "updating the connections to sources", Every: updateEvery, Log: rc.opt.Log, Do: update}.Run(ctx)
}

// links are the connections of this process.
type links struct {
	mu       sync.Mutex
	bySource map[int64]*runningLink
	retry    time.Duration // for tests; 0 is linkRetry
}

// replace sets the links and returns those that were set before.
func (l *links) replace(with map[int64]*runningLink) map[int64]*runningLink {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.bySource
	l.bySource = with
	return before
}

// find returns the link of a source; nil when this process has none.
func (l *links) find(source int64) link {
	l.mu.Lock()
	defer l.mu.Unlock()
	if running := l.bySource[source]; running != nil {
		return running.link
	}
	return nil
}

// runningLink is a link with the goroutine that runs it.
type runningLink struct {
	link
	source *sources.Live
	cancel context.CancelFunc
	done   chan struct{}
}

func (rc *Receiver) startLink(ctx context.Context, source *sources.Live) *runningLink {
	ctx, cancel := context.WithCancel(ctx)
	opened := rc.connectors[source.Source.Dialect].open(rc, source)
	l := &runningLink{link: opened, source: source, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.run(ctx)
	}()
	return l
}

func (l *runningLink) stop() {
	l.cancel()
	<-l.done
}

// updateLinks ends the links whose source is gone or changed, and starts new ones.
func (rc *Receiver) updateLinks(ctx context.Context, all *sources.Snapshot,
	running map[int64]*runningLink) map[int64]*runningLink {
	updated := map[int64]*runningLink{}
	for id, source := range all.ByID {
		if !source.Active || !rc.connects(source.Source) {
			continue
		}
		if l := running[id]; l != nil && l.isFor(source) {
			updated[id] = l
			continue
		}
		updated[id] = rc.startLink(ctx, source)
	}
	rc.links.replace(updated)
	for id, l := range running {
		if updated[id] != l {
			l.stop()
		}
	}
	return updated
}

// isFor reports whether the link was opened with the settings and secrets that the source has now.
func (l *runningLink) isFor(source *sources.Live) bool {
	return l.source.Version == source.Version && slices.Equal(l.source.Secrets, source.Secrets)
}

// LinkStatus returns the state of the connection to a source; nil for one that we do not connect to. It is part of
// sources.Runtime.
func (rc *Receiver) LinkStatus(ctx context.Context, s sources.Source) (*sources.LinkStatus, error) {
	switch {
	case !rc.connects(s):
		return nil, nil
	case !s.Active:
		return &sources.LinkStatus{State: sources.LinkOff}, nil
	}
	l := rc.links.find(s.ID)
	if l == nil { // it was added a moment ago
		return &sources.LinkStatus{State: sources.LinkConnecting}, nil
	}
	status, err := l.status(ctx)
	return &status, err
}
