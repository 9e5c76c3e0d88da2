package bitrix24

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	portal "callhue/test/fakecrm/bitrix24"
)

func TestCallFromBeginToEnd(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.application()
	ctx := context.Background()
	call := crmsync.Call{
		ID:        "call-7",
		Number:    "+74950000011",
		Line:      "+74950000001",
		Incoming:  true,
		Users:     []string{"2", "3"},
		StartedAt: w.clock.Now(),
	}
	id, err := p.Register(ctx, call)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(want ...int) {
		t.Helper()
		if got := w.sim.Calls()[0]; !slices.Equal(got.Shown, want) {
			t.Errorf("shown to %v, want %v", got.Shown, want)
		}
	}
	shown(2, 3)
	if again, err := p.Register(ctx, call); err != nil || again != id {
		t.Errorf("the same call once more: %s, %v", again, err)
	}
	if err := p.Show(ctx, id, []string{"4"}); err != nil {
		t.Error(err)
	}
	shown(2, 3, 4)
	if err := p.Hide(ctx, id, []string{"2", "4"}); err != nil {
		t.Error(err)
	}
	shown(3)
	asked := len(w.sim.Requests())
	if err := p.Hide(ctx, id, nil); err != nil || len(w.sim.Requests()) != asked {
		t.Errorf("an unknown call's card: %v", err)
	}
	call.AnsweredBy, call.Talked, call.Result = "3", 42*time.Second, "answered"
	call.Recording = "https://pbx.example/1.mp3"
	if err := p.Finish(ctx, id, call); err != nil {
		t.Fatal(err)
	}
	got := w.sim.Calls()[0]
	finished := got.Finished && got.FinishedBy == 3 && got.Duration == 42 && got.Code == "200"
	if !finished || got.Recording != call.Recording || got.Type != 2 || got.Line != call.Line ||
		got.ExternalID != "call-7" || got.Number != call.Number {
		t.Errorf("%+v", got)
	}
	if err := p.Finish(ctx, id, call); key(err) != "crm_refused" {
		t.Errorf("finished twice: %v", err)
	}
	w.checkRequests()
}

