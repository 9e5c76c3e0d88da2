package permits

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// asked is what a client wants: to give a permit, to end one that someone has
// given, to look whether an agent holds one for a company of an owner, or to hand
// the company over. People are numbers of place.
type asked struct {
	what    string // "grant", "end", "held" or "owner"
	company int64
	by      int
	agent   int
	owner   int // the new one, or whose permit is looked for
	permit  int64
	giver   int // of the permit
}

// told is the answer: a fault's key, or the permit in question, 0 for none.
type told struct {
	fault  string
	permit int64
}

// The people of these histories, by their place in world.place.
const (
	anna = iota
	boris
	vera
	igor
	oleg
	rita
	admin
)

// place lists the people in the order of their numbers.
func (w *world) place() []*access.User {
	return []*access.User{w.Anna, w.Boris, w.Vera, w.Igor, w.Oleg, w.Rita, w.Admin}
}

// mayGive returns who may let others work with an owner's companies, written down
// once more.
func mayGive(by, owner int) bool {
	heads := map[int][]int{anna: {igor, rita}, boris: {igor, rita}, igor: {rita}, vera: {oleg, rita}, oleg: {rita}}
	return by == admin || slices.Contains(heads[owner], by)
}

// board is what a history is about: a company's owner, and for each agent the
// permit that runs and whose company it was given for.
type board struct {
	owner int
	runs  [admin + 1]struct {
		permit int64
		owner  int
	}
}

// permitModel is what the board does for one company with no client beside
// another.
var permitModel = porcupine.Model{
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
	Init: func() any { return board{owner: anna} },
	Step: func(state, input, output any) (bool, any) {
		return permitStep(state.(board), input.(asked), output.(told))
	},
	Equal:             func(a, b any) bool { return a == b },
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// permitStep reports whether an answer fits, and what follows from it. The id of a
// new permit is the board's to choose.
func permitStep(b board, in asked, out told) (bool, board) {
	mine := &b.runs[in.agent]
	switch in.what {
	case "grant":
		switch {
		case in.agent == in.by || !mayGive(in.by, b.owner):
			return out == told{fault: "permit_forbidden"}, b
		case in.agent == b.owner:
			return out == told{fault: "permit_not_needed"}, b
		}
		right := out.fault == "" && out.permit > mine.permit
		mine.permit, mine.owner = out.permit, b.owner
		return right, b
	case "end":
		switch {
		case in.by != in.giver && !mayGive(in.by, b.owner):
			return out == told{fault: "permit_forbidden"}, b
		case mine.permit != in.permit:
			return out == told{fault: "permit_ended"}, b
		}
		mine.permit = 0
		return out == told{}, b
	case "held":
		want := told{}
		if mine.permit != 0 && mine.owner == in.owner {
			want.permit = mine.permit
		}
		return out == want, b
	}
	if out.fault == "" {
		b.owner = in.owner
	}
	return out.fault == "" || out.fault == "stale_version", b
}

// ask does to the board what a client wants.
func (w *world) ask(in asked) told {
	ctx, people := context.Background(), w.place()
	var given Permit
	var err error
	switch in.what {
	case "grant":
		given, err = w.Grant(ctx, people[in.by], NewPermit{AgentID: people[in.agent].ID,
			CompanyID: in.company, Hours: 8})
	case "end":
		err = w.End(ctx, people[in.by], in.permit)
	case "held":
		var held *Held
		if held, err = w.Held(ctx); err == nil {
			pass, _ := held.Find(people[in.agent].ID, in.company, people[in.owner].ID, w.Clock.Now())
			return told{permit: pass.ID}
		}
	default:
		var c crm.Company
		if c, err = w.Records.FindCompany(ctx, in.company); err == nil {
			_, err = w.Records.SetOwner(ctx, people[in.by], in.company, people[in.owner].ID, "", c.Version)
		}
	}
	if err != nil {
		return told{fault: fault.Of(err).Key}
	}
	return told{permit: given.ID}
}

// TestPermitsAreOneAfterTheOther lets heads give and end permits while agents
// work under them and companies change hands: what they were told must be what
// some order of their wishes gives. The question of the cards is asked of the
// memory.
func TestPermitsAreOneAfterTheOther(t *testing.T) {
	t.Parallel()
	const clients, companies, wishes = 8, 3, 150
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, start := newWorld(t, db), time.Now()
		var ids []int64
		for range companies {
			ids = append(ids, w.Company("Acme", w.Anna).ID)
		}
		var mu sync.Mutex
		var ops []porcupine.Operation
		given := []asked{}
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				dice := rand.New(rand.NewPCG(uint64(client), 1))
				for range wishes {
					mu.Lock()
					in := wish(dice, ids[dice.IntN(len(ids))], given)
					mu.Unlock()
					call := time.Since(start)
					out := w.ask(in)
					back := time.Since(start)
					mu.Lock()
					ops = append(ops, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(call),
						Return: int64(back)})
					if in.what == "grant" && out.fault == "" {
						given = append(given, asked{what: "end", company: in.company, agent: in.agent,
							permit: out.permit, giver: in.by})
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		answers := map[string]int{}
		for _, op := range ops {
			in, out := op.Input.(asked), op.Output.(told)
			answers[fmt.Sprintf("%s %s%v", in.what, out.fault, out.permit != 0)]++
		}
		t.Logf("%d wishes of %d clients: %v", len(ops), clients, answers)
		for _, often := range []string{"grant true", "grant permit_forbiddenfalse", "end false",
			"end permit_endedfalse", "end permit_forbiddenfalse", "held true", "held false", "owner false"} {
			if answers[often] < 5 {
				t.Errorf("too little happened: %q only %d times", often, answers[often])
			}
		}
		if result := porcupine.CheckOperationsTimeout(permitModel, ops, time.Minute); result != porcupine.Ok {
			t.Errorf("%s: no order of the wishes explains what the clients were told", result)
		}
	})
}

