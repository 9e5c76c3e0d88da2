package main

import (
	"fmt"
	"time"
)

// action is something that a user may do to a client: a route and a request. before makes what the action needs beside
// the company; ask returns the request.
type action struct {
	route  string
	says   string // where a route has several actions, or the client's state matters
	inWork bool   // the company's status protects it
	fresh  bool   // a new client for every user
	before func(p *cast, relation string, c *client)
	ask    func(p *cast, relation string, c *client) (path, body string)
}

func (d action) name() string {
	state := "free company"
	if d.inWork {
		state = "company in work"
	}
	if d.says == "" {
		return d.route + " (" + state + ")"
	}
	return d.route + " (" + d.says + ", " + state + ")"
}

// notAboutClients are the routes under these paths.
var notAboutClients = map[string]string{
	"/hooks/": "a machine's door", "/cid/": "a machine's door", "/lookup/": "a machine's door",
	"/route/":    "a machine's door",
	"/bitrix24/": "pages in a portal: its installation, and one's own card", "/signin/": "about oneself",
	"/api/v1/session": "about oneself", "/api/v1/live": "about oneself", "/api/v1/me": "about oneself",
	"/api/v1/users": "about the staff", "/api/v1/departments": "about the staff",
	"/api/v1/statuses": "the directory, by role", "/api/v1/policy": "the rule, by role", "/api/v1/sources": "by role",
	"/api/v1/hooks-out":        "by role",
	"/api/v1/changes":          "a change of the rule or of the staff; proposals tests who may",
	"/api/v1/external-systems": "by role; crmsync tests which heads decide about a conflict",
	"/api/v1/kpi/":             "about plans of the staff",
	"/api/v1/imports":          "a file's rows are written with the rights by hand, as importexport tests",
}

// pushes is why a route of another system's records is no action: no person has a relation to it.
const pushes = "another system's, with its own standing in the table of rights, as crmsync tests"

// notActions are single routes that change nothing of a client, or are tested elsewhere.
var notActions = map[string]string{
	"PUT /api/v1/companies/by-external/:system/:external_id":    pushes,
	"DELETE /api/v1/companies/by-external/:system/:external_id": pushes,
	"PUT /api/v1/contacts/by-external/:system/:external_id":     pushes,
	"DELETE /api/v1/contacts/by-external/:system/:external_id":  pushes,
	"PUT /api/v1/leads/by-external/:system/:external_id":        pushes,
	"DELETE /api/v1/leads/by-external/:system/:external_id":     pushes,
	"POST /api/v1/bulk": pushes,
	"ANY /mcp":          "an assistant reads through the other routes",
	"POST /api/v1/companies/:id/merge/preview": "it asks",
	"POST /api/v1/contacts/:id/merge/preview":  "it asks",
	"POST /api/v1/merges/:id/undo":             "the rights of a merge, in both directions: crm tests them",
	"POST /api/v1/not-duplicates":              "a note for heads: no record changes",
	"DELETE /api/v1/not-duplicates/:id":        "a note for heads: no record changes",
	"POST /api/v1/check":                       "it asks", "POST /api/v1/check/batch": "it asks",
	"POST /api/v1/calls/dial": "it rings the asker's own phone", "POST /api/v1/calls/:id/card/close": "one's own card",
	"POST /api/v1/calls/:id/note": "about a call that one sees", "POST /api/v1/calls/:id/reason": "one's own card",
}

// actions returns the table.
func actions() (all []action) {
	all = append(all, companyActions()...)
	all = append(all, contactActions()...)
	all = append(all, leadActions()...)
	all = append(all, permitActions()...)
	return append(all, incidentActions()...)
}

// both is an action on a company whose status leaves it free, and on one in work.
func both(d action) []action {
	protected := d
	protected.inWork = true
	return []action{d, protected}
}

// to is a request about a record of the client.
func to(
	path string, id func(c *client) int64, body func(p *cast, relation string, c *client) string,
) func(*cast, string, *client) (string, string) {
	return func(p *cast, relation string, c *client) (string, string) {
		text := ""
		if body != nil {
			text = body(p, relation, c)
		}
		return fmt.Sprintf(path, id(c)), text
	}
}

func company(c *client) int64 { return c.company }
func contact(c *client) int64 { return c.contact }
func lead(c *client) int64    { return c.lead }
func thing(c *client) int64   { return c.thing }
func second(c *client) int64  { return c.second }

