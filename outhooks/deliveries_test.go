package outhooks

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

func TestADeliveryIsAnEntrySigned(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		p.happens(crm.CompanyStatus, 1) // before the subscription: none of its business
		p.Clock.Move(time.Millisecond)
		h := p.subscribe(r)
		id := p.happens(crm.CompanyStatus, 310)
		p.round(h)
		p.round(h)
		if got := r.ids(); !slices.Equal(got, []int64{id}) {
			t.Fatalf("delivered %v, want the entry %d once", got, id)
		}
		got := r.got[0]
		d := p.last(h)
		if got.Actor != p.admin.ID || got.Client != (journal.Ref{Kind: "company", ID: 310}) || got.Amount != 7 ||
			!got.At.Equal(p.Clock.Now()) ||
			string(got.Details) != `{"name":"Acme"}` || got.Delivery != d.ID {
			t.Errorf("the body is not the entry: %+v", got)
		}
		if got.header.Get(deliveryHeader) != strconv.FormatInt(d.ID, 10) || got.attempt != "1" ||
			got.header.Get("Content-Type") != "application/json" {
			t.Errorf("headers: %v", got.header)
		}
		if r.unproved != 0 {
			t.Errorf("the signature does not hold: %s", got.header.Get(secrets.SignatureHeader))
		}
		if d.State != DeliveryDone || d.Attempts != 1 || d.Status != 204 || d.Error != "" || d.EntryID != id ||
			d.TriedAt == nil || d.DueAt != nil {
			t.Errorf("log: %+v", d)
		}
	})
}

func TestWhatASubscriptionWants(t *testing.T) {
	client := journal.Entry{Verb: crm.CompanyStatus, Client: journal.Ref{Kind: "company", ID: 1}}
	internal := journal.Entry{Verb: staff.UserAdded, Subject: journal.Ref{Kind: "user", ID: 1}}
	for _, c := range []struct {
		why              string
		verbs            []string
		client, internal bool
	}{
		{"none named: whatever concerns a client", nil, true, false},
		{"an exact verb", []string{"user.added"}, false, true},
		{"all of a kind", []string{"company.*"}, true, false},
		{"everything", []string{"*"}, true, true},
		{"the beginning of a verb is not its kind", []string{"company.stat"}, false, false},
		{"several", []string{"policy.changed", "user.*"}, false, true},
	} {
		h := HookOut{Verbs: c.verbs}
		if h.wants(client) != c.client || h.wants(internal) != c.internal {
			t.Errorf("%s: %v, %v", c.why, h.wants(client), h.wants(internal))
		}
	}
	for verb, known := range map[string]bool{"company.status": true, "company.*": true, "*": true, "comp*": false,
		"company.": false, "nothing.*": false, ".*": false, "": false, "company.stat": false,
		"company.status.*": false} {
		if knownVerbs([]journal.Verb{"company.status", "record.added"}, verb) != known {
			t.Errorf("knownVerbs(%q) = %v", verb, !known)
		}
	}
}

func TestTheScheduleOfAttempts(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		r.answers(500)
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		made := 1
		for _, wait := range []string{"5s", "5m", "30m", "2h", "5h", "10h", "10h"} {
			d, err := time.ParseDuration(wait)
			if err != nil {
				t.Fatal(err)
			}
			p.Clock.Move(d - time.Millisecond)
			p.round(h)
			if got := len(r.words()); got != made {
				t.Fatalf("%s after attempt %d: %d attempts, one too early", wait, made, got)
			}
			p.Clock.Move(time.Millisecond)
			p.round(h)
			if made++; len(r.words()) != made {
				t.Fatalf("%s after attempt %d: no further attempt", wait, made-1)
			}
			if got := r.got[made-1]; got.attempt != strconv.Itoa(made) || got.Delivery != r.got[0].Delivery {
				t.Errorf("attempt %d says %s of delivery %d", made, got.attempt, got.Delivery)
			}
		}
		d := p.last(h)
		if d.State != DeliveryDead || d.Attempts != 8 || d.Status != 500 || d.Error != "status" ||
			d.Detail != "said 500" {
			t.Errorf("after the last attempt: %+v", d)
		}
		p.Clock.Move(100 * time.Hour)
		p.round(h)
		if len(r.words()) != 8 {
			t.Error("a dead letter was sent by itself")
		}
	})
}

