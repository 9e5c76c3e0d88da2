package calls

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/policy"
	"callhue/rules"
)

// door is the office's API; the one who asks is named by the bearer token.
func (o *office) door() func(login, method, path, body string) (int, string) {
	server, err := web.New(web.Options{
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
			u := o.user[bearer]
			if u == nil {
				return nil, fault.Unauthorised("sign_in_first")
			}
			return &access.User{ID: u.ID, Login: u.Login, Roles: u.Roles, Language: u.Language}, nil
		},
		Ready: func(context.Context) error { return nil }, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: o.db.Clock,
	}, o.desk.Routes(), o.incidents.Routes(), o.policy.Routes())
	o.must(err)
	return func(login, method, path, body string) (int, string) {
		o.t.Helper()
		request := httptest.NewRequest(method, path, strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+login)
		answer, err := server.App().Test(request, int(30*time.Second/time.Millisecond))
		o.must(err)
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		o.must(err)
		return answer.StatusCode, string(raw)
	}
}

// policyBody returns the shipped policy as JSON, changed.
// setPolicy makes a changed policy the active one, at once.
func (o *office) setPolicy(change func(*rules.Policy)) {
	o.t.Helper()
	active, err := o.policy.Active(context.Background())
	o.must(err)
	next := *active
	change(&next)
	_, err = o.policy.Change(context.Background(), access.System(), policy.PolicyInput{Policy: next})
	o.must(err)
}

func policyBody(t *testing.T, change func(*rules.Policy)) string {
	t.Helper()
	p := rules.Default()
	change(&p)
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// policyInput is a policy as a change of it.
func policyInput(p rules.Policy) policy.PolicyInput { return policy.PolicyInput{Policy: p} }

// lowerPolicy changes the shipped policy as the command line may, without a second administrator.
func (o *office) lowerPolicy(change func(*rules.Policy)) {
	o.t.Helper()
	p := rules.Default()
	change(&p)
	_, err := o.policy.Change(o.t.Context(), access.System(), policyInput(p))
	o.must(err)
}

func TestThePolicyIsVersioned(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		strictest := policyBody(t, func(p *rules.Policy) { p.SharedNumber = rules.SharedStrictest })
		if v := o.check(p6, "anna").Verdict; v.Color != rules.None || v.Policy != 1 {
			t.Fatalf("before: %+v", v)
		}
		for _, c := range []struct {
			why, login, body string
			status           int
			says             string
		}{
			{"only admins", "igor", strictest, http.StatusForbidden, "role_missing"},
			{"an empty priority", "admin", policyBody(t, func(p *rules.Policy) { p.Priority = nil }), http.StatusUnprocessableEntity, "priority"},
			{"an unknown kind", "admin", policyBody(t, func(p *rules.Policy) { p.Priority[0] = "deal" }), http.StatusUnprocessableEntity, "priority"},
			{"a colour that is none", "admin", policyBody(t, func(p *rules.Policy) { p.Palette.Red.Back = "red" }), http.StatusUnprocessableEntity, "palette"},
			{"a version that never was", "admin", policyBody(t, func(p *rules.Policy) { p.Version = 7 }), http.StatusConflict, "stale_version"},
		} {
			if status, answer := ask(c.login, "PUT", "/api/v1/policy", c.body); status != c.status || !strings.Contains(answer, c.says) {
				t.Errorf("%s: %d %s", c.why, status, answer)
			}
		}
		if v := o.check(p6, "anna").Verdict; v.Policy != 1 {
			t.Errorf("a refused policy changed something: %+v", v)
		}
		mark := o.mark()
		if status, answer := ask("admin", "PUT", "/api/v1/policy", strictest); status != 200 || !strings.Contains(answer, `"version":2`) {
			t.Fatalf("a good one: %d %s", status, answer)
		}
		if told := o.verbs(mark); len(told) != 1 || told[0] != string(policy.PolicyChanged) {
			t.Errorf("the journal heard %v", told)
		}
		for _, login := range []string{"anna", "boris"} {
			if v := o.check(p6, login).Verdict; v.Color != rules.Red || v.Policy != 2 {
				t.Errorf("under `strictest` both see red, %s: %+v", login, v)
			}
		}
		if status, answer := ask("admin", "PUT", "/api/v1/policy", strictest); status != http.StatusConflict {
			t.Errorf("version 1 was replaced already: %d %s", status, answer)
		}
		if status, answer := ask("admin", "GET", "/api/v1/policy", ""); status != 200 || !strings.Contains(answer, `"strictest"`) {
			t.Errorf("the active policy: %d %s", status, answer)
		}
		var page web.List[policy.PolicyVersion]
		_, answer := ask("admin", "GET", "/api/v1/policy/versions", "")
		o.must(json.Unmarshal([]byte(answer), &page))
		if len(page.Items) != 2 || page.Items[0].Version != 2 || page.Items[1].Version != 1 || page.Items[1].CreatedAt != nil {
			t.Errorf("versions: %s", answer)
		}
	})
}

