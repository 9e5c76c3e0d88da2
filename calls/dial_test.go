package calls

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/phone"
	"callhue/rules"
)

// fakeDialer writes down what it is told to dial.
type fakeDialer struct {
	names []string
	told  []string
	fails error
}

func (d *fakeDialer) Dialling(context.Context) ([]string, error) { return d.names, nil }

func (d *fakeDialer) Dial(_ context.Context, source, extension string, number phone.Number) (string, error) {
	d.told = append(d.told, source+" "+extension+" "+number.String()+number.Local)
	return "callhue-1", d.fails
}

func TestDial(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		dialer := &fakeDialer{}
		tests := []struct {
			why, login, body string
			names            []string
			fails            error
			status           int
			says, told       string
		}{
			{"no source can", "boris", `{"number":"` + p1 + `"}`, nil, nil, http.StatusConflict, "cannot_dial", ""},
			{"the only source, and the verdict before the call", "boris", `{"number":"` + p1 + `"}`, []string{"office"}, nil, http.StatusAccepted, `"color":"red"`, "office 102 +74950001001"},
			{"a colleague", "boris", `{"number":"101"}`, []string{"office"}, nil, http.StatusAccepted, `"call_id":"callhue-1"`, "office 102 101"},
			{"which of the two", "boris", `{"number":"` + p1 + `"}`, []string{"office", "shop"}, nil, http.StatusUnprocessableEntity, "source", ""},
			{"that one", "boris", `{"number":"` + p1 + `","source":"shop"}`, []string{"office", "shop"}, nil, http.StatusAccepted, `"source":"shop"`, "shop 102 +74950001001"},
			{"another one", "boris", `{"number":"` + p1 + `","source":"nowhere"}`, []string{"office"}, nil, http.StatusUnprocessableEntity, "unknown_value", ""},
			{"no number", "boris", `{"number":""}`, []string{"office"}, nil, http.StatusUnprocessableEntity, "required", ""},
			{"nothing like a number", "boris", `{"number":"hello"}`, []string{"office"}, nil, http.StatusUnprocessableEntity, "invalid_number", ""},
			{"a user without a telephone", "admin", `{"number":"` + p1 + `"}`, []string{"office"}, nil, http.StatusConflict, "no_extension", ""},
			{"the PBX refuses", "boris", `{"number":"` + p1 + `"}`, []string{"office"}, fault.Conflict("pbx_refused"), http.StatusConflict, "pbx_refused", "office 102 +74950001001"},
		}
		for _, tt := range tests {
			dialer.names, dialer.fails, dialer.told = tt.names, tt.fails, nil
			o.desk.Dialer = dialer
			status, body := ask(tt.login, "POST", "/api/v1/calls/dial", tt.body)
			if status != tt.status || !strings.Contains(body, tt.says) || strings.Join(dialer.told, ";") != tt.told {
				t.Errorf("%s: %d %s, told %q", tt.why, status, body, dialer.told)
			}
		}
	})
}

// TestC42NothingDialsARedNumber: in the mode block a call is not begun for the agent, with a reason or without; the
// call that they make on their telephone is handled as ever, and one with a permit is dialled.
func TestC42NothingDialsARedNumber(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		dialer := &fakeDialer{names: []string{"office"}}
		o.desk.Dialer = dialer
		o.setPolicy(func(p *rules.Policy) { p.Enforcement.Mode = rules.EnforceBlock })
		dial := func(login, body string) {
			t.Helper()
			status, answer := ask(login, "POST", "/api/v1/calls/dial", body)
			if status != http.StatusForbidden || !strings.Contains(answer, "red_blocked") || len(dialer.told) > 0 {
				t.Errorf("%s: %d %s, dialled %v", body, status, answer, dialer.told)
			}
		}
		dial("boris", `{"number":"`+p1+`"}`)
		card := o.hear(event(Ringing, "102", 0))
		if card.Verdict.Color != rules.Red || card.Enforcement.Mode != rules.EnforceBlock || card.Enforcement.Met {
			t.Errorf("on the telephone: %s, %+v", card.Verdict.Color, card.Enforcement)
		}
		reason := "/api/v1/calls/" + strconv.FormatInt(card.Call.ID, 10) + "/reason"
		status, answer := ask("boris", "POST", reason, `{"reason":"the client asked for me"}`)
		if status != http.StatusOK || !strings.Contains(answer, `"met":false`) {
			t.Errorf("a reason: %d %s", status, answer)
		}
		dial("boris", `{"number":"`+p1+`"}`)
		status, answer = ask("anna", "POST", "/api/v1/calls/dial", `{"number":"`+p1+`"}`)
		if status != http.StatusAccepted {
			t.Errorf("her own client: %d %s", status, answer)
		}
	})
}

// TestDialHeedsThePolicy: what the policy does not want is not even begun.
func TestDialHeedsThePolicy(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		dialer := &fakeDialer{names: []string{"office"}}
		o.desk.Dialer = dialer
		dial := func(login, number string) (int, string) {
			return ask(login, "POST", "/api/v1/calls/dial", `{"number":"`+number+`"}`)
		}
		if status, body := ask("admin", "PUT", "/api/v1/policy", policyBody(t, func(p *rules.Policy) {
			p.Enforcement.Mode, p.DoNotCall = rules.EnforcePermit, rules.DoNotCallBlock
		})); status != http.StatusOK {
			t.Fatal(status, body)
		}
		_, err := o.book.AddDoNotCall(t.Context(), o.admin, crm.NewDoNotCall{Number: p7, Reason: "asked for it"})
		o.must(err)
		for _, tt := range []struct {
			why, login, number string
			status             int
			says               string
		}{
			{"somebody else's client, without a permit", "boris", p1, http.StatusForbidden, "permit_needed"},
			{"his own", "anna", p1, http.StatusAccepted, "callhue-1"},
			{"a number that is blocked", "anna", p7, http.StatusForbidden, "number_blocked"},
		} {
			if status, body := dial(tt.login, tt.number); status != tt.status || !strings.Contains(body, tt.says) {
				t.Errorf("%s: %d %s", tt.why, status, body)
			}
		}
		if len(dialer.told) != 1 {
			t.Errorf("dialled %q", dialer.told)
		}
	})
}

// TestTelephone: the screens know beforehand whether a call can be made, and with
// what.
func TestTelephone(t *testing.T) {
	inOffice(t, func(o *office) {
		ask := o.door()
		for _, tt := range []struct {
			why, login string
			dialer     Dialer
			want       string
		}{
			{"nothing dials", "boris", nil, `{"extension":"102","sources":[],"why":"cannot_dial"}`},
			{"no source does", "boris", &fakeDialer{}, `{"extension":"102","sources":[],"why":"cannot_dial"}`},
			{"two do", "boris", &fakeDialer{names: []string{"office", "shop"}}, `{"extension":"102","sources":["office","shop"],"why":""}`},
			{"a user without a telephone", "admin", &fakeDialer{names: []string{"office"}}, `{"extension":"","sources":["office"],"why":"no_extension"}`},
		} {
			o.desk.Dialer = tt.dialer
			if status, body := ask(tt.login, "GET", "/api/v1/calls/dial", ""); status != http.StatusOK || strings.TrimSpace(body) != tt.want {
				t.Errorf("%s: %d %s", tt.why, status, body)
			}
		}
	})
}
