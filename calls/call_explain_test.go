package calls

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/rules"
)

// one asks the API for a call.
func (o *office) one(ask func(login, method, path, body string) (int, string), login string, id int64) (call Call) {
	o.t.Helper()
	status, answer := ask(login, "GET", fmt.Sprint("/api/v1/calls/", id), "")
	if status != 200 {
		o.t.Fatalf("%s: %d %s", login, status, answer)
	}
	o.must(json.Unmarshal([]byte(answer), &call))
	return call
}

func TestWhyItWasRedIsAnsweredFromWhatWasKept(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, ask := context.Background(), o.door()
		shown := o.hear(event(Ringing, "102", 0))
		// Everything changes afterwards: the status, the owner, the names, the policy.
		c, err := o.book.FindCompany(ctx, shown.Subject.ID)
		o.must(err)
		c, err = o.book.SetStatus(ctx, o.admin, c.ID, "WAITING", "they paused", c.Version)
		o.must(err)
		o.hear(event(Answered, "102", 6))
		o.hear(event(Ended, "102", 48))
		_, err = o.book.SetOwner(ctx, o.admin, c.ID, o.user["vera"].ID, "", c.Version)
		o.must(err)
		o.lowerPolicy(func(p *rules.Policy) { p.Incoming = rules.None })

		call := o.one(ask, "admin", shown.Call.ID)
		if len(call.Agents) != 1 || len(call.Agents[0].Shown) != 2 {
			t.Fatalf("what Boris saw: %+v", call.Agents)
		}
		type saw struct {
			Color             rules.Color
			Why               rules.Why
			Row, Says         string
			Policy            int
			Name, Owner, Mark string
		}
		of := func(s Shown) saw {
			v, r := s.Verdict, s.Subject
			return saw{v.Color, v.Why, v.Row, v.Says, v.Policy, r.Name, r.Owner.Name, r.Status.Code}
		}
		table := rules.Table()
		says := func(row string, color rules.Color, why rules.Why, words string) string {
			at := slices.IndexFunc(table, func(r rules.Row) bool {
				return r.Name == row && r.Color == color && r.Why == why && strings.Contains(r.Says, words)
			})
			return table[at].Says
		}
		want := []saw{
			{rules.Red, rules.WhyForeignInWork, "5", says("5", rules.Red, rules.WhyForeignInWork, "foreign and in work"), 1, "Вектор", "anna", "IN_WORK"},
			{rules.None, rules.WhyForeignFree, "6", says("6", rules.None, rules.WhyForeignFree, "banner"), 1, "Вектор", "anna", "WAITING"},
		}
		if diff := cmp.Diff(want, []saw{of(call.Agents[0].Shown[0]), of(call.Agents[0].Shown[1])}); diff != "" {
			t.Errorf("what he saw (-want +got):\n%s", diff)
		}
		if last := call.Agents[0]; last.Verdict.Says != want[1].Says || last.Verdict.Title == "" {
			t.Errorf("the verdict he talked under: %+v", last.Verdict)
		}
		if _, answer := ask("admin", "GET", "/api/v1/calls", ""); strings.Contains(answer, `"shown"`) {
			t.Error("the list carries every verdict of every call")
		}
		if _, answer := ask("boris", "POST", "/api/v1/check", `{"number":"`+p1+`"}`); strings.Contains(answer, `"rule_text"`) {
			t.Error("a check tells what only the journal needs")
		}
	})
}

func TestEachAgentOfACallHasHisOwnWhy(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		shown := o.hear(event(Ringing, "102", 0))
		o.hear(event(Ringing, "101", 0))
		o.hear(event(Answered, "101", 5))
		call := o.one(ask, "admin", shown.Call.ID)
		for _, a := range call.Agents {
			want := map[string]rules.Why{"boris": rules.WhyForeignInWork, "anna": rules.WhyOwn}[a.Agent.Login]
			if len(a.Shown) != 1 || a.Shown[0].Verdict.Why != want || a.Shown[0].Verdict.Says == "" {
				t.Errorf("%s saw %+v, want %s", a.Agent.Login, a.Shown, want)
			}
		}
		if mine := o.one(ask, "boris", shown.Call.ID); len(mine.Agents) != 1 || mine.Agents[0].Agent.Login != "boris" {
			t.Errorf("Boris reads of %+v", mine.Agents)
		}
	})
}

func TestNotesAreVersionedAndJournaled(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		shown := o.hear(event(Ringing, "102", 0))
		path := fmt.Sprintf("/api/v1/calls/%d/note", shown.Call.ID)
		mark := o.mark()
		for _, c := range []struct {
			why, login, body string
			status           int
		}{
			{"the first note", "boris", `{"note":"wants a price"}`, 200},
			{"the version that he read", "boris", `{"note":"wants a price\nby Monday","version":1}`, 200},
			{"an older one", "boris", `{"note":"no","version":1}`, 409},
			{"his head, without the role of a supervisor", "igor", `{"note":"wants a price\nby Monday"}`, 200},
			{"a head of another department", "oleg", `{"note":"x"}`, 404},
			{"the same words: nothing happens", "admin", `{"note":"wants a price\nby Monday","version":2}`, 200},
			{"not on the call", "vera", `{"note":"x"}`, 404},
			{"too long", "boris", `{"note":"` + strings.Repeat("я", 2001) + `"}`, 422},
			{"as long as may be", "boris", `{"note":"` + strings.Repeat("я", 2000) + `","version":2}`, 200},
		} {
			if status, answer := ask(c.login, "POST", path, c.body); status != c.status {
				t.Errorf("%s: %d %s, want %d", c.why, status, answer, c.status)
			}
		}
		if call := o.one(ask, "boris", shown.Call.ID); call.NoteNumber != 3 || len(call.Note) != 4000 {
			t.Errorf("version %d, %d bytes", call.NoteNumber, len(call.Note))
		}
		var before []string
		for _, e := range o.since(mark) {
			var words struct {
				Changed struct{ Note struct{ From string } }
			}
			if o.must(json.Unmarshal(e.Details, &words)); e.Verb == CallNoted && e.Actor == o.user["boris"].ID && e.Client.ID == shown.Subject.ID {
				before = append(before, words.Changed.Note.From)
			}
		}
		if diff := cmp.Diff([]string{"", "wants a price", "wants a price\nby Monday"}, before); diff != "" {
			t.Errorf("the journal keeps what stood there before (-want +got):\n%s", diff)
		}
	})
}
