package ami

import (
	"slices"
	"strings"
)

// bridge is where Asterisk mixes channels: those in it hear each other, unless it only keeps them waiting.
type bridge struct {
	id       string
	waiting  bool // a parking lot or music on hold
	channels []*channel
	seen     uint64 // the last walk that came here
}

// dial is one channel ringing another. Once it is answered the two are about to be bridged, which Asterisk does
// after an announcement or a macro, or through Local channels that it then takes out.
type dial struct {
	from, to *channel // from is nil where the PBX dials by itself
	answered bool
}

// apart reports whether an answered dial joins its channels no longer, since they are in different bridges.
func (d *dial) apart() bool {
	return d.from.bridge != nil && d.to.bridge != nil && d.from.bridge != d.to.bridge
}

// bridgeOf returns the bridge of a message, which is added when it is new.
func (f *Follower) bridgeOf(m Message) *bridge {
	id := m.Get("BridgeUniqueid")
	b := f.bridges[id]
	if b == nil {
		kind := m.Get("BridgeType")
		b = &bridge{id: strings.Clone(id), waiting: kind == "parking" || kind == "holding"}
		f.bridges[b.id] = b
	}
	return b
}

// enter moves a channel into a bridge.
func (f *Follower) enter(c *channel, b *bridge) {
	if c.bridge == b {
		return
	}
	f.leave(c)
	c.bridge = b
	b.channels = append(b.channels, c)
}

// leave takes a channel out of its bridge. What it was connected with by answering is over, too.
func (f *Follower) leave(c *channel) {
	if c.bridge == nil {
		return
	}
	b := c.bridge
	b.channels = slices.DeleteFunc(b.channels, func(other *channel) bool { return other == c })
	if c.bridge = nil; len(b.channels) == 0 {
		delete(f.bridges, b.id)
	}
	for _, d := range slices.Clone(c.dials) {
		if d.answered {
			d.drop()
		}
	}
}

// dialOf returns the dial of one channel by another; nil when there is none.
func dialOf(from, to *channel) *dial {
	for _, d := range to.dials {
		if d.to == to && d.from == from {
			return d
		}
	}
	return nil
}

// ring notes that one channel rings another.
func ring(from, to *channel) *dial {
	d := dialOf(from, to)
	if d == nil {
		d = &dial{from: from, to: to}
		to.dials = append(to.dials, d)
		if from != nil {
			from.dials = append(from.dials, d)
		}
	}
	return d
}

// drop removes a dial from its channels.
func (d *dial) drop() {
	isThis := func(other *dial) bool { return other == d }
	d.to.dials = slices.DeleteFunc(d.to.dials, isThis)
	if d.from != nil {
		d.from.dials = slices.DeleteFunc(d.from.dials, isThis)
	}
}

// other returns the channel at the other end of a dial; nil where the PBX dials by itself.
func (d *dial) other(c *channel) *channel {
	if d.from == c {
		return d.to
	}
	return d.from
}

// walk visits the channels that are connected with those it starts at: by a bridge, by a Local pair, by an answered
// dial and, with ringing, by one that rings. It goes on behind a channel only where through allows it; the starts
// always allow it. The result is valid until the next walk.
func (f *Follower) walk(ringing bool, through func(*channel) bool, starts ...*channel) []*channel {
	f.walks++
	f.found = f.found[:0]
	visit := func(c *channel) {
		if c != nil && c.seen != f.walks {
			c.seen = f.walks
			f.found = append(f.found, c)
		}
	}
	for _, c := range starts {
		visit(c)
	}
	begin := len(f.found)
	for i := 0; i < len(f.found); i++ {
		c := f.found[i]
		if i >= begin && !through(c) {
			continue
		}
		if b := c.bridge; b != nil && !b.waiting && b.seen != f.walks {
			b.seen = f.walks
			for _, other := range b.channels {
				visit(other)
			}
		}
		visit(c.pair)
		for _, d := range c.dials {
			if d.answered && !d.apart() || !d.answered && ringing {
				visit(d.other(c))
			}
		}
	}
	return f.found
}

// Where a walk may go on.
func isLocal(c *channel) bool  { return c.role == local }
func everywhere(*channel) bool { return true }