// wish is what a client wants next. Mostly the latest permits are ended.
func wish(dice *rand.Rand, company int64, given []asked) asked {
	in := asked{company: company, by: dice.IntN(admin + 1), agent: []int{boris, vera, anna}[dice.IntN(3)],
		owner: []int{anna, anna, vera}[dice.IntN(3)]}
	switch n := dice.IntN(20); {
	case n < 1:
		in.what, in.by, in.agent = "owner", admin, 0
	case n < 6:
		in.what = "grant"
	case n < 12 && len(given) > 0:
		by := in.by
		in = given[max(0, len(given)-1-dice.IntN(6))]
		in.by = by
	default:
		in.what = "held"
	}
	return in
}

// TestAWrongHistoryIsNoticed passes impossible histories to the checker.
func TestAWrongHistoryIsNoticed(t *testing.T) {
	give := asked{what: "grant", by: igor, agent: boris}
	look := asked{what: "held", agent: boris, owner: anna}
	end := asked{what: "end", by: igor, agent: boris, permit: 7, giver: igor}
	toVera := asked{what: "owner", by: admin, owner: vera}
	type op struct {
		from, till int64
		in         asked
		out        told
	}
	for why, c := range map[string]struct {
		right bool
		ops   []op
	}{
		"given, held, ended, not held": {true,
			[]op{{0, 10, give, told{permit: 7}}, {20, 30, look, told{permit: 7}}, {40, 50, end, told{}},
				{60, 70, look, told{}}}},
		"held beside its giving, or not yet": {true,
			[]op{{0, 30, give, told{permit: 7}}, {5, 10, look, told{}}, {15, 20, look, told{permit: 7}}}},
		"held and then not yet": {false,
			[]op{{0, 30, give, told{permit: 7}}, {5, 10, look, told{permit: 7}}, {15, 20, look, told{}}}},
		"not held after it was given": {false,
			[]op{{0, 10, give, told{permit: 7}}, {20, 30, look, told{}}}},
		"held after it was ended": {false,
			[]op{{0, 10, give, told{permit: 7}}, {20, 30, end, told{}}, {40, 50, look, told{permit: 7}}}},
		"ended twice": {false,
			[]op{{0, 10, give, told{permit: 7}}, {20, 40, end, told{}}, {30, 50, end, told{}}}},
		"given by a colleague": {false,
			[]op{{0, 10, asked{what: "grant", by: vera, agent: boris}, told{permit: 7}}}},
		"given by the head of the owner before": {false,
			[]op{{0, 10, toVera, told{}}, {20, 30, give, told{permit: 7}}}},
		"held for the owner after": {false,
			[]op{{0, 10, give, told{permit: 7}}, {20, 30, toVera, told{}},
				{40, 50, asked{what: "held", agent: boris, owner: vera}, told{permit: 7}}}},
		"ended by a head who has neither given nor a say": {false,
			[]op{{0, 10, give, told{permit: 7}}, {20, 30,
				asked{what: "end", by: oleg, agent: boris, permit: 7, giver: igor}, told{}}}},
		"ended by its giver, who has no say any more: may": {true,
			[]op{{0, 10, give, told{permit: 7}}, {20, 30, toVera, told{}}, {40, 50, end, told{}}}},
	} {
		var ops []porcupine.Operation
		for client, o := range c.ops {
			ops = append(ops, porcupine.Operation{ClientId: client, Input: o.in, Output: o.out, Call: o.from,
				Return: o.till})
		}
		if got := porcupine.CheckOperations(permitModel, ops); got != c.right {
			t.Errorf("%s: accepted %v, want %v", why, got, c.right)
		}
	}
}
