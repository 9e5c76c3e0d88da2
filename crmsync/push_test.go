package crmsync

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"callhue/internal/store"
	"callhue/journal"
)

const acme = "/companies/by-external/erp/A-1"

func TestPush(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		made := p.want("a new company", p.ask("erp", "PUT", acme, m{"name": "Acme", "owner": m{"login": "ivanov"},
			"status": "IN_WORK", "phones": []m{{"value": "+7 495 000-00-11"}, {"value": "none"}},
			"url": "https://crm.example/a/1", "emails": []string{"a@acme.example"}}), 201)
		p.is("its owner", made, "owner.name", "ivanov")
		p.is("its status", made, "status.code", "IN_WORK")
		p.is("its external id", made, "external_ids.0.external_id", "A-1")
		p.is("its page", made, "external_ids.0.url", "https://crm.example/a/1")
		p.is("what is no number is said", made, "warnings.0.field", "phones.1")

		same := p.want("the same again", p.ask("erp", "PUT", acme, m{"name": "Acme"}), 200)
		p.is("what is left out stays", same, "emails.0", "a@acme.example")
		p.is("nothing has changed", same, "version", made.at("version"))
		p.is("one record", same, "id", made.at("id"))
		changed := p.want("null and [] empty", p.ask("erp", "PUT", acme, m{"emails": nil, "name": "Acme Ltd"}), 200)
		p.is("no e-mails", changed, "emails", "[]")
		p.is("another name", changed, "name", "Acme Ltd")
		p.want("a name is needed", p.ask("erp", "PUT", acme, m{"name": nil}), 422)
		p.want("an old version", p.ask("erp", "PUT", acme, m{"name": "X", "version": 1}), 409)
		p.want("an old version in the header", p.ask("erp", "PUT", acme, m{"name": "X"}, "If-Match", `"1"`), 409)
		p.want("the present one", p.ask("erp", "PUT", acme, m{"name": "Acme"}, "If-Match",
			fmt.Sprint(changed.at("version"))), 200)
		p.is("found again", p.want("get", p.ask("erp", "GET", acme, nil), 200), "id", made.at("id"))

		person := p.want("a contact of it", p.ask("erp", "PUT", "/contacts/by-external/erp/P-1",
			m{"name": "Ann", "company": m{"external_id": "A-1"}, "owner": m{"external": "e-17"}, "post": "Buyer"}), 201)
		p.is("its company", person, "companies.0.name", "Acme")
		p.is("its owner by what the system calls them", person, "owner.name", "ivanov")
		person = p.want("its company goes, the rest stays",
			p.ask("erp", "PUT", "/contacts/by-external/erp/P-1", m{"company": nil}), 202) // Acme is protected
		p.is("the link to a protected company stays", person, "conflicts.0.what", "link")
		lead := p.want("a lead", p.ask("erp", "PUT", "/leads/by-external/erp/L-1", m{"title": "Wants a boat",
			"company": m{"external_id": "A-1"}, "contact": m{"external_id": "P-1"},
			"owner": m{"login": "nobody"}}), 201)
		p.is("an unknown owner keeps no record out", lead, "warnings.0.code", "unknown_owner")
		p.is("its contact", lead, "contact_id", person.at("id"))
		p.want("an unknown company is a fault", p.ask("erp", "PUT", "/leads/by-external/erp/L-2",
			m{"title": "x", "company": m{"external_id": "none"}}), 422)

		two := m{"title": "Two", "phones": []m{{"value": "+7 495 000-00-21, +7 495 000-00-22"}}}
		first := p.want("two numbers in one field", p.ask("erp", "PUT", "/leads/by-external/erp/L-9", two), 201)
		p.is("are two phones", first, "phones.1.e164", "+74950000022")
		first = p.want("again", p.ask("erp", "PUT", "/leads/by-external/erp/L-9", two), 200)
		p.is("nothing has changed", first, "version", 1)

		p.want("unknown", p.ask("erp", "GET", "/companies/by-external/erp/none", nil), 404)
		p.want("of imports", p.ask("erp", "PUT", "/companies/by-external/import/1", m{"name": "x"}), 422)
		p.want("agents do not push", p.ask("petrov", "PUT", acme, m{"name": "Mine"}), 403)
		p.want("the system reads nothing else", p.ask("erp", "GET", "/companies", nil), 403)
		p.want("a percent sign", p.ask("erp", "PUT", "/companies/by-external/erp/"+url.PathEscape("50% 7"),
			m{"name": "Percent"}), 201)
	})
}