func saying(format string, values func(p *cast, relation string, c *client) []any) func(*cast, string, *client) string {
	return func(p *cast, relation string, c *client) string {
		return fmt.Sprintf(format, values(p, relation, c)...)
	}
}

func nothing(*cast, string, *client) []any { return nil }

func atVersion(_ *cast, _ string, c *client) []any { return []any{c.version} }

func companyActions() (all []action) {
	const one = "/api/v1/companies/%d"
	another := func(status string) string { return `{"status":"` + status + `","version":%v}` }
	all = append(all,
		action{route: "PUT /api/v1/companies/:id/status",
			ask: to(one+"/status", company, saying(another("IN_WORK"), atVersion))},
		action{route: "PUT /api/v1/companies/:id/status", inWork: true,
			ask: to(one+"/status", company, saying(another("WAITING"), atVersion))},
		action{route: "POST /api/v1/companies", says: "with the default status",
			ask: to("/api/v1/companies", company, saying(`{"name":"New","owner_id":%d}`,
				func(_ *cast, _ string, c *client) []any { return []any{c.owner} }))},
		action{route: "POST /api/v1/companies", says: "with another status",
			ask: to("/api/v1/companies", company, saying(`{"name":"New","owner_id":%d,"status":"IN_WORK"}`,
				func(_ *cast, _ string, c *client) []any { return []any{c.owner} }))})
	for i := range all {
		if all[i].route == "POST /api/v1/companies" {
			body := all[i].ask
			all[i].ask = func(p *cast, relation string, c *client) (string, string) {
				_, text := body(p, relation, c)
				return "/api/v1/companies", text
			}
		}
	}
	lisa := func(p *cast, _ string, c *client) []any { return []any{p.lisaID, c.version} }
	all = append(all, both(action{route: "PUT /api/v1/companies/:id/owner",
		ask: to(one+"/owner", company, saying(`{"owner_id":%d,"version":%v}`, lisa))})...)
	all = append(all, both(action{route: "PUT /api/v1/companies/:id", says: "another name",
		ask: to(one, company, saying(`{"name":"Other","version":%v}`, atVersion))})...)
	all = append(all, both(action{route: "PUT /api/v1/companies/:id", says: "another owner among other fields",
		ask: to(one, company, saying(`{"owner_id":%d,"version":%v}`, lisa))})...)
	all = append(all, both(action{route: "PUT /api/v1/companies/:id", says: "into the team",
		ask: to(one, company, saying(`{"team_ids":[%d],"version":%v}`, lisa))})...)
	all = append(all, both(action{route: "PUT /api/v1/companies/:id", says: "a phone more",
		ask: to(one, company, saying(`{"phones":[{"value":"%s"},{"value":"%s"}],"version":%v}`,
			func(p *cast, _ string, c *client) []any { return []any{c.phone, p.phone(), c.version} }))})...)
	all = append(all, both(action{route: "PUT /api/v1/companies/:id", says: "its phone away",
		ask: to(one, company, saying(`{"phones":[],"version":%v}`, atVersion))})...)
	all = append(all, both(action{route: "DELETE /api/v1/companies/:id", ask: to(one, company, nil)})...)
	return append(all, both(action{route: "POST /api/v1/companies/:id/merge", says: "into one's own", fresh: true,
		before: func(p *cast, relation string, c *client) {
			own := p.must(p.admin, "POST", "/api/v1/companies", `{"name":"Own","owner_id":%d}`, p.id[relation])
			c.second, c.version = idOf(own), own["version"]
		},
		ask: to(one+"/merge", second, saying(`{"from_ids":[%d],"version":%v}`,
			func(_ *cast, _ string, c *client) []any { return []any{c.company, c.version} }))})...)
}

// withContact returns the company a contact with a phone of its own.
func withContact(p *cast, _ string, c *client) {
	made := p.must(p.admin, "POST", "/api/v1/contacts",
		`{"name":"Contact","owner_id":%d,"company_ids":[%d],"phones":[{"value":"%s"}]}`, c.owner, c.company, p.phone())
	c.contact, c.version = idOf(made), made["version"]
}