func TestDeadLettersAreReplayed(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		r.answers(500)
		p.happens(crm.CompanyStatus, 310)
		p.happens(crm.CompanyStatus, 311)
		for range schedule {
			p.round(h)
			p.Clock.Move(11 * time.Hour)
		}
		if state, err := p.courier.Hook(ctx, h.ID); err != nil || state.Dead != 2 || state.Waiting != 0 {
			t.Fatalf("two dead letters: %+v, %v", state, err)
		}
		r.answers(200)
		dead := p.deliveries(h)
		if _, err := p.courier.Replay(ctx, p.admin, h.ID, dead[1].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := p.courier.Replay(ctx, p.admin, h.ID, dead[1].ID); fault.Of(err) == nil ||
			fault.Of(err).Key != "delivery_waiting" {
			t.Errorf("replay of what waits: %v", err)
		}
		p.round(h)
		if got := p.deliveries(h); got[1].State != DeliveryDone || got[0].State != DeliveryDead {
			t.Fatalf("one was replayed: %+v", got)
		}
		last := r.got[len(r.got)-1]
		if last.Delivery != dead[1].ID || last.ID != dead[1].EntryID || last.attempt != "1" {
			t.Errorf("the replay has other numbers: %+v", last)
		}
		if n, err := p.courier.ReplayDead(ctx, p.admin, h.ID); err != nil || n != 1 {
			t.Fatalf("replay of all dead letters: %d, %v", n, err)
		}
		p.round(h)
		if got := p.deliveries(h); got[0].State != DeliveryDone {
			t.Errorf("all were replayed: %+v", got)
		}
	})
}

func TestAClientKeepsItsOrder(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		r.mu.Lock()
		r.answer = func(w http.ResponseWriter, _ int) { // company 310 is not taken
			if r.got[len(r.got)-1].Client.ID == 310 {
				w.WriteHeader(502)
			}
		}
		r.mu.Unlock()
		p.happens(crm.RecordAdded, 310)
		p.happens(crm.CompanyStatus, 310)
		p.happens(crm.RecordAdded, 311)
		p.happens(crm.OwnerChanged, 311)
		// One connection at a time, so that r.got's last entry is the one being answered.
		p.courier.client.Transport.(*http.Transport).MaxConnsPerHost = 1
		p.round(h)
		want := []string{"record.added company:310 1", "record.added company:311 1", "owner.changed company:311 1"}
		got := r.words()
		slices.Sort(got[:2]) // two lanes at once
		if !slices.Equal(got, want) {
			t.Fatalf("sent %v, want %v", got, want)
		}
		r.answers(200)
		p.Clock.Move(5 * time.Second)
		p.round(h)
		if got := r.words()[3:]; !slices.Equal(got,
			[]string{"record.added company:310 2", "company.status company:310 1"}) {
			t.Errorf("then %v", got)
		}
	})
}

// TestLateCommitsAreDelivered writes an entry that becomes visible when younger
// ones have been delivered long ago: with a lower id, and of an earlier time.
func TestLateCommitsAreDelivered(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		p.Clock.Move(time.Minute)
		early := p.happens(crm.CompanyStatus, 310)
		forget := func(id int64) { // as if it were not committed yet
			if err := p.DB.Write(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Exec("UPDATE journal SET at = at + 1000000000, verb = 'demo.begun', client_kind = '' WHERE id = ?", id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		appear := func(id int64) {
			if err := p.DB.Write(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Exec("UPDATE journal SET at = at - 1000000000, verb = ?, client_kind = 'company' WHERE id = ?", string(crm.CompanyStatus), id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		forget(early)
		late := p.happens(crm.CompanyStatus, 311)
		p.round(h)
		for range 5 { // its place moves on
			p.Clock.Move(10 * time.Second)
			p.round(h)
		}
		appear(early)
		p.round(h)
		p.round(h)
		if got := r.ids(); !slices.Equal(got, []int64{late, early}) {
			t.Errorf("delivered %v, want %v", got, []int64{late, early})
		}
	})
}

func TestRotationSignsWithBoth(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		old := r.secret
		_, fresh, err := p.courier.RotateHook(ctx, p.admin, h.ID)
		if err != nil || fresh == old || fresh == "" {
			t.Fatalf("rotated to %q, %v", fresh, err)
		}
		sent := func(secret string) bool {
			before := r.unproved
			r.secret = secret
			p.happens(crm.CompanyStatus, 310)
			p.round(h)
			return r.unproved == before
		}
		if !sent(old) || !sent(fresh) || sent("another secret") {
			t.Error("within a day both secrets hold, and no other")
		}
		p.Clock.Move(secrets.KeptRotated)
		if sent(old) || !sent(fresh) {
			t.Error("after a day only the new one holds")
		}
		var sealed string
		if err := p.DB.Read(ctx).Get(&sealed, "SELECT secrets FROM hooks_out WHERE id = ?", h.ID); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(sealed, "v1:") || strings.Contains(sealed, fresh) {
			t.Errorf("the secret is not sealed: %s", sealed)
		}
	})
}

func TestATestDelivery(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r, "call.*", "company.status")
		d, err := p.courier.TestHook(ctx, p.admin, h.ID)
		if err != nil || d.State != DeliveryDone || d.Verb != string(HookOutTested) || r.unproved != 0 {
			t.Fatalf("%+v, %v", d, err)
		}
		r.answers(500)
		if d, err = p.courier.TestHook(ctx, p.admin, h.ID); err != nil || d.State != DeliveryDead || d.Status != 500 {
			t.Fatalf("a test is made once: %+v, %v", d, err)
		}
		p.Clock.Move(time.Hour)
		p.round(h)
		if got := r.words(); len(got) != 2 {
			t.Errorf("sent %v", got)
		}
	})
}

