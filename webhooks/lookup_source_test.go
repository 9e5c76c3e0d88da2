package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/calls"
	"callhue/incidents"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/lookup"
	"callhue/permits"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
	"callhue/test/house"
	"callhue/webhooks/sources"
)

// theirCRM plays a customer's endpoint: it answers with what was set, by number.
type theirCRM struct {
	mu     sync.Mutex
	says   map[string]string
	status int
	asked  int
	server *httptest.Server
}

func newTheirCRM(t *testing.T) *theirCRM {
	c := &theirCRM{says: map[string]string{}, status: http.StatusOK}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		if r.Header.Get("Authorization") != "Bearer TOKEN" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(c.status)
		says := c.says[r.URL.Query().Get("phone")]
		if says == "" {
			says = `{"data": []}`
		}
		_, _ = w.Write([]byte(says))
	}))
	t.Cleanup(c.server.Close)
	return c
}

func (c *theirCRM) set(number, owner, state string) {
	c.answer(number, fmt.Sprintf(`{"data": [{"id": 310, "title": "Вектор", "manager": {"login": %q}, "state": %q,
		"link": "https://crm.example/clients/310"}]}`, owner, state))
}

func (c *theirCRM) answer(number, body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says[number] = body
}

func (c *theirCRM) fail(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

func (c *theirCRM) settings() map[string]string {
	return map[string]string{"url": c.server.URL + "/clients?phone={number}", "number_form": "e164",
		"authorization": "Bearer TOKEN", "items": "data", "field_name": "title", "field_owner": "manager.login",
		"field_status": "state", "field_url": "link", "statuses": "in progress = IN_WORK\nclosed = WAITING",
		"budget_ms": "2000"}
}

// lookupApp is a receiver over the real packages with a lookup source; Ivanov (101) and Petrov (102) are agents.
type lookupApp struct {
	*app
	*house.Parts
	crm       *theirCRM
	source    sources.Source
	tracker   *calls.Tracker
	incidents *incidents.Registry
	permits   *permits.Registry
	admin     *access.User
	petrov    *access.User
}

const clientNumber = "+74950000011"

func withLookupApp(t *testing.T, test func(a *lookupApp)) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		a := &lookupApp{crm: newTheirCRM(t)}
		var finder *lookup.Finder
		a.app = newApp(t, db, func(o *parts) {
			p := house.Join(t, db)
			a.Parts = p
			o.Now, o.DB.Clock = p.Clock.Now, p.Clock.Now // which goroutines of the tracker may read
			o.sources.Journal = p.Journal
			o.Roster, o.Directory, o.AllowPrivate = p.Roster, p.Directory, true
			finder = lookup.New(p.DB, p.Directory, p.Journal, lookup.Options{Budget: time.Minute})
			rule := policy.New(p.DB, p.Journal, p.Roster, p.Directory, rules.Default())
			a.permits = permits.New(p.DB, p.Journal, p.Roster, p.Records, house.Log())
			a.incidents = incidents.New(p.DB, p.Journal, p.Roster, p.Records, rule)
			a.tracker = calls.New(calls.Parts{
				DB: p.DB, Journal: p.Journal, Roster: p.Roster, Records: p.Records, Finder: finder, Policy: rule,
				Permits: a.permits, Incidents: a.incidents, Plan: p.Plan, Log: house.Log(),
			})
			o.Tracker = a.tracker
			a.admin = p.User("admin", 0, access.Admin)
		})
		a.Add(staff.NewUser{Login: "ivanov", Name: "Ivan Ivanov", Roles: access.Roles{access.Agent}, Extension: "101"})
		a.petrov = a.Add(staff.NewUser{Login: "petrov", Name: "Petr Petrov", Roles: access.Roles{access.Agent},
			Extension: "102", Language: "en"})
		finder.Attach(a.receiver)
		a.source = a.add(sources.NewSource{Name: "crm", Dialect: "http", Secret: "SECRET-of-crm",
			Settings: a.crm.settings()})
		a.add(sources.NewSource{Name: "office", Dialect: "generic", Secret: "SECRET-of-office",
			Settings: map[string]string{"path_secret": "true"}})
		test(a)
	})
}

// check returns the card that Petrov would see.
func (a *lookupApp) check() calls.Card {
	a.t.Helper()
	org, err := a.Roster.Org(ctx)
	house.Must(a.t, err)
	card, err := a.tracker.Check(ctx, calls.Question{Number: a.Plan.Parse(clientNumber), Agent: org.ByLogin("petrov")})
	house.Must(a.t, err)
	return card
}