func TestAPushDoesNotLaunder(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, p := context.Background(), newPusher(t, db)
		all := m{"name": "Acme", "owner": m{"login": "ivanov"}, "status": "IN_WORK",
			"phones": []m{{"value": "+7 495 000-00-11"}}}
		made := p.want("a protected company", p.ask("erp", "PUT", acme, all), 201)
		for _, c := range []struct {
			why  string
			body m
			what string
		}{
			{"another owner", m{"owner": m{"login": "petrov"}}, "owner"},
			{"no owner", m{"owner": nil}, "owner"},
			{"a free status", m{"status": "WAITING"}, "status"},
			{"no number", m{"phones": []m{}}, "number"},
			{"one more number", m{"phones": []m{{"value": "+7 495 000-00-11"}, {"value": "+7 495 000-00-12"}}},
				"number"},
		} {
			got := p.want(c.why, p.ask("erp", "PUT", acme, c.body), 202)
			p.is(c.why, got, "conflicts.0.what", c.what)
			p.is(c.why+" changes nothing", got, "version", made.at("version"))
		}
		p.want("a removal", p.ask("erp", "DELETE", acme, nil), 202)
		p.is("it is there", p.want("the company", p.ask("erp", "GET", acme, nil), 200), "owner.name", "ivanov")
		p.want("its own id at another record", p.ask("petrov", "POST", "/companies",
			m{"name": "Mine", "external_ids": []m{{"system": "erp", "external_id": "A-1"}}}), 409)
		p.want("taking its id away", p.ask("petrov", "PUT", fmt.Sprintf("/companies/%v", made.at("id")),
			m{"external_ids": []m{}, "version": made.at("version")}), 403)

		list := p.want("the conflicts", p.ask("igor", "GET", "/external-systems/erp/conflicts", nil), 200)
		if n := len(list.at("items").([]any)); n != 4 {
			t.Errorf("%d conflicts: %s", n, list.raw)
		}
		ids := map[string]string{}
		for i := range 4 {
			one := fmt.Sprintf("items.%d.", i)
			ids[fmt.Sprint(list.at(one+"what"))] = fmt.Sprint(list.at(one + "id"))
		}
		decide := func(as, what, how string) answer {
			return p.ask(as, "POST", "/external-systems/erp/conflicts/"+ids[what]+"/"+how, nil)
		}
		p.want("another head decides nothing", decide("oleg", "status", "accept"), 403)
		p.want("nor dismisses", decide("oleg", "status", "dismiss"), 403)
		p.want("the head dismisses the status", decide("igor", "status", "dismiss"), 204)
		again := p.want("the same status again", p.ask("erp", "PUT", acme, m{"status": "WAITING"}), 200)
		p.is("is not asked for again", again, "warnings.0.code", "dismissed")
		p.want("the removal was taken back by that", decide("igor", "removal", "accept"), 404)
		gone := p.want("a removal again", p.ask("erp", "DELETE", acme, nil), 202)
		ids["removal"] = fmt.Sprint(gone.at("conflicts.0.id"))
		p.want("the head accepts the removal", decide("igor", "removal", "accept"), 204)
		p.want("it is removed", p.ask("erp", "GET", acme, nil), 404)
		p.want("and can come again", p.ask("erp", "PUT", acme, m{"name": "Acme"}), 201)

		refused, err := journal.List(db.Read(ctx), journal.History{Verb: journal.ChangeRefused, Limit: 100})
		must(t, err)
		if len(refused) == 0 || !strings.Contains(string(refused[0].Details), `"external_id":"A-1"`) {
			t.Errorf("the journal has %v", refused)
		}
	})
}

