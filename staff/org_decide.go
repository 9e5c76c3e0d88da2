package staff

import (
	"slices"
	"time"

	"callhue/internal/store"
)

// DecidesFor reports whether a user decides at a moment as head of the other one: they head them at any level, or stand
// in for an active user who does. No one decides for themselves.
func (o *Org) DecidesFor(user, other int64, at time.Time) bool {
	if user == other {
		return false
	}
	return o.IsHeadOf(user, other) || slices.ContainsFunc(o.HeadsOf(other), func(head int64) bool {
		return o.Deputises(user, head, at)
	})
}

// Seat is the departments of one head, in which a user decides: their own, or those of a head whose deputy they are.
type Seat struct {
	Teams []int64 // the departments below included, by id
	But   []int64 // they decide nothing about these: the head and themselves
}

// SeatsOf returns where a user decides as head at a moment.
func (o *Org) SeatsOf(user int64, at time.Time) (seats []Seat) {
	if teams := o.TeamsOf(user); len(teams) > 0 {
		seats = append(seats, Seat{teams, []int64{user}})
	}
	if u := o.user[user]; u == nil || !u.Active {
		return seats
	}
	now := store.MomentOf(at)
	for _, head := range o.users { // in one order, so that statements are alike
		stands := slices.ContainsFunc(o.deputies[head.ID], func(d Deputy) bool {
			return d.DeputyID == user && now >= d.From && now < d.Until
		})
		if !stands || !head.Active {
			continue
		}
		if teams := o.TeamsOf(head.ID); len(teams) > 0 {
			seats = append(seats, Seat{teams, []int64{head.ID, user}})
		}
	}
	return seats
}
