package webhooks

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/calls"
	"callhue/incidents"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/permits"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
	"callhue/test/house"
	"callhue/webhooks/sources"
)

// realApp is a receiver with the real packages below it: Ivanov (101) owns Acme, which is in
// work; Petrov (102) is another agent.
func realApp(t *testing.T, db *store.DB) *app {
	t.Helper()
	return newApp(t, db, func(o *parts) {
		p := house.Join(t, db)
		p.DB.Clock = o.Now
		o.sources.Journal = p.Journal
		finder := lookup.New(p.DB, p.Directory, p.Journal, lookup.Options{Budget: time.Minute})
		rule := policy.New(p.DB, p.Journal, p.Roster, p.Directory, rules.Default())
		o.Tracker = calls.New(calls.Parts{
			DB: p.DB, Journal: p.Journal, Roster: p.Roster, Records: p.Records, Finder: finder, Policy: rule,
			Permits:   permits.New(p.DB, p.Journal, p.Roster, p.Records, house.Log()),
			Incidents: incidents.New(p.DB, p.Journal, p.Roster, p.Records, rule),
			Plan:      p.Plan, Log: house.Log(),
		})
		p.User("admin", 0, access.Admin)
		agent := func(login, name, extension string) *access.User {
			roles := access.Roles{access.Agent}
			return p.Add(staff.NewUser{Login: login, Name: name, Roles: roles, Extension: extension, Language: "en"})
		}
		ivanov := agent("ivanov", "Ivan Ivanov", "101")
		agent("petrov", "Petr Petrov", "102")
		p.Company("Acme", ivanov, "+7 495 000-00-11")
	})
}

// outcomeOfCall is what the tables say of a call in the end.
type outcomeOfCall struct {
	Direction string `db:"direction"`
	State     string `db:"state"`
	Result    string `db:"result"`
	Duration  int64  `db:"duration"`
	Line      string `db:"line"`
	Cards     string `db:"-"` // agent color state, in the order of the agents' names
}

func (h *app) call(source, id string) (o outcomeOfCall) {
	h.t.Helper()
	tx := h.db.Read(ctx)
	if err := tx.Get(&o, "SELECT direction, state, result, duration, line FROM calls WHERE source = ? AND call_id = ?", source, id); err != nil {
		h.t.Fatal(err)
	}
	var cards []string
	if err := tx.Select(&cards, `SELECT CONCAT(cards.agent_name, ' ', cards.color, ' ', cards.state) FROM cards JOIN calls ON calls.id = cards.call_id
		WHERE calls.source = ? AND calls.call_id = ? ORDER BY cards.agent_name`, source, id); err != nil {
		h.t.Fatal(err)
	}
	o.Cards = strings.Join(cards, ", ")
	return o
}

// TestJourneys plays whole calls of each dialect to the real desk.
func TestJourneys(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		play := func(path, common string, events ...string) {
			t.Helper()
			for _, e := range events {
				h.now = h.now.Add(2 * time.Second)
				if status, said := h.post(path, form, e+"&"+common); status != 200 {
					t.Fatalf("%s: %d %s", e, status, said)
				}
			}
		}
		want := func(source, id string, o outcomeOfCall) {
			t.Helper()
			if diff := cmp.Diff(o, h.call(source, id)); diff != "" {
				t.Errorf("%s %s: %s", source, id, diff)
			}
		}

		h.add(sources.NewSource{Name: "itl", Dialect: "itoolabs", Secret: "SECRET-of-itl"})
		const group = "phone=74950000011&diversion=74950000001&callid=g1&crm_token=SECRET-of-itl"
		play("/hooks/itl", group, "cmd=event&type=INCOMING&user=ivanov&ext=101", "cmd=event&type=INCOMING&user=login-2&ext=102",
			"cmd=event&type=ACCEPTED&user=login-2&ext=102", "cmd=event&type=CANCELLED&user=ivanov&ext=101")
		want("itl", "g1", outcomeOfCall{"in", "talking", "", 0, "74950000001", "102 red talking, ivanov none ended"})
		play("/hooks/itl", group, "cmd=event&type=COMPLETED&user=login-2&ext=102",
			"cmd=history&type=in&user=login-2&ext=102&start=20260312T091607Z&duration=42&status=Success")
		want("itl", "g1", outcomeOfCall{"in", "ended", "answered", 42, "74950000001", "102 red ended, ivanov none ended"})

		const missed = "phone=84950000011&callid=g2&crm_token=SECRET-of-itl"
		play("/hooks/itl", missed, "cmd=event&type=INCOMING&user=ivanov", "cmd=event&type=CANCELLED&user=ivanov", "cmd=history&type=in&status=missed&duration=0")
		want("itl", "g2", outcomeOfCall{"in", "ended", "missed", 0, "", "ivanov none ended"})

		h.add(sources.NewSource{Name: "portal", Dialect: "bitrix24", Secret: "APPTOKEN"})
		play("/hooks/portal", "data[CALL_ID]=b1&auth[application_token]=APPTOKEN",
			"event=ONVOXIMPLANTCALLINIT&data[CALL_TYPE]=1&data[PHONE_NUMBER]=%2B74950000011&data[CALLER_ID]=74950000001",
			"event=ONVOXIMPLANTCALLSTART&data[USER_ID]=petrov",
			"event=ONVOXIMPLANTCALLEND&data[CALL_TYPE]=1&data[PHONE_NUMBER]=%2B74950000011&data[PORTAL_USER_ID]=petrov&data[CALL_DURATION]=7&data[CALL_FAILED_CODE]=200")
		want("portal", "b1", outcomeOfCall{"out", "ended", "answered", 7, "74950000001", "petrov red ended"})

		h.add(sources.NewSource{Name: "office", Dialect: "generic", Secret: secretOfOffice})
		const ringing = `{"event":"ringing","call_id":"c1","direction":"out","number":"8 (495) 000-00-11","agent":"102"}`
		_, first := h.signed("/hooks/office", secretOfOffice, ringing)
		_, again := h.signed("/hooks/office", secretOfOffice, ringing)
		if first != again || !strings.Contains(first, `"color":"red"`) {
			t.Errorf("a repeated event changes the card:\n%s\n%s", first, again)
		}
		want("office", "c1", outcomeOfCall{"out", "ringing", "", 0, "", "102 red ringing"})
	})
}