func TestAPushedOwnerOfAFreeCompanyIsSet(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		p.want("a free company", p.ask("erp", "PUT", acme, m{"name": "Acme", "owner": m{"login": "ivanov"}}), 201)
		got := p.want("owner and status", p.ask("erp", "PUT", acme,
			m{"owner": m{"login": "petrov"}, "status": "IN_WORK", "phones": []m{{"value": "+7 495 000-00-11"}}}), 200)
		p.is("the owner", got, "owner.name", "petrov")
		p.is("the status", got, "status.code", "IN_WORK")
		p.is("the number", got, "phones.0.e164", "+74950000011")

		own := p.want("a company that the system did not bring", p.ask("ivanov", "POST", "/companies",
			m{"name": "Own", "owner_id": p.users["ivanov"].ID}), 201)
		p.want("a system links it", p.ask("admin", "PUT", fmt.Sprintf("/companies/%v", own.at("id")), m{"version": 1,
			"external_ids": []m{{"system": "shop", "external_id": "7"}}}), 200)
		p.want("another system does not know it", p.ask("erp", "GET", "/companies/by-external/erp/7", nil), 404)
		p.want("a master decides", p.ask("admin", "PUT", "/external-systems/erp", m{"master": true}), 200)
		got = p.want("also about protected companies", p.ask("erp", "PUT", acme, m{"owner": m{"login": "ivanov"}}), 200)
		p.is("the owner", got, "owner.name", "ivanov")
	})
}

func TestPushesOfOneNewRecordGiveOne(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		for round := range 5 {
			var wait sync.WaitGroup
			var lock sync.Mutex
			made, ids := 0, map[string]bool{}
			for n := range 6 {
				wait.Go(func() {
					got := p.ask("erp", "PUT", fmt.Sprintf("/contacts/by-external/erp/R-%d", round),
						m{"name": "Ann", "post": fmt.Sprint(n), "phones": []m{{"value": "+7 495 000-00-11"}}})
					lock.Lock()
					defer lock.Unlock()
					ids[fmt.Sprint(got.at("id"))] = true
					if got.status == 201 {
						made++
					} else if got.status != 200 {
						t.Errorf("round %d: %d %s", round, got.status, got.raw)
					}
				})
			}
			wait.Wait()
			if made != 1 || len(ids) != 1 {
				t.Errorf("round %d: %d were added, ids %v", round, made, ids)
			}
		}
	})
}

func TestAPushRepeatsItsAnswer(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		body := m{"name": "Acme", "phones": []m{{"value": "+7 495 000-00-11"}}}
		first := p.want("a push", p.ask("erp", "PUT", acme, body, "Idempotency-Key", "k1"), 201)
		second := p.want("the same", p.ask("erp", "PUT", acme, body, "Idempotency-Key", "k1"), 201)
		if first.raw != second.raw {
			t.Errorf("%s\n%s", first.raw, second.raw)
		}
		p.want("removed", p.ask("erp", "DELETE", acme, nil, "Idempotency-Key", "k2"), 200)
		p.want("removed again", p.ask("erp", "DELETE", acme, nil, "Idempotency-Key", "k2"), 200)
		p.want("without the key", p.ask("erp", "DELETE", acme, nil), 404)

		p.want("added again", p.ask("erp", "PUT", acme, body), 201)
		id := p.ask("erp", "GET", acme, nil).at("id")
		p.want("removed here", p.ask("admin", "DELETE", fmt.Sprintf("/companies/%v", id), nil), 204)
		gone := p.want("a push of what was removed here", p.ask("erp", "PUT", acme, body), 409)
		p.is("says it", gone, "code", "removed_here")
		p.want("the system removes it too", p.ask("erp", "DELETE", acme, nil), 200)
		p.want("and adds it", p.ask("erp", "PUT", acme, body), 201)
	})
}

