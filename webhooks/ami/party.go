package ami

import (
	"cmp"
	"slices"
	"strings"

	"callhue/calls"
	"callhue/phone"
	"callhue/rules"
)

// clientCalls adds the call of a client who calls us.
func (f *Follower) clientCalls(ch *channel) *call {
	c := f.newCall(ch, rules.In)
	c.caller = ch
	c.addClient(ch)
	if ch.exten != "s" {
		c.line = ch.exten
	}
	return c
}

// order adds a call that the PBX was told to place (Originate): it rings one side first, then the other. number is
// what will be dialled, as far as it is known.
func (f *Follower) order(root *channel, number string) *call {
	c := f.newCall(root, rules.Out)
	c.root, c.ordered, root.call = root, true, c
	if f.people.isNumber(number) {
		c.number = number
	}
	return c
}

// orderedNumber returns the client's number of an order through a Local channel. A callback rings the client first: the
// channel is named by their number, and its caller ID is the line that they are shown. Where it is named by a
// telephone of ours, or by an agent's own phone, the caller ID is the client's.
func (f *Follower) orderedNumber(root *channel, caller string) string {
	_, called := endpoint(root.name)
	number, _, _ := strings.Cut(called, "@")
	if f.people.isNumber(number) && f.people.holder(number) == "" {
		return number
	}
	return caller
}

// dialled is a channel being rung, with what decides which party it is.
type dialled struct {
	call   *call // nil when none has begun yet
	by     *channel
	to     *channel
	number string // that is sent to it, as far as it can be read
	holder string // the login of whose own phone has that number
}

// parties decides who is client, who is agent, and which direction a call has, when a channel is rung. The first line
// that fits counts.
var parties = []struct {
	why  string
	fits func(f *Follower, d *dialled) bool
	do   func(f *Follower, d *dialled)
}{
	{
		"a telephone of ours rings on a call: it is part of it, whichever side rings it",
		func(_ *Follower, d *dialled) bool { return d.call != nil && d.to.role == agent },
		func(*Follower, *dialled) {},
	}, {
		"forwarded to the own phone of an agent: their telephone for this call",
		func(_ *Follower, d *dialled) bool { return d.holder != "" && d.isForwarded() },
		func(_ *Follower, d *dialled) { d.to.role, d.to.agent = agent, d.holder },
	}, {
		"forwarded to a number of others: neither a client nor an agent",
		func(_ *Follower, d *dialled) bool { return d.isForwarded() },
		func(*Follower, *dialled) {},
	}, {
		"our telephone, or an order, dials outside: the client",
		func(_ *Follower, d *dialled) bool { return d.call != nil },
		func(f *Follower, d *dialled) { d.call.addClient(d.to) },
	}, {
		"a telephone of ours calls a colleague: an internal call",
		func(_ *Follower, d *dialled) bool { return d.by.role == agent && d.to.role == agent },
		func(f *Follower, d *dialled) {
			d.call = f.newCall(d.by, rules.Out)
			d.call.root, d.call.internal, d.call.number, d.by.call = d.by, true, d.to.agent, d.call
		},
	}, {
		"a telephone of ours calls outside: an outgoing call",
		func(_ *Follower, d *dialled) bool { return d.by.role == agent },
		func(f *Follower, d *dialled) {
			d.call = f.newCall(d.by, rules.Out)
			d.call.root, d.by.call = d.by, d.call
			d.call.addClient(d.to)
		},
	}, {
		"a caller whose channel we have not seen begin is connected with a telephone of ours: an incoming call",
		func(_ *Follower, d *dialled) bool { return d.by.role == outside && d.to.role == agent },
		func(f *Follower, d *dialled) { d.call = f.clientCalls(d.by) },
	},
}

// isForwarded reports whether a call that has its client already is connected with a number outside: by the
// client's channel, by a colleague on the call, by the called colleague's telephone, or by an order that was for
// another number.
func (d *dialled) isForwarded() bool {
	c := d.call
	switch {
	case c == nil || d.to.role != outside:
		return false
	case c.internal, c.caller != nil, d.by != c.root:
		return true
	}
	isAgentsOwn := c.number != "" && d.holder != ""
	return c.ordered && (isAgentsOwn || len(c.clients) > 0)
}