// TestJourneyOfZadarma: the requests of testdata, in their order.
func TestJourneyOfZadarma(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		h.add(sources.NewSource{Name: "zadarma", Dialect: "zadarma", Secret: "SECRET-of-zadarma", Settings: map[string]string{"timezone": "Europe/Moscow"}})
		for _, name := range []string{"start", "internal", "answer", "end", "record"} {
			status, said, _ := h.send(readRequest(t, "dialects/testdata/zadarma/"+name+".http"))
			if status != 200 || (name == "start") != strings.Contains(said, "caller_name") {
				t.Errorf("%s: %d %s", name, status, said)
			}
		}
		got := h.call("zadarma", "in_aaa111")
		if diff := cmp.Diff(outcomeOfCall{"in", "ended", "answered", 42, "74950000001", "101 none ended"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestOnlyOurLinesCount: a source whose settings name lines takes no notice of calls
// on others, whichever part of such a call is reported.
func TestOnlyOurLinesCount(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		h.add(sources.NewSource{Name: "office", Dialect: "itoolabs", Secret: "SECRET-of-itoolabs", Settings: map[string]string{"lines": "8 (495) 000-00-01, sales"}})
		tell := func(fields string) (string, string) {
			status, said := h.post("/hooks/office", "application/x-www-form-urlencoded", "crm_token=SECRET-of-itoolabs&cmd=event&phone=74950000011&"+fields)
			if status != 200 {
				t.Fatalf("%s: %d %s", fields, status, said)
			}
			source, err := h.sources.Find(ctx, "office")
			if err != nil {
				t.Fatal(err)
			}
			return h.lastLine(source).Refused, string(h.lastLine(source).Understood)
		}
		for _, c := range []struct {
			why, fields string
			heard       bool
		}{
			{"our line in another spelling", "type=INCOMING&user=101&callid=ours&diversion=74950000001", true},
			{"the same call, no line told", "type=ACCEPTED&user=101&callid=ours", true},
			{"a line by its name", "type=INCOMING&user=101&callid=named&diversion=Sales", true},
			{"another department's line", "type=INCOMING&user=101&callid=theirs&diversion=74950000002", false},
			{"the same call, no line told", "type=ACCEPTED&user=101&callid=theirs", false},
			{"and its end", "type=COMPLETED&user=101&callid=theirs", false},
		} {
			before := numberOfCalls(t, db)
			refused, understood := tell(c.fields)
			if refused != "" || strings.Contains(understood, `"ignored":"line`) == c.heard {
				t.Errorf("%s: refused %q, understood %s", c.why, refused, understood)
			}
			if fresh := numberOfCalls(t, db) - before; fresh != 0 && !c.heard {
				t.Errorf("%s: a call was kept", c.why)
			}
		}
		if n := numberOfCalls(t, db); n != 2 {
			t.Errorf("%d calls were kept, want 2", n)
		}
	})
}

func numberOfCalls(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	if err := db.Read(ctx).Get(&n, "SELECT COUNT(*) FROM calls"); err != nil {
		t.Fatal(err)
	}
	return n
}
