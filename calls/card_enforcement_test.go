package calls

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"callhue/permits"
	"callhue/rules"
)

// enforce makes a policy of a mode the active one.
func (o *office) enforce(ask func(login, method, path, body string) (int, string), mode rules.EnforcementMode, version int) {
	o.t.Helper()
	status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(o.t, func(p *rules.Policy) {
		p.Version, p.Enforcement = version, rules.Enforcement{Mode: mode, PermitHours: 5}
	}))
	if status != http.StatusOK {
		o.t.Fatalf("policy: %d %s", status, answer)
	}
}

func TestWhatTheCardWantsOfWhom(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		o.enforce(ask, rules.EnforcePermit, 1)
		o.permit("vera", 1)
		for _, c := range []struct {
			why, login string
			direction  rules.Direction
			want       rules.EnforcementMode
		}{
			{"a stranger needs a permit", "boris", rules.Out, rules.EnforcePermit},
			{"who has one needs nothing", "vera", rules.Out, ""},
			{"nor does the owner", "anna", rules.Out, ""},
			{"nor his head", "igor", rules.Out, ""},
			{"nor an admin", "admin", rules.Out, ""},
			{"nor those who are called by the client", "boris", rules.In, ""},
		} {
			card, err := o.desk.Check(context.Background(), Question{Number: o.desk.Plan.Parse(p1), Agent: o.user[c.login], Direction: c.direction})
			o.must(err)
			if e := card.Enforcement; e.Mode != c.want || e.Met || (e.Text == "") != (c.want == "") {
				t.Errorf("%s: %+v, want mode %q", c.why, e, c.want)
			}
		}
		raw, err := o.check(p1, "anna").AppendJSON(nil)
		o.must(err)
		if strings.Contains(string(raw), "enforcement") {
			t.Errorf("a card that wants nothing speaks of it: %s", raw)
		}
	})
}

func TestAReasonIsKept(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		o.enforce(ask, rules.EnforceReason, 1)
		card := o.hear(event(Ringing, "102", 0))
		if e := card.Enforcement; e.Mode != rules.EnforceReason || e.Met || e.Text == "" {
			t.Fatalf("ringing: %+v", e)
		}
		path := fmt.Sprintf("/api/v1/calls/%d/reason", card.Call.ID)
		for _, c := range []struct {
			why, login, body string
			status           int
			says             string
		}{
			{"no reason", "boris", `{"reason":"  "}`, http.StatusUnprocessableEntity, "required"},
			{"a novel", "boris", `{"reason":"` + strings.Repeat("x", 501) + `"}`, http.StatusUnprocessableEntity, "too_long"},
			{"somebody else's call", "vera", `{"reason":"because"}`, http.StatusNotFound, "not_found"},
		} {
			if status, answer := ask(c.login, "POST", path, c.body); status != c.status || !strings.Contains(answer, c.says) {
				t.Errorf("%s: %d %s, want %d %s", c.why, status, answer, c.status, c.says)
			}
		}
		mark := o.mark()
		status, answer := ask("boris", "POST", path, `{"reason":"he asked for me"}`)
		var given Card
		o.must(json.Unmarshal([]byte(answer), &given))
		if e := given.Enforcement; status != http.StatusOK || !e.Met || e.Reason != "he asked for me" || e.Text != "" || given.Verdict.Color != rules.Red {
			t.Errorf("given: %d %s", status, answer)
		}
		if told := o.verbs(mark); len(told) != 1 || told[0] != string(CardChanged) {
			t.Errorf("his screens hear %v, want the changed card", told)
		}
		if e := o.hear(event(Answered, "102", 6)).Enforcement; !e.Met || e.Reason == "" {
			t.Errorf("judged anew, the reason is gone: %+v", e)
		}
		o.hear(event(Ended, "102", 48))
		if a := o.only().Agents[0]; a.Reason != "he asked for me" {
			t.Errorf("the call journal: %+v", a)
		}
		status, answer = ask("igor", "GET", "/api/v1/incidents", "")
		if status != http.StatusOK || !strings.Contains(answer, `"reason":"he asked for me"`) {
			t.Errorf("the incident does not show it: %d %s", status, answer)
		}
		if status, answer = ask("boris", "POST", path, `{"reason":"another story"}`); status != http.StatusConflict || !strings.Contains(answer, "reason_given") {
			t.Errorf("after the call the story changed: %d %s", status, answer)
		}
	})
}