func contactActions() (all []action) {
	const one = "/api/v1/contacts/%d"
	all = append(all, both(action{route: "POST /api/v1/contacts", says: "of the company",
		ask: func(p *cast, relation string, c *client) (string, string) {
			return "/api/v1/contacts",
				fmt.Sprintf(`{"name":"New","owner_id":%d,"company_ids":[%d],"phones":[{"value":"%s"}]}`, p.id[relation],
					c.company, p.phone())
		}})...)
	for _, d := range []action{
		{route: "PUT /api/v1/contacts/:id", says: "another owner",
			ask: to(one, contact, saying(`{"owner_id":%d,"version":%v}`,
				func(p *cast, _ string, c *client) []any { return []any{p.lisaID, c.version} }))},
		{route: "PUT /api/v1/contacts/:id", says: "its phone away",
			ask: to(one, contact, saying(`{"phones":[],"version":%v}`, atVersion))},
		{route: "PUT /api/v1/contacts/:id", says: "away from the company",
			ask: to(one, contact, saying(`{"company_ids":[],"version":%v}`, atVersion))},
		{route: "DELETE /api/v1/contacts/:id", ask: to(one, contact, nil)},
		{route: "POST /api/v1/contacts/:id/erase",
			ask: to(one+"/erase", contact, saying(`{"reason":"letter 17"}`, nothing))},
	} {
		d.before = withContact
		all = append(all, both(d)...)
	}
	return append(all, both(action{route: "POST /api/v1/contacts/:id/merge", says: "into one's own of no company",
		fresh: true, before: func(p *cast, relation string, c *client) {
			withContact(p, relation, c)
			own := p.must(p.admin, "POST", "/api/v1/contacts", `{"name":"Own","owner_id":%d}`, p.id[relation])
			c.second, c.version = idOf(own), own["version"]
		},
		ask: to(one+"/merge", second, saying(`{"from_ids":[%d],"version":%v}`,
			func(_ *cast, _ string, c *client) []any { return []any{c.contact, c.version} }))})...)
}

// withLead returns the company a lead with a phone of its own.
func withLead(p *cast, _ string, c *client) {
	made := p.must(p.admin, "POST", "/api/v1/leads",
		`{"title":"Lead","owner_id":%d,"company_id":%d,"phones":[{"value":"%s"}]}`, c.owner, c.company, p.phone())
	c.lead, c.version = idOf(made), made["version"]
}

func leadActions() (all []action) {
	const one = "/api/v1/leads/%d"
	all = append(all, action{route: "POST /api/v1/leads", says: "of the company", inWork: true,
		ask: func(p *cast, relation string, c *client) (string, string) {
			return "/api/v1/leads", fmt.Sprintf(`{"title":"New","owner_id":%d,"company_id":%d}`, p.id[relation],
				c.company)
		}})
	for _, d := range []action{
		{route: "PUT /api/v1/leads/:id", says: "another owner",
			ask: to(one, lead, saying(`{"owner_id":%d,"version":%v}`,
				func(p *cast, _ string, c *client) []any { return []any{p.lisaID, c.version} }))},
		{route: "PUT /api/v1/leads/:id", says: "away from the company",
			ask: to(one, lead, saying(`{"company_id":0,"version":%v}`, atVersion))},
		{route: "DELETE /api/v1/leads/:id", ask: to(one, lead, nil)},
		{route: "POST /api/v1/leads/:id/erase", ask: to(one+"/erase", lead, saying(`{"reason":"letter 17"}`, nothing))},
		{route: "POST /api/v1/leads/:id/convert", says: "into a company of one's own", ask: to(one+"/convert", lead,
			func(p *cast, relation string, _ *client) string {
				return fmt.Sprintf(`{"company":{"name":"Own","owner_id":%d}}`, p.id[relation])
			})},
		{route: "POST /api/v1/leads/:id/convert", says: "into the company",
			ask: to(one+"/convert", lead, saying(`{"into_company_id":%d}`,
				func(_ *cast, _ string, c *client) []any { return []any{c.company} }))},
	} {
		d.before = withLead
		all = append(all, both(d)...)
	}
	return all
}