func (a *lookupApp) want(color rules.Color, why rules.Why) calls.Card {
	a.t.Helper()
	card := a.check()
	if card.Verdict.Color != color || card.Verdict.Why != why {
		a.t.Errorf("the card is %s, %s; want %s, %s", card.Verdict.Color, card.Verdict.Why, color, why)
	}
	return card
}

func TestAClientOfTheirCRMIsRed(t *testing.T) {
	withLookupApp(t, func(a *lookupApp) {
		a.want(rules.None, "unknown")
		a.crm.set(clientNumber, "ivanov", "In  Progress")
		a.changed()
		card := a.want(rules.Red, "foreign_in_work")
		s := card.Subject
		if s.ID != 0 || s.ExternalID != "310" || s.Source != "crm" || s.URL != "https://crm.example/clients/310" ||
			s.Owner == nil || s.Owner.Name != "Ivan Ivanov" || s.Status == nil || s.Status.Code != "IN_WORK" {
			t.Errorf("%+v", s)
		}
		for _, action := range card.Actions {
			if action == rules.ActionAskPermit {
				t.Error("a permit can be asked for a company without a record")
			}
		}
		raw, err := json.Marshal(card)
		house.Must(t, err)
		fast, err := card.AppendJSON(nil)
		house.Must(t, err)
		if string(raw) != string(fast) {
			t.Errorf("the fast JSON is another one:\n%s\n%s", raw, fast)
		}
	})
}

// changed has their CRM report that a client changed.
func (a *lookupApp) changed() {
	a.t.Helper()
	if status, said := a.post("/hooks/crm/SECRET-of-crm", "text/plain", "anything"); status != 200 {
		a.t.Fatalf("%d %s", status, said)
	}
}

func TestEveryKindOfOwnerThere(t *testing.T) {
	withLookupApp(t, func(a *lookupApp) {
		for _, c := range []struct {
			owner, state string
			color        rules.Color
			why          rules.Why
		}{
			{"petrov", "in progress", rules.None, "own"},
			{"Petr Petrov", "in progress", rules.None, "own"},
			{"Somebody Else", "in progress", rules.Red, "foreign_in_work"},
			{"", "in progress", rules.None, "unassigned"},
			{"ivanov", "closed", rules.None, "foreign_free"},
			{"ivanov", "never heard of", rules.None, "status_unknown"},
			{"ivanov", "", rules.None, "status_missing"},
		} {
			a.crm.set(clientNumber, c.owner, c.state)
			a.changed()
			a.want(c.color, c.why)
		}
	})
}

// TestAFailureIsGrey: also when our own tables know a protected company (the precedence of 1.4: 28 before red).
func TestAFailureIsGrey(t *testing.T) {
	withLookupApp(t, func(a *lookupApp) {
		org, err := a.Roster.Org(ctx)
		house.Must(t, err)
		a.Company("Acme", &access.User{ID: org.ByLogin("ivanov").ID}, clientNumber)
		a.want(rules.Red, "foreign_in_work")
		for name, break_ := range map[string]func(){
			"an error":   func() { a.crm.fail(http.StatusInternalServerError) },
			"a redirect": func() { a.crm.fail(http.StatusFound) },
			"not found":  func() { a.crm.fail(http.StatusNotFound) },
			"no JSON":    func() { a.crm.answer(clientNumber, "<html>") },
			"other JSON": func() { a.crm.answer(clientNumber, `{"error": "out of order"}`) },
			"no fields":  func() { a.crm.answer(clientNumber, `{"data": [{"uid": 1}]}`) },
			"a kind":     func() { a.crm.answer(clientNumber, `{"data": [{"id": 1, "title": "x", "kind": "deal"}]}`) },
			"too long": func() {
				a.crm.answer(clientNumber, `{"data": [], "x": "`+strings.Repeat("x", 300<<10)+`"}`)
			},
			"too many": func() {
				a.crm.answer(clientNumber, `{"data": [`+strings.Repeat(`{"id": 1},`, 200)+`{"id": 2}]}`)
			},
		} {
			a.crm.fail(http.StatusOK)
			a.crm.answer(clientNumber, "")
			a.changed()
			a.want(rules.Red, "foreign_in_work") // it works, and the breaker stays closed
			break_()
			settings := a.crm.settings()
			if name == "a kind" {
				settings["field_kind"] = "kind"
			}
			a.settings(settings)
			a.changed()
			if card := a.want(rules.Grey, "check_failed"); t.Failed() {
				t.Errorf("%s: %+v", name, card.Verdict)
			}
		}
	})
}