func TestThePresetsOfThePriority(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		var presets web.List[rules.Preset]
		status, answer := ask("admin", "GET", "/api/v1/policy/presets", "")
		o.must(json.Unmarshal([]byte(answer), &presets))
		at := slices.IndexFunc(presets.Items, func(p rules.Preset) bool { return p.Name == "bitrix24_classic" })
		if status != http.StatusOK || at < 0 {
			t.Fatalf("%d %s", status, answer)
		}
		_, err := o.book.AddLead(t.Context(), o.admin, crm.NewLead{Title: "Again", OwnerID: o.user["vera"].ID, Phones: []crm.Phone{{Value: p5}}})
		o.must(err)
		if v := o.check(p5, "boris").Verdict; v.Why != rules.WhyForeignFree {
			t.Fatalf("a company and a lead, as shipped: %+v", v)
		}
		if status, answer := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) { p.Priority = presets.Items[at].Priority })); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if v := o.check(p5, "boris").Verdict; v.Why != rules.WhyLeadOnly || v.Color != rules.Blue {
			t.Errorf("the popup of the box shows the lead before the company: %+v", v)
		}
	})
}

func TestAListOfNumbers(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		numbers := []string{p1, p2, p3, p4, p5, "no number", p7, strings.Repeat("9", 500), "anonymous"}
		body, err := json.Marshal(BatchInput{Numbers: slices.Concat(numbers, numbers)})
		o.must(err)
		status, answer := ask("boris", "POST", "/api/v1/check/batch", string(body))
		var out Batch
		o.must(json.Unmarshal([]byte(answer), &out))
		if status != 200 || len(out.Items) != 2*len(numbers) {
			t.Fatalf("%d: %d cards for %d numbers", status, len(out.Items), 2*len(numbers))
		}
		for i, card := range out.Items {
			want := o.check(numbers[i%len(numbers)], "boris").Verdict
			if card.Verdict.Color != want.Color || card.Verdict.Why != want.Why {
				t.Errorf("%s in a list: %s %s, alone %s %s", numbers[i%len(numbers)], card.Verdict.Color, card.Verdict.Why, want.Color, want.Why)
			}
		}
	})
}