func TestBulk(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		op := func(op, kind, id string, body any) m {
			return m{"op": op, "kind": kind, "system": "erp", "external_id": id, "body": body}
		}
		ops := []m{
			op("upsert", "company", "A-1", m{"name": "Acme", "status": "IN_WORK", "owner": m{"login": "ivanov"}}),
			op("upsert", "contact", "P-1", m{"name": "Ann", "company": m{"external_id": "A-1"}}),
			op("upsert", "contact", "P-2", m{"name": "Bob", "company": m{"external_id": "none"}}),
			op("upsert", "company", "A-1", m{"owner": m{"login": "petrov"}}),
			op("upsert", "company", "A-2", m{"nome": "Typo"}),
			op("remove", "contact", "P-1", nil),
			op("paint", "contact", "P-1", nil),
			op("upsert", "deal", "P-1", m{}),
		}
		got := p.want("a bulk", p.ask("erp", "POST", "/bulk", m{"operations": ops}), 200)
		for i, want := range []int{201, 201, 422, 202, 422, 202, 422, 422} {
			p.is(fmt.Sprint("operation ", i), got, fmt.Sprintf("items.%d.status", i), want)
		}
		p.is("the fault of a body", got, "items.4.problem.errors.0.field", "nome")
		p.is("the conflict", got, "items.3.conflicts.0.what", "owner")
		p.is("refused ones are counted", got, "refused", 4)
		again := p.want("without an object around", p.ask("erp", "POST", "/bulk", ops[:2], "Idempotency-Key", "b"), 200)
		p.is("nothing new", again, "items.0.status", 200)
		repeated := p.want("repeated", p.ask("erp", "POST", "/bulk", ops[:2], "Idempotency-Key", "b"), 200)
		if again.raw != repeated.raw {
			t.Errorf("%s\n%s", again.raw, repeated.raw)
		}
		p.want("nothing", p.ask("erp", "POST", "/bulk", m{"operations": []m{}}), 422)
		many := make([]m, 1001)
		for i := range many {
			many[i] = ops[0]
		}
		p.want("too many", p.ask("erp", "POST", "/bulk", m{"operations": many}), 422)
	})
}

func TestLinksLeadToTheSystem(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		p.want("a company", p.ask("erp", "PUT", acme, m{"name": "Acme"}), 201)
		for why, link := range map[string]string{"a script": "javascript:{external_id}",
			"no id": "https://crm.example/", "a password": "https://a:b@crm.example/{external_id}"} {
			p.want(why, p.ask("admin", "PUT", "/external-systems/erp", m{"link": link}), 422)
		}
		p.want("agents do not", p.ask("ivanov", "PUT", "/external-systems/erp", m{"link": ""}), 403)
		p.want("a pattern", p.ask("admin", "PUT", "/external-systems/erp",
			m{"link": "https://crm.example/{kind}/{external_id}", "kinds": m{"company": "accounts"}}), 200)
		p.want("odd signs in an id", p.ask("erp", "PUT", "/leads/by-external/erp/"+url.PathEscape("a b?"),
			m{"title": "x"}), 201)
		got := p.want("the company", p.ask("erp", "GET", acme, nil), 200)
		p.is("its page", got, "links.0.url", "https://crm.example/accounts/A-1")
		got = p.want("the lead", p.ask("erp", "GET", "/leads/by-external/erp/"+url.PathEscape("a b?"), nil), 200)
		p.is("its page", got, "links.0.url", "https://crm.example/lead/a%20b%3F")
		p.want("an address of its own", p.ask("erp", "PUT", acme, m{"url": "https://other.example/1"}), 200)
		p.is("wins", p.ask("erp", "GET", acme, nil), "links.0.url", "https://other.example/1")
		p.want("gone again", p.ask("erp", "PUT", acme, m{"url": nil}), 200)
		p.is("the pattern counts", p.ask("erp", "GET", acme, nil), "links.0.url",
			"https://crm.example/accounts/A-1")
		systems := p.want("the systems", p.ask("admin", "GET", "/external-systems", nil), 200)
		p.is("by name", systems, "items.0.name", "erp")
	})
}
