package webhooks

import (
	"context"
	"slices"
	"sync"
	"time"

	"callhue/phone"
)

// link is our own connection to the other side of a source.
type link interface {
	// run keeps the connection until the context ends.
	run(ctx context.Context)
	// standing says how it is with it.
	standing(ctx context.Context) (Standing, error)
}

// dialler is a link that can have a call made; id becomes the call's name.
type dialler interface {
	dial(ctx context.Context, id, extension string, number phone.Number) error
}

// Standing is how it is with our connection to the other side of a source.
type Standing struct {
	State LinkState `json:"state"`
	Why   string    `json:"why,omitempty"` // it failed, as a code
}

// LinkState is the state of a connection that we open.
type LinkState string

// The states. Those of a CRM are told in more detail by its sync.
const (
	LinkOff          LinkState = "off"           // the source is switched off
	LinkNotInstalled LinkState = "not_installed" // the other side has not let us in yet
	LinkConnecting   LinkState = "connecting"
	LinkConnected    LinkState = "connected"
	LinkFailed       LinkState = "failed" // it is tried again
)

// Values lists the states, for the API reference.
func (LinkState) Values() []string {
	return []string{string(LinkOff), string(LinkNotInstalled), string(LinkConnecting), string(LinkConnected), string(LinkFailed)}
}

// Connect keeps a connection to every active source that we connect to, until
// the context ends. Several processes on one database may all do it: what they
// hear twice counts once, and a CRM is attended to by one of them.
func (d *Receiver) Connect(ctx context.Context) error {
	var running map[int64]*runningLink
	defer func() {
		for _, l := range d.links.replace(nil) {
			l.stop()
		}
	}()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		b, err := d.book.Get(ctx)
		if err == nil {
			running = d.relink(ctx, b, running)
		} else if ctx.Err() == nil {
			d.opt.Log.Error("sources to connect to", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// links are those of this process by the id of their source.
type links struct {
	mu    sync.Mutex
	of    map[int64]*runningLink
	retry time.Duration // for tests; 0 is amiRetry
}

func (a *links) replace(with map[int64]*runningLink) map[int64]*runningLink {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.of
	a.of = with
	return was
}

// find gives the link of a source; nil when this process has none.
func (a *links) find(id int64) link {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l := a.of[id]; l != nil {
		return l.link
	}
	return nil
}

// runningLink is a link with the goroutine that keeps it.
type runningLink struct {
	link
	source *liveSource
	cancel context.CancelFunc
	done   chan struct{}
}

func (d *Receiver) newLink(ctx context.Context, source *liveSource) *runningLink {
	ctx, cancel := context.WithCancel(ctx)
	l := &runningLink{link: source.dialect.connects(d, source), source: source, cancel: cancel, done: make(chan struct{})}
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

// relink ends the links whose source is gone or changed, and begins new ones.
func (d *Receiver) relink(ctx context.Context, b *book, have map[int64]*runningLink) map[int64]*runningLink {
	links := map[int64]*runningLink{}
	for id, source := range b.byID {
		if source.dialect == nil || source.dialect.connects == nil || !source.Active {
			continue
		}
		if l := have[id]; l != nil && l.source.Version == source.Version && slices.Equal(l.source.secrets, source.secrets) {
			links[id] = l
			continue
		}
		links[id] = d.newLink(ctx, source)
	}
	d.links.replace(links)
	for id, l := range have {
		if links[id] != l {
			l.stop()
		}
	}
	return links
}

// standing is how it is with the connection of a source that we connect to; nil
// for any other source.
func (d *Receiver) standing(ctx context.Context, s Source) (*Standing, error) {
	dialect := d.dialects[s.Dialect]
	switch {
	case dialect == nil || dialect.connects == nil:
		return nil, nil
	case !s.Active:
		return &Standing{State: LinkOff}, nil
	}
	l := d.links.find(s.ID)
	if l == nil { // it was added a moment ago
		return &Standing{State: LinkConnecting}, nil
	}
	how, err := l.standing(ctx)
	return &how, err
}