// place decides what it means that a channel is rung, and returns the call that it is part of; nil for none.
func (f *Follower) place(from, to *channel, m Message) *call {
	if from == nil {
		return f.placeOrder(to, m)
	}
	if !to.isReal() {
		return nil // what its other half rings decides
	}
	by := f.origin(from)
	d := &dialled{call: by.call, by: by, to: to}
	if to.role == outside {
		sent := sentNumber(m.Get("DialString"), to.name)
		if by.role == agent || by.role == local {
			d.number = f.people.outsideNumber(m.Get("Exten"), m.Get("DestExten"), sent, by.exten, to.caller)
		} else { // the extension of a client's channel is our own line
			d.number = f.people.outsideNumber(sent, to.caller, m.Get("DestExten"))
		}
		d.holder = f.people.holder(d.number)
		if c := d.call; c != nil && f.people.isSame(c.number, d.number) {
			d.holder = "" // that is the number of the call itself
		}
	}
	for _, p := range parties {
		if !p.fits(f, d) {
			continue
		}
		if p.do(f, d); d.call == nil {
			return nil
		}
		if slices.Contains(d.call.clients, to) {
			d.call.result = ""
			d.call.number = cmp.Or(d.call.number, d.number)
		}
		return d.call
	}
	return nil
}

// placeOrder decides what it means that the PBX rings a channel by itself.
func (f *Follower) placeOrder(to *channel, m Message) *call {
	if to.call != nil {
		return to.call
	}
	connected, caller := m.Get("DestConnectedLineNum"), m.Get("DestCallerIDNum")
	switch to.role {
	case outside:
		c := f.newCall(to, rules.Out)
		c.ordered = true
		c.addClient(to)
		sent := sentNumber(m.Get("DialString"), to.name)
		c.number = f.people.outsideNumber(m.Get("DestExten"), sent, connected, caller)
		return c
	case agent:
		if waiting := f.waitingClient(to, connected, caller); waiting != nil {
			ring(waiting, to)
			return waiting.call
		}
		c := f.order(to, "")
		for _, number := range []string{connected, caller} {
			switch {
			case c.number != "" || number == to.agent:
			case f.people.isNumber(number):
				c.number = strings.Clone(number)
			case phone.IsExtension(number):
				c.number, c.internal = strings.Clone(number), true
			}
		}
		return c
	}
	if to.id == to.linked {
		return f.order(to, f.orderedNumber(to, caller))
	}
	return nil
}

// waitingClient returns the channel of a client who has called from a number and does not talk yet: an application
// rings a telephone for it by a call of its own. It is nil when there is none, and where an agent has ordered the call
// that rings the telephone.
func (f *Follower) waitingClient(telephone *channel, numbers ...string) *channel {
	if f.people.OwnOrder != "" && strings.HasPrefix(telephone.id, f.people.OwnOrder) {
		return nil
	}
	var longest *call
	for _, c := range f.calls {
		if c.caller == nil || len(c.clients) == 0 || c.answered || longest != nil && longest.id < c.id {
			continue
		}
		for _, number := range numbers {
			if f.people.isSame(c.caller.caller, number) {
				longest = c
			}
		}
	}
	if longest == nil {
		return nil
	}
	return longest.clients[0]
}

// origin returns the channel for which a channel dials: itself, or the one behind its Local pairs.
func (f *Follower) origin(ch *channel) *channel {
	for hops := 0; hops < 20 && ch.role == local && ch.call == nil && ch.pair != nil; hops++ {
		half := ch.pair
		if ch = half; half.call != nil {
			return half
		}
		for _, d := range half.dials {
			if d.to == half && d.from != nil {
				ch = d.from
			}
		}
		if ch != half || half.bridge == nil {
			continue
		}
		for _, other := range half.bridge.channels {
			if other != half {
				ch = other
			}
		}
	}
	return ch
}

// transferred handles a transfer to a number. Where the client's side asked for it, which a trunk may do in the
// client's name, the telephone that it leaves stands for the client from then on.
func (f *Follower) transferred(m Message) []calls.Event {
	from, to := f.channels[m.Get("TransfererUniqueid")], f.channels[m.Get("TransfereeUniqueid")]
	if from == nil || to == nil || from.call == nil || m.Get("Result") != "Success" {
		return nil
	}
	if c := from.call; slices.Contains(c.clients, from) && to.role == agent {
		c.addClient(to)
	}
	return nil
}

// transferredWhileRinging handles a transfer to a telephone that still rings: the client's channel takes the place of
// the one that dialled. A transfer to a telephone that has answered shows in the bridges.
func (f *Follower) transferredWhileRinging(m Message) []calls.Event {
	from, to := f.channels[m.Get("SecondTransfererUniqueid")], f.channels[m.Get("TransfereeUniqueid")]
	if from == nil || to == nil || from == to || m.Get("DestType") != "App" || m.Get("Result") != "Success" {
		return nil
	}
	before := f.around(from, to)
	for _, d := range slices.Clone(from.dials) {
		if d.from == from && !d.answered {
			d.drop()
			ring(to, d.to)
		}
	}
	return f.updateAll(before, to)
}