// TestNextCallOfANumber checks that our id separates calls: the portal takes a second call of the same
// number within half an hour for the first one.
func TestNextCallOfANumber(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.application()
	seen := map[string]bool{}
	for _, id := range []string{"a", "b", "c"} {
		got, err := p.Register(context.Background(), crmsync.Call{ID: id, Number: "+74950000011", Users: []string{"2"}})
		if err != nil || seen[got] {
			t.Errorf("%s: %s, %v", id, got, err)
		}
		seen[got] = true
		err = p.Finish(
			context.Background(), got, crmsync.Call{Users: []string{"2"}, Result: "missed"},
		)
		if err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestCallResults(t *testing.T) {
	for result, code := range map[string]string{
		"answered": "200", "missed": "304", "busy": "486", "cancelled": "603-S", "failed": "OTHER", "": "OTHER",
	} {
		w := newWorld(t, portal.Options{})
		p := w.application()
		id, err := p.Register(context.Background(), crmsync.Call{ID: "1", Number: "+74950000011", Users: []string{"2"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Finish(context.Background(), id, crmsync.Call{Users: []string{"2"}, Result: result}); err != nil {
			t.Fatal(err)
		}
		if got := w.sim.Calls()[0]; got.Code != code || got.FinishedBy != 2 || got.Type != 1 {
			t.Errorf("%q: %+v", result, got)
		}
	}
}

func TestCallsThatCannotBeReported(t *testing.T) {
	w := newWorld(t, portal.Options{})
	ctx := context.Background()
	call := crmsync.Call{ID: "1", Number: "+74950000011", Users: []string{"2"}}
	_, err := w.webhook().Register(ctx, call)
	if key(err) != "crm_refused" || !strings.Contains(err.Error(), "WRONG_AUTH_TYPE") ||
		!strings.Contains(err.Error(), "application") {
		t.Errorf("a webhook: %v", err)
	}
	p := w.application()
	for why, change := range map[string]func(*crmsync.Call){
		"a dismissed user": func(c *crmsync.Call) { c.Users = []string{"99"} },
		"no number":        func(c *crmsync.Call) { c.Number = "" },
	} {
		c := call
		change(&c)
		if _, err := p.Register(ctx, c); key(err) != "crm_refused" {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := p.Register(ctx, crmsync.Call{ID: "1", Number: "+74950000011"}); key(err) != "invalid_input" {
		t.Errorf("a call without users: %v", err)
	}
	if err := p.Finish(ctx, "x", crmsync.Call{}); key(err) != "invalid_input" {
		t.Errorf("an end without users: %v", err)
	}
	if err := p.Finish(ctx, "x", call); key(err) != "crm_refused" {
		t.Errorf("an unknown call: %v", err)
	}
}

// TestRetriesOfTelephonyMethods checks that the end of a call is not repeated if its answer is lost: a
// second one is refused, and then it is unknown whether the first arrived. The other steps are repeated.
func TestRetriesOfTelephonyMethods(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.application()
	ctx := context.Background()
	w.sim.Break(portal.Fault{Kind: portal.Half, Times: 1})
	id, err := p.Register(ctx, crmsync.Call{ID: "1", Number: "+74950000011", Users: []string{"2"}})
	if err != nil || len(w.sim.Calls()) != 1 {
		t.Fatalf("%v; %d calls", err, len(w.sim.Calls()))
	}
	w.sim.Break(portal.Fault{Kind: portal.Half, Times: 1})
	if err := p.Finish(ctx, id, crmsync.Call{Users: []string{"2"}}); key(err) != "crm_unreachable" {
		t.Errorf("%v", err)
	}
	if !w.sim.Calls()[0].Finished {
		t.Error("the end did not arrive")
	}
}

func TestInstall(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.application()
	w.tokens.kept = crmsync.Token{}
	ctx := context.Background()
	posted := func(user int) Installation {
		_, form := w.sim.InstallForm(user, "https://callhue.example/bitrix24/install")
		return Installation{
			Access:      form.Get("AUTH_ID"),
			Refresh:     form.Get("REFRESH_ID"),
			Application: form.Get("APPLICATION_TOKEN"),
			Member:      form.Get("member_id"),
			Handler:     "https://callhue.example/hooks/b24",
			Card:        "https://callhue.example/bitrix24/card",
			Title:       "Callhue",
		}
	}
	for why, c := range map[string]struct {
		change func(*Installation)
		want   string
	}{
		"no refresh token":     {func(in *Installation) { in.Refresh = "" }, "invalid_input"},
		"an invalid token":     {func(in *Installation) { in.Refresh = "made up" }, "crm_sign_in_again"},
		"another portal's":     {func(in *Installation) { in.Member = strings.Repeat("f", 32) }, "crm_refused"},
		"a user, no admin":     {func(in *Installation) { in.Refresh = posted(3).Refresh }, "crm_refused"},
		"no application token": {func(in *Installation) { in.Application = "" }, "invalid_input"},
	} {
		in := posted(1)
		c.change(&in)
		if err := p.Install(ctx, in); key(err) != c.want || w.tokens.kept != (crmsync.Token{}) ||
			len(w.sim.Bound()) != 0 {
			t.Errorf("%s: %v; kept %+v, bound %v", why, err, w.tokens.kept, w.sim.Bound())
		}
	}
	for range 2 { // repeating is fine
		if err := p.Install(ctx, posted(1)); err != nil {
			t.Fatal(err)
		}
	}
	bound := w.sim.Bound()
	for _, event := range Events {
		if len(bound[event]) != 1 || bound[event][0] != "https://callhue.example/hooks/b24" {
			t.Errorf("%s: %v", event, bound[event])
		}
	}
	if got := bound["CALL_CARD"]; len(got) != 1 || got[0] != "https://callhue.example/bitrix24/card" {
		t.Errorf("CALL_CARD: %v", got)
	}
	if g := w.tokens.kept; g.Version != 2 || g.Application != portal.ApplicationToken || g.Account != portal.Member ||
		g.Endpoint != w.sim.Address()+"/rest/" {
		t.Errorf("kept %+v", g)
	}
	if _, err := p.Page(ctx, crmsync.Query{Kind: crm.KindCompany}); err != nil {
		t.Error(err)
	}
	if err := w.webhook().Install(ctx, posted(1)); key(err) != "crm_refused" {
		t.Errorf("a webhook: %v", err)
	}
	w.checkRequests()
}

// TestInstallationReachesOtherProcesses lets another process use the earlier token until it is no longer
// valid.
func TestInstallationReachesOtherProcesses(t *testing.T) {
	w := newWorld(t, portal.Options{})
	here, there := w.application(), w.application()
	if _, err := there.About(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.sim.Revoke() // the application is removed and installed again
	_, form := w.sim.InstallForm(1, "https://callhue.example/")
	in := Installation{
		Refresh:     form.Get("REFRESH_ID"),
		Application: form.Get("APPLICATION_TOKEN"),
		Member:      form.Get("member_id"),
		Handler:     "https://callhue.example/hooks/b24",
	}
	if err := here.Install(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := there.About(context.Background()); err != nil {
		t.Error(err)
	}
}
