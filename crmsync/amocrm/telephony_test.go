package amocrm

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crmsync"
	sim "callhue/test/fakecrm/amocrm"
)

func TestCallIsAnnounced(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, p := context.Background(), w.portal()
		id, err := p.Register(ctx, crmsync.Call{ID: "call-1", Number: "+74950000011", Users: []string{"301", "302"}})
		if err != nil || id != "74950000011:call-1" {
			w.Errorf("%q, %v", id, err)
		}
		if err := p.Show(ctx, id, []string{"303"}); err != nil {
			w.Error(err)
		}
		if err := p.Hide(ctx, id, []string{"301"}); err != nil {
			w.Error(err)
		}
		want := []sim.Popup{
			{
				Type:   "phone_call",
				Number: "74950000011",
				Users:  []any{"301", "302"},
			}, {Type: "phone_call", Number: "74950000011", Users: []any{"303"}},
		}
		if diff := cmp.Diff(want, w.account.Popups()); diff != "" {
			w.Error(diff)
		}
	})
}

// TestShowWithoutUsers checks that nothing is sent: the account would show the call to everyone.
func TestShowWithoutUsers(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, p := context.Background(), w.portal()
		if _, err := p.Register(ctx, crmsync.Call{ID: "call-1", Number: "+74950000011"}); err != nil {
			w.Error(err)
		}
		for _, id := range []string{"74950000011:call-1", "", "nonsense", ":x"} {
			if err := p.Show(ctx, id, nil); err != nil {
				w.Error(err)
			}
		}
		if err := p.Show(ctx, "nonsense", []string{"301"}); err != nil {
			w.Error(err)
		}
		if n := len(w.account.Log()); n != 0 {
			w.Errorf("%d requests", n)
		}
	})
}

func TestCallIsLogged(t *testing.T) {
	inWorld(t, func(w *world) {
		fillAccount(w.account)
		p := w.portal()
		for i, c := range []struct {
			result   string
			answered string
			users    []string
			incoming bool
			want     sim.Call
		}{
			{
				"answered", "302", []string{"301", "302"}, true,
				sim.Call{Direction: "inbound", Status: 4, Responsible: float64(302)},
			},
			{"missed", "", []string{"301"}, true, sim.Call{Direction: "inbound", Status: 6, Responsible: float64(301)}},
			{"cancelled", "", nil, true, sim.Call{Direction: "inbound", Status: 6}},
			{
				"busy", "", []string{"reception"}, false,
				sim.Call{Direction: "outbound", Status: 7, Responsible: "reception"},
			},
			{"failed", "", nil, false, sim.Call{Direction: "outbound", Status: 8}},
		} {
			call := crmsync.Call{
				ID:         fmt.Sprint("call-", i),
				Number:     "+74950000011",
				Users:      c.users,
				Incoming:   c.incoming,
				StartedAt:  noon,
				AnsweredBy: c.answered,
				Talked:     42 * time.Second,
				Result:     c.result,
				Recording:  "https://pbx.example/1.mp3",
			}
			if err := p.Finish(context.Background(), "", call); err != nil {
				w.Fatal(err)
			}
			seconds := int64(42)
			c.want.Duration, c.want.Source, c.want.Phone, c.want.Unique = &seconds, "office", "+74950000011", call.ID
			c.want.Link, c.want.CreatedAt, c.want.Kind, c.want.Record = call.Recording, noon.Unix(), sim.Companies, 310
			if diff := cmp.Diff(c.want, w.account.Calls()[i]); diff != "" {
				w.Error(c.result, diff)
			}
		}
	})
}

func TestCallOfAnUnknownNumber(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.portal()
		err := p.Finish(
			context.Background(), "", crmsync.Call{ID: "call-1", Number: "+74950000099", Result: "missed"},
		)
		if err != nil {
			w.Error(err)
		}
		if n := w.asked(postCalls); n != 1 {
			w.Errorf("posted %d times", n)
		}
		if err := p.Finish(context.Background(), "", crmsync.Call{ID: "call-2", Result: "missed"}); keyOf(
			err,
		) != "crm_refused" {
			w.Errorf("without a number: %v", err)
		}
	})
}

// TestPostsAreNotRepeated checks that a call whose answer was lost is not logged twice.
func TestPostsAreNotRepeated(t *testing.T) {
	for kind, want := range map[string]int{"500": 1, "reset": 1, "half": 1, "429": 3} {
		inWorld(t, func(w *world) {
			fillAccount(w.account)
			w.account.Trouble(sim.Trouble{Path: postCalls, Kind: kind, Times: 2})
			err := w.portal().
				Finish(context.Background(), "", crmsync.Call{ID: "call-1", Number: "+74950000011", Result: "answered"})
			if n := w.asked(postCalls); n != want || (want == 1) != (keyOf(err) == "crm_unreachable") {
				w.Errorf("%s: posted %d times, %v", kind, n, err)
			}
		})
	}
}

func TestInstall(t *testing.T) {
	const ours = "https://callhue.example/hooks/amo/secret"
	inWorld(t, func(w *world) {
		ctx, p := context.Background(), w.portal()
		w.account.Subscribe("https://other.example/", "add_lead")
		w.account.Subscribe(ours, "add_lead")
		for range 3 {
			if err := p.Install(ctx, ours); err != nil {
				w.Fatal(err)
			}
		}
		posted := 0
		for _, r := range w.account.Log() {
			if r.Method == "POST" {
				posted++
			}
		}
		if posted != 1 {
			w.Errorf("subscribed %d times", posted)
		}
		w.account.Disable()
		if err := p.Install(ctx, ours); err != nil || w.asked(postHooks) != 6 {
			w.Errorf("switched on again: %d, %v", w.asked(postHooks), err)
		}
		if err := p.Install(ctx, "nonsense"); keyOf(err) != "crm_refused" {
			w.Error(err)
		}
	})
}
