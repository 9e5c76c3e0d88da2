package crm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// asked is what a client wants of a company: to read it, or another status or
// owner for it, changing the version that he has seen.
type asked struct {
	company int64
	what    string // "read", "status" or "owner"
	by      int64
	status  string
	owner   int64
	version int64
}

// told is the answer: a fault's key, or the company as it is then.
type told struct {
	fault string
	now   register
}

// register is what the history is about: a company's status and owner, behind
// one version.
type register struct {
	version, owner int64
	status         string
}

// mayDecide returns who is whose head in the world of these tests, written down once
// more: the heads of an owner, and the admin.
func mayDecide(by, owner int64) bool {
	heads := map[int64][]int64{anna: {igor, rita}, boris: {igor, rita}, igor: {rita}, vera: {oleg, rita}, oleg: {rita}}
	return by == adminID || slices.Contains(heads[owner], by)
}

// companyModel is what one company does with no client beside another: a
// register that is changed by comparing its version, for those who may.
var companyModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		of := map[int64][]porcupine.Operation{}
		for _, op := range history {
			of[op.Input.(asked).company] = append(of[op.Input.(asked).company], op)
		}
		for _, part := range of {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return register{version: 1, owner: anna, status: "WAITING"} },
	Step: func(state, input, output any) (bool, any) {
		after, want := companyStep(state.(register), input.(asked))
		return output.(told) == want, after
	},
	Equal:             func(a, b any) bool { return a == b },
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

func companyStep(s register, in asked) (register, told) {
	next := s
	switch in.what {
	case "status":
		if !mayDecide(in.by, s.owner) {
			return s, told{fault: "status_change_forbidden"}
		}
		next.status = in.status
	case "owner":
		if in.owner != s.owner && s.status == "IN_WORK" && !mayDecide(in.by, s.owner) {
			return s, told{fault: "owner_change_forbidden"}
		}
		next.owner = in.owner
	default:
		return s, told{now: s}
	}
	if in.version != s.version {
		return s, told{fault: "stale_version"}
	}
	if next != s {
		next.version++
	}
	return next, told{now: next}
}

// history writes down what clients asked and were told, and when.
type history struct {
	mu    sync.Mutex
	start time.Time
	ops   []porcupine.Operation
}

func (h *history) note(client int, in asked, ask func() told) told {
	call := time.Since(h.start)
	out := ask()
	back := time.Since(h.start)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(call),
		Return: int64(back)})
	return out
}

// ask does to the book what a client wants.
func (w *world) ask(in asked) told {
	ctx := context.Background()
	var c Company
	var err error
	switch in.what {
	case "status":
		c, err = w.SetStatus(ctx, as(in.by), in.company, in.status, "", in.version)
	case "owner":
		c, err = w.SetOwner(ctx, as(in.by), in.company, in.owner, "", in.version)
	default:
		c, err = w.FindCompany(ctx, in.company)
	}
	if err != nil {
		return told{fault: fault.Of(err).Key}
	}
	now := register{version: c.Version, status: c.Status.Code}
	if c.Owner != nil {
		now.owner = c.Owner.ID
	}
	return told{now: now}
}