func TestDryRun(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		o.hear(event(Ringing, "101", 0)) // Anna's own client
		foreign := event(Ringing, "102", 1)
		foreign.CallID = "c-2"
		o.hear(foreign) // red for Boris
		shared := event(Ringing, "101", 2)
		shared.CallID, shared.Number = "c-3", p6
		o.hear(shared) // Anna's by the older link
		run := func(body string) (out DryRun) {
			t.Helper()
			status, answer := ask("admin", "POST", "/api/v1/policy/dry-run", body)
			if status != 200 {
				t.Fatalf("dry run: %d %s", status, answer)
			}
			o.must(json.Unmarshal([]byte(answer), &out))
			return out
		}
		if out := run(`{}`); out.Looked != 3 || len(out.Calls) != 0 {
			t.Errorf("nothing would change: %+v", out)
		}
		out := run(`{"policy":` + policyBody(t, func(p *rules.Policy) { p.SharedNumber = rules.SharedStrictest }) + `}`)
		if len(out.Calls) != 1 || out.Calls[0].Old.Color != rules.None || out.Calls[0].New.Color != rules.Red || out.Calls[0].Agent.Login != "anna" {
			t.Errorf("`strictest` would turn one card red: %+v", out)
		}
		out = run(`{"statuses":[{"code":"IN_WORK","card_effect":"yellow"}]}`)
		if len(out.Calls) == 0 || out.Calls[0].New.Color == rules.Red {
			t.Errorf("another effect of a status: %+v", out)
		}
		for _, c := range out.Calls {
			if c.Shown == "" || c.Number == "" || c.Subject == nil {
				t.Errorf("a line must say what was shown, to whom, about whom: %+v", c)
			}
		}
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Red || v.Policy != 1 {
			t.Errorf("a dry run changed something: %+v", v)
		}
		for body, want := range map[string]string{
			`{"statuses":[{"code":"IN_WORK","active":false}]}`:                                                         "none status_unknown",
			`{"statuses":[{"code":"IN_WORK","active":false},{"code":"WAITING","card_effect":"yellow"}]}`:               "yellow status_unknown",
			`{"statuses":[{"code":"IN_WORK","active":false},{"code":"CLIENT","is_default":true,"card_effect":"red"}]}`: "red status_unknown",
		} {
			got := ""
			out := run(body)
			for _, c := range out.Calls {
				if c.Agent.Login == "boris" {
					got = string(c.New.Color) + " " + string(c.New.Why)
				}
			}
			if got != want || out.Changed != len(out.Calls) {
				t.Errorf("%s: Boris would see %q, want %q; %d of %d", body, got, want, out.Changed, out.Looked)
			}
		}
		sum := 0
		for _, c := range run(`{"statuses":[{"code":"IN_WORK","card_effect":"none"}]}`).Counts {
			sum += c.Count
		}
		if sum != 3 {
			t.Errorf("the counts by colour are of %d cards, want 3", sum)
		}
		for body, field := range map[string]string{
			`{"statuses":[{"code":"WAITING","active":false}]}`:                                        "statuses.0.active",
			`{"statuses":[{"code":"IN_WORK","is_default":true},{"code":"CLIENT","is_default":true}]}`: "statuses.1.is_default",
			`{"statuses":[{"code":"NO_SUCH","card_effect":"red"}]}`:                                   "statuses.0.code",
			`{"statuses":[{"code":"IN_WORK","card_effect":"loud"}]}`:                                  "statuses.0.card_effect",
			`{"last":-1}`: "last",
			`{"policy":` + policyBody(t, func(p *rules.Policy) { p.Priority = nil }) + `}`: "priority",
		} {
			if status, answer := ask("admin", "POST", "/api/v1/policy/dry-run", body); status != http.StatusUnprocessableEntity || !strings.Contains(answer, field) {
				t.Errorf("%s: %d %s", field, status, answer)
			}
		}
		if status, _ := ask("boris", "POST", "/api/v1/policy/dry-run", `{}`); status != http.StatusForbidden {
			t.Errorf("an agent: %d", status)
		}
	})
}

func TestACardIsPaintedAsThePolicySays(t *testing.T) {
	inOffice(t, func(o *office) {
		if v := o.check(p1, "boris").Verdict; v.Color != rules.Red || v.Shade != nil {
			t.Errorf("the shipped look is the card's own, and needs no words: %+v", v)
		}
		o.lowerPolicy(func(p *rules.Policy) { p.Palette.Red.Back = "#8B0000" })
		if v := o.check(p1, "boris").Verdict; v.Shade == nil || *v.Shade != (rules.Shade{Back: "#8B0000", Ink: "#FFFFFF"}) {
			t.Errorf("red under the new policy: %+v", v.Shade)
		}
		if v := o.check(p1, "anna").Verdict; v.Color == rules.Red || v.Shade != nil {
			t.Errorf("a colour that the policy left alone: %+v", v)
		}
	})
}

func TestACardSpeaksTheWordsOfThePolicy(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		shipped := o.check(p1, "boris").Verdict
		bad := policyBody(t, func(p *rules.Policy) {
			p.Texts = map[rules.Why]rules.Wording{rules.WhyForeignInWork: {EN: rules.Saying{Title: "{boss} has it"}}}
		})
		if status, answer := ask("admin", "PUT", "/api/v1/policy", bad); status != http.StatusUnprocessableEntity || !strings.Contains(answer, "texts.foreign_in_work.en.title") {
			t.Errorf("a name that there is not: %d %s", status, answer)
		}
		good := policyBody(t, func(p *rules.Policy) {
			p.Texts = map[rules.Why]rules.Wording{rules.WhyForeignInWork: {Icon: "question", EN: rules.Saying{Title: "Hands off[: {owner} has it]"}}}
		})
		if status, answer := ask("admin", "PUT", "/api/v1/policy", good); status != http.StatusOK || !strings.Contains(answer, "Hands off") {
			t.Fatalf("%d %s", status, answer)
		}
		if v := o.check(p1, "boris").Verdict; v.Title != "Hands off: anna has it" || v.Text != shipped.Text || v.Icon != "question" {
			t.Errorf("%+v, shipped %+v", v, shipped)
		}
		if v := o.check(p1, "anna").Verdict; v.Icon != "" || strings.Contains(v.Title, "Hands off") {
			t.Errorf("another reason: %+v", v)
		}
		if _, answer := ask("boris", "POST", "/api/v1/check", `{"number":"`+p1+`"}`); !strings.Contains(answer, `"icon":"question"`) {
			t.Errorf("the API says %s", answer)
		}
	})
}