func TestAReasonAfterTheCallReachesTheIncident(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		card := o.hear(event(Ringing, "102", 0))
		o.hear(event(Answered, "102", 6))
		o.hear(event(Ended, "102", 48))
		if status, answer := ask("boris", "POST", fmt.Sprintf("/api/v1/calls/%d/reason", card.Call.ID), `{"reason":"he called me first"}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if _, answer := ask("igor", "GET", "/api/v1/incidents", ""); !strings.Contains(answer, `"reason":"he called me first"`) {
			t.Errorf("the incident: %s", answer)
		}
	})
}

func TestNoReasonWhereNothingIsRed(t *testing.T) {
	inOffice(t, func(o *office) {
		card := o.hear(event(Ringing, "101", 0)) // Anna, the owner
		if status, answer := o.door()("anna", "POST", fmt.Sprintf("/api/v1/calls/%d/reason", card.Call.ID), `{"reason":"because"}`); status != http.StatusConflict || !strings.Contains(answer, "no_reason_wanted") {
			t.Errorf("%d %s", status, answer)
		}
	})
}

// Under the strictest mode the call goes on, the card asks for a permit, and one click of the head, for as
// long as the policy says, is enough.
func TestAPermitIsNeeded(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, ask := context.Background(), o.door()
		o.enforce(ask, rules.EnforcePermit, 1)
		card := o.hear(event(Ringing, "102", 0))
		if e := card.Enforcement; e.Met || !strings.Contains(e.Text, "permit") || card.Call.State != StateRinging {
			t.Errorf("ringing: %+v", e)
		}
		if status, _ := ask("boris", "POST", fmt.Sprintf("/api/v1/calls/%d/reason", card.Call.ID), `{"reason":"because"}`); status != http.StatusOK || o.live("boris").Enforcement.Met {
			t.Error("a reason is kept, but it is no permit")
		}
		asked, err := o.board.Ask(ctx, o.as("boris"), permits.NewAsk{Kind: permits.AskPermit, CompanyID: card.Subject.ID, CallID: card.Call.ID})
		o.must(err)
		_, err = o.board.GrantAsk(ctx, o.as("igor"), asked.ID, permits.AskGrant{})
		o.must(err)
		o.must(o.desk.reevaluatePermitted(ctx))
		card = o.live("boris")
		if card.Permit == nil || !card.Permit.Until.Equal(o.db.Clock().Add(5*time.Hour)) || card.Enforcement.Mode != "" || card.Verdict.Color != rules.None {
			t.Errorf("granted: %+v, permit %+v, %+v", card.Verdict, card.Permit, card.Enforcement)
		}
	})
}

// What is enforced changes no colour: a dry run of it shows nothing.
func TestADryRunOfEnforcementIsEmpty(t *testing.T) {
	inOffice(t, func(o *office) {
		o.hear(event(Ringing, "102", 0))
		body := `{"policy":` + policyBody(t, func(p *rules.Policy) { p.Enforcement.Mode = rules.EnforcePermit }) + `}`
		status, answer := o.door()("admin", "POST", "/api/v1/policy/dry-run", body)
		var run DryRun
		o.must(json.Unmarshal([]byte(answer), &run))
		if status != http.StatusOK || run.Looked != 1 || len(run.Calls) != 0 || len(run.Counts) != 1 || run.Counts[0] != (ColorsChange{rules.Red, rules.Red, 1}) {
			t.Errorf("%d %s", status, answer)
		}
	})
}