func permitActions() []action {
	asked := func(kind string) func(p *cast, relation string, c *client) {
		return func(p *cast, _ string, c *client) {
			c.thing = idOf(p.must(p.lisa, "POST", "/api/v1/asks", `{"kind":"%s","company_id":%d,"reason":"please"}`,
				kind, c.company))
		}
	}
	given := func(p *cast, _ string, c *client) {
		c.thing = idOf(p.must(p.admin, "POST", "/api/v1/permits", `{"agent_id":%d,"company_id":%d,"hours":1}`, p.lisaID,
			c.company))
	}
	const ask = "/api/v1/asks/%d"
	return []action{
		{route: "POST /api/v1/permits", says: "for a colleague", inWork: true,
			ask: func(p *cast, _ string, c *client) (string, string) {
				return "/api/v1/permits", fmt.Sprintf(`{"agent_id":%d,"company_id":%d,"hours":1}`, p.lisaID, c.company)
			}},
		{route: "POST /api/v1/permits", says: "for oneself", inWork: true,
			ask: func(p *cast, relation string, c *client) (string, string) {
				return "/api/v1/permits", fmt.Sprintf(`{"agent_id":%d,"company_id":%d,"hours":1}`, p.id[relation],
					c.company)
			}},
		{route: "DELETE /api/v1/permits/:id", says: "a colleague's", inWork: true, before: given,
			ask: to("/api/v1/permits/%d", thing, nil)},
		{route: "POST /api/v1/asks", says: "for a permit", inWork: true,
			ask: func(_ *cast, _ string, c *client) (string, string) {
				return "/api/v1/asks", fmt.Sprintf(`{"kind":"permit","company_id":%d}`, c.company)
			}},
		{route: "GET /api/v1/asks/:id", says: "a colleague's", inWork: true, before: asked("permit"),
			ask: to(ask, thing, nil)},
		{route: "POST /api/v1/asks/:id/grant", says: "a colleague's for a permit", inWork: true,
			before: asked("permit"), ask: to(ask+"/grant", thing, saying(`{"hours":1}`, none))},
		{route: "POST /api/v1/asks/:id/grant", says: "a colleague's for the company itself", inWork: true,
			before: asked("assign"), ask: to(ask+"/grant", thing,
				saying(`{"owner_id":%d}`, func(p *cast, _ string, _ *client) []any { return []any{p.lisaID} }))},
		{route: "POST /api/v1/asks/:id/refuse", says: "a colleague's", inWork: true, before: asked("permit"),
			ask: to(ask+"/refuse", thing, saying(`{"reason":"no"}`, none))},
		{route: "POST /api/v1/asks/:id/done", says: "a colleague's", inWork: true, before: asked("permit"),
			ask: to(ask+"/done", thing, saying(`{}`, none))},
	}
}

func none(*cast, string, *client) []any { return nil }

func incidentActions() []action {
	const one = "/api/v1/incidents/%d"
	return []action{
		{route: "GET /api/v1/incidents/:id", says: "a colleague talked to the client", inWork: true, before: talked,
			ask: to(one, thing, nil)},
		{route: "POST /api/v1/incidents/:id/acknowledge", says: "a colleague talked to the client", inWork: true,
			before: talked, ask: to(one+"/acknowledge", thing,
				saying(`{"reason":"spoke to him","version":%v}`, atVersion))},
		{route: "POST /api/v1/do-not-call", says: "the client's number",
			ask: func(p *cast, _ string, _ *client) (string, string) {
				return "/api/v1/do-not-call", fmt.Sprintf(`{"number":"%s","reason":"asked so"}`, p.phone())
			}},
		{route: "DELETE /api/v1/do-not-call/:id", says: "the client's number",
			ask: to("/api/v1/do-not-call/%d", thing, nil), before: func(p *cast, _ string, c *client) {
				c.thing = idOf(p.must(p.admin, "POST", "/api/v1/do-not-call", `{"number":"%s","reason":"asked so"}`,
					c.phone))
			}},
	}
}

// talked has Lisa call the client and talk for half a minute: an incident.
func talked(p *cast, _ string, c *client) {
	start := time.Now().Add(-time.Minute).UTC()
	for i, event := range []string{"ringing", "answered", "ended"} {
		p.actAs("")
		status, answer := p.ask("POST", "/hooks/office/0123456789abcdef",
			fmt.Sprintf(`{"event":"%s","call_id":"%s","direction":"out","number":"%s","agent":"900","at":"%s","result":"answered"}`, event, "talk"+c.phone, c.phone, start.Add(time.Duration(i*20)*time.Second).Format(time.RFC3339)))
		if status != 200 {
			p.t.Fatalf("%s: %d %s", event, status, answer)
		}
	}
	list := p.must(p.admin, "GET", fmt.Sprintf("/api/v1/incidents?company_id=%d", c.company), "")["items"].([]any)
	if len(list) != 1 {
		p.t.Fatalf("%d incidents of the talk, want one", len(list))
	}
	incident := list[0].(map[string]any)
	c.thing, c.version = idOf(incident), incident["version"]
}