func TestWhoMaySubscribe(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, r := newPost(t, db), newReceiver(t)
		p.courier.opt.AllowPrivate = false
		for _, c := range []struct{ why, name, url, verb, want string }{
			{"no name", "", "https://crm.example/", "", "name: required"},
			{"no address", "a", "", "", "url: required"},
			{"no scheme", "a", "crm.example/x", "", "url: malformed"},
			{"another scheme", "a", "file:///etc/passwd", "", "url: malformed"},
			{"a password in the address", "a", "https://u:p@crm.example/", "", "url: malformed"},
			{"a private address", "a", "http://10.0.0.1/", "", "url: private_address"},
			{"this machine", "a", "http://[::1]:8080/", "", "url: private_address"},
			{"nothing happens so", "a", "https://crm.example/", "no.such", "verbs.0: unknown_value"},
		} {
			draft := NewHookOut{Name: c.name, URL: c.url}
			if c.verb != "" {
				draft.Verbs = []string{c.verb}
			}
			_, _, err := p.courier.AddHook(ctx, p.admin, draft)
			if !fault.Is(err, fault.KindInvalid) || err.Error() != "invalid_input; "+c.want {
				t.Errorf("%s: %v, want %s", c.why, err, c.want)
			}
		}
		if _, _, err := p.courier.AddHook(ctx, &access.User{ID: p.admin.ID + 1},
			NewHookOut{Name: "a", URL: "https://crm.example/"}); !fault.Is(err, fault.KindForbidden) {
			t.Errorf("somebody who is no admin: %v", err)
		}
		h, _, err := p.courier.AddHook(ctx, p.admin, NewHookOut{Name: "a", URL: "https://crm.example/"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.courier.AddHook(ctx, p.admin,
			NewHookOut{Name: "a", URL: "https://crm.example/"}); fault.Of(err) == nil ||
			fault.Of(err).Key != "name_taken" {
			t.Errorf("a name that is taken: %v", err)
		}
		if _, err := p.courier.ChangeHook(ctx, p.admin, h.ID,
			HookOutChange{URL: &r.URL, Version: h.Version + 1}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("changed to a private address: %v", err)
		}
		name := "b"
		if _, err := p.courier.ChangeHook(ctx, p.admin, h.ID,
			HookOutChange{Name: &name, Version: h.Version + 1}); fault.Of(err) == nil ||
			fault.Of(err).Key != "stale_version" {
			t.Errorf("a stale version: %v", err)
		}
		if err := p.courier.RemoveHook(ctx, p.admin, h.ID); err != nil {
			t.Fatal(err)
		}
		if err := p.courier.RemoveHook(ctx, p.admin, h.ID); !fault.Is(err, fault.KindMissing) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

// TestALongLaneHoldsUpNobodyElse has more entries of one client wait behind one that
// is not taken than are looked at together.
func TestALongLaneHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p, r := newPost(t, db), newReceiver(t)
		h := p.subscribe(r)
		r.answers(500)
		const many = lookAhead + 50
		for range many {
			p.happens(crm.CompanyStatus, 310)
		}
		p.round(h)
		r.answers(200)
		id := p.happens(crm.CompanyStatus, 311)
		p.round(h)
		if got := r.ids(); len(got) != 2 || got[1] != id {
			t.Fatalf("sent %v, want the other client's entry %d second", got, id)
		}
		p.Clock.Move(5 * time.Second)
		p.round(h)
		got := r.ids()
		if len(got) != many+2 || !slices.IsSorted(got[2:]) {
			t.Errorf("sent %d, want %d in their order", len(got), many+2)
		}
	})
}