// TestStatusAndOwnerAreOneRegister lets clients change and read a few companies
// at the same time, as users with and without the right to it: what they
// were answered must agree with some order of their attempts, one after the other.
func TestStatusAndOwnerAreOneRegister(t *testing.T) {
	t.Parallel()
	const clients, companies, attempts = 8, 4, 250
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, h := newWorld(t, db), &history{start: time.Now()}
		var ids []int64
		for range companies {
			ids = append(ids, w.company(NewCompany{Name: "Acme", OwnerID: anna}).ID)
		}
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				dice := rand.New(rand.NewPCG(uint64(client), 1))
				seen := map[int64]register{}
				for range attempts {
					in := attempt(dice, ids[dice.IntN(len(ids))], seen)
					out := h.note(client, in, func() told { return w.ask(in) })
					if out.fault == "" {
						seen[in.company] = out.now
					} else if out.fault == "stale_version" {
						delete(seen, in.company)
					}
				}
			})
		}
		all.Wait()
		answers := map[string]int{}
		for _, op := range h.ops {
			answers[op.Input.(asked).what+" "+op.Output.(told).fault]++
		}
		t.Logf("%d attempts of %d clients: %v", len(h.ops), clients, answers)
		if answers["status "] < 5 || answers["owner "] < 5 ||
			answers["status stale_version"]+answers["owner stale_version"] < 5 ||
			answers["status status_change_forbidden"] < 5 {
			t.Errorf("too little happened: %v", answers)
		}
		if result := porcupine.CheckOperationsTimeout(companyModel, h.ops, time.Minute); result != porcupine.Ok {
			t.Errorf("%s: no order of the attempts explains the answers to the clients", result)
		}
	})
}

// attempt returns the next request of a client about a company: it reads one that it has not seen, and mostly sends the
// version that it has.
func attempt(dice *rand.Rand, company int64, seen map[int64]register) asked {
	in := asked{company: company, what: "read", version: seen[company].version}
	if in.version == 0 || dice.IntN(4) == 0 {
		return in
	}
	in.what, in.by = "status", []int64{anna, boris, igor, oleg, rita, adminID, igor, rita}[dice.IntN(8)]
	in.status = []string{"WAITING", "IN_WORK"}[dice.IntN(2)]
	if dice.IntN(2) == 0 {
		in.what, in.status, in.owner = "owner", "", []int64{anna, boris, vera, igor}[dice.IntN(4)]
	}
	return in
}

// TestAWrongHistoryIsNoticed passes impossible histories to the checker.
func TestAWrongHistoryIsNoticed(t *testing.T) {
	read := asked{what: "read"}
	byIgor := asked{what: "status", by: igor, status: "IN_WORK", version: 1}
	first, inWork := register{1, anna, "WAITING"}, register{2, anna, "IN_WORK"}
	one := func(client int, from, till int64, in asked, out told) porcupine.Operation {
		return porcupine.Operation{ClientId: client, Input: in, Output: out, Call: from, Return: till}
	}
	for why, c := range map[string]struct {
		right bool
		ops   []porcupine.Operation
	}{
		"one after the other": {true,
			[]porcupine.Operation{one(0, 0, 10, byIgor, told{now: inWork}), one(1, 20, 30, read, told{now: inWork})}},
		"a read beside a write may be before it": {true,
			[]porcupine.Operation{one(0, 0, 10, byIgor, told{now: inWork}), one(1, 5, 15, read, told{now: first})}},
		"a read after a write that does not know of it": {false,
			[]porcupine.Operation{one(0, 0, 10, byIgor, told{now: inWork}), one(1, 20, 30, read, told{now: first})}},
		"two changes of one version": {false, []porcupine.Operation{one(0, 0, 10, byIgor, told{now: inWork}),
			one(1, 5, 15, asked{what: "owner", by: rita, owner: vera, version: 1},
				told{now: register{2, vera, "WAITING"}})}},
		"somebody who may not": {false, []porcupine.Operation{one(0, 0, 10,
			asked{what: "status", by: boris, status: "IN_WORK", version: 1}, told{now: inWork})}},
		"the head of an owner who is one no more": {false, []porcupine.Operation{
			one(0, 0, 10, asked{what: "owner", by: anna, owner: vera, version: 1},
				told{now: register{2, vera, "WAITING"}}),
			one(1, 20, 30, asked{what: "status", by: igor, status: "IN_WORK", version: 2},
				told{now: register{3, vera, "IN_WORK"}})}},
		"a refusal without a reason": {false, []porcupine.Operation{one(0, 0, 10, byIgor,
			told{fault: "stale_version"})}},
	} {
		if got := porcupine.CheckOperations(companyModel, c.ops); got != c.right {
			t.Errorf("%s: accepted %v, want %v", why, got, c.right)
		}
	}
}