func (a *lookupApp) settings(settings map[string]string) {
	a.t.Helper()
	live, err := a.sources.Live(ctx, a.source.ID)
	house.Must(a.t, err)
	_, err = a.sources.Change(ctx, a.admin, a.source.ID,
		sources.SourceChange{Settings: &settings, Version: live.Version})
	house.Must(a.t, err)
}

// TestAHeadCanDealWithTheirClient: the company gets a record, the incident names it, and a permit holds.
func TestAHeadCanDealWithTheirClient(t *testing.T) {
	withLookupApp(t, func(a *lookupApp) {
		running, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { _ = a.tracker.Run(running); close(done) }()
		t.Cleanup(func() { stop(); <-done })
		a.crm.set(clientNumber, "ivanov", "in progress")
		event := func(name string) {
			t.Helper()
			a.Clock.Move(20 * time.Second)
			body := fmt.Sprintf(`{"event": %q, "call_id": "c1", "direction": "out", "number": %q, "agent": "102"}`,
				name, clientNumber)
			if status, said := a.post("/hooks/office/SECRET-of-office", "application/json", body); status != 200 {
				t.Fatalf("%d %s", status, said)
			}
		}
		event("ringing")
		var company int64
		for range 1000 {
			if company = a.check().Subject.ID; company != 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if company == 0 {
			t.Fatal("the company got no record")
		}
		found, err := a.Records.FindCompany(ctx, company)
		house.Must(t, err)
		if found.Name != "Вектор" || found.Owner.Name != "Ivan Ivanov" || found.Status.Code != "IN_WORK" ||
			len(found.Phones) != 0 || found.ExternalIDs[0].URL != "https://crm.example/clients/310" {
			t.Errorf("%+v", found)
		}
		time.Sleep(time.Second) // the card on the screen is judged again
		event("answered")
		event("ended")
		list, err := a.incidents.List(ctx, a.admin, incidents.ListInput{})
		house.Must(t, err)
		if len(list.Items) != 1 || list.Items[0].Company.ID != company || list.Items[0].Owner.Name != "Ivan Ivanov" {
			t.Errorf("%+v", list.Items)
		}
		_, err = a.permits.Grant(ctx, a.admin, permits.NewPermit{AgentID: a.petrov.ID, CompanyID: company, Hours: 1})
		house.Must(t, err)
		a.want(rules.None, "permit")
		a.crm.set(clientNumber, "petrov", "in progress")
		a.changed()
		a.want(rules.None, "own")
	})
}

func TestATrialShowsWhatCame(t *testing.T) {
	withLookupApp(t, func(a *lookupApp) {
		a.crm.set(clientNumber, "sidorov", "Sold")
		tried, err := a.receiver.TryLookup(ctx, a.source.ID, LookupTrial{Number: "8 495 000-00-11", Agent: "102"}, "en")
		house.Must(t, err)
		if len(tried.Mapped) != 1 || tried.Mapped[0].OwnerThere != "sidorov" || tried.Unknown.Statuses[0] != "Sold" ||
			!strings.Contains(tried.Answer, "Вектор") || tried.Error != "" || tried.Card == nil {
			t.Errorf("%+v", tried)
		}
		wrong := a.crm.settings()
		wrong["authorization"] = "Bearer WRONG"
		a.settings(wrong)
		if tried, err = a.receiver.TryLookup(ctx, a.source.ID, LookupTrial{Number: clientNumber}, ""); err != nil {
			t.Fatal(err)
		}
		if tried.Error != "access" || !strings.HasPrefix(tried.Detail, "401") {
			t.Errorf("%+v", tried)
		}
		stats, err := a.receiver.LookupStats(ctx, a.source)
		house.Must(t, err)
		if stats.LastError != "access" || stats.Failed != 1 {
			t.Errorf("%+v", stats)
		}
		shown, err := a.sources.Find(ctx, "crm")
		house.Must(t, err)
		if strings.Contains(shown.Settings["authorization"], "WRONG") {
			t.Error("the header is shown")
		}
	})
}

func TestAPrivateAddressIsRefused(t *testing.T) {
	withLookupApp(t, func(a *lookupApp) {
		a.receiver.client = web.NewClient(false) // of a server without --allow-private-hooks
		a.settings(map[string]string{"url": a.crm.server.URL + "/?phone={number}"})
		tried, err := a.receiver.TryLookup(ctx, a.source.ID, LookupTrial{Number: clientNumber}, "")
		house.Must(t, err)
		if tried.Error != "private_host" || a.crm.asked != 0 {
			t.Errorf("%+v", tried)
		}
		a.want(rules.Grey, "check_failed")
	})
}
