package crm

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// plainIndex returns what the table numbers must hold, from the phones and links
// alone and in the plainest way: a line for each number, record and company.
func plainIndex(t fataler, db *store.DB) string {
	type oldest map[string]int64
	index := oldest{}
	keep := func(key, kind, id, company, since int64, primary bool) {
		mark := 0
		if primary {
			mark = 1
		}
		at := fmt.Sprintf("%d %d %d %d primary %d since", key, kind, id, company, mark)
		if had, found := index[at]; !found || since < had {
			index[at] = since
		}
	}
	tx := db.Read(context.Background())
	each := func(query string, f func(v [5]int64)) {
		err := tx.Each(query, nil, func(scan func(dest ...any) error) error {
			var v [5]int64
			if err := scan(&v[0], &v[1], &v[2], &v[3], &v[4]); err != nil {
				return err
			}
			f(v)
			return nil
		})
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
	each(`SELECT p.number_key, c.id, p.since, 0, 0 FROM companies c JOIN phones p ON p.kind = 1 AND p.entity_id = c.id
		WHERE c.deleted_at = 0 AND p.number_key <> 0`, func(v [5]int64) {
		keep(v[0], 1, v[1], v[1], v[2], false)
	})
	each(`SELECT p.number_key, c.id, p.since, l.company_id, l.place FROM contacts c JOIN phones p ON p.kind = 2 AND p.entity_id = c.id
		JOIN contact_companies l ON l.contact_id = c.id WHERE c.deleted_at = 0 AND p.number_key <> 0`, func(v [5]int64) {
		var linked int64
		if err := tx.Get(&linked,
			"SELECT linked_at FROM contact_companies WHERE contact_id = ? AND company_id = ?", v[1], v[3]); err != nil {
			t.Fatalf("%v", err)
		}
		keep(v[0], 2, v[1], v[3], max(v[2], linked), v[4] == 0)
	})
	each(`SELECT p.number_key, c.id, p.since, 0, 0 FROM contacts c JOIN phones p ON p.kind = 2 AND p.entity_id = c.id
		WHERE c.deleted_at = 0 AND p.number_key <> 0 AND NOT EXISTS (SELECT 1 FROM contact_companies l WHERE l.contact_id = c.id)`, func(v [5]int64) {
		keep(v[0], 2, v[1], 0, v[2], false)
	})
	each(`SELECT p.number_key, l.id, p.since, l.company_id, l.linked_at FROM leads l JOIN phones p ON p.kind = 3 AND p.entity_id = l.id
		WHERE l.deleted_at = 0 AND l.converted_at = 0 AND p.number_key <> 0`, func(v [5]int64) {
		keep(v[0], 3, v[1], v[3], max(v[2], v[4]), false)
	})
	var lines []string
	for at, since := range index {
		lines = append(lines, fmt.Sprint(at, " ", since))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// storedIndex is the table numbers in the same words.
func storedIndex(t fataler, db *store.DB) string {
	var rows []numberRow
	if err := db.Read(context.Background()).Select(&rows,
		"SELECT number_key, kind, entity_id, company_id, since, is_primary FROM numbers"); err != nil {
		t.Fatalf("%v", err)
	}
	var lines []string
	for _, l := range rows {
		mark := 0
		if l.Primary {
			mark = 1
		}
		lines = append(lines, fmt.Sprintf("%d %d %d %d primary %d since %d", l.Key, int64(l.Kind), l.Entity, l.Company,
			mark, l.Since))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// spellings of a handful of numbers, so that records share them; and some that
// cannot be read.
var spellings = []string{"+74950000011", "8 (495) 000-00-11", "000-00-11", "+74950000012", "+447700900123",
	"+44 7700 900124", "101", "12345678", "who knows"}

// keepsIndex draws random writes and compares the index after each.
func keepsIndex(rt *rapid.T, w *world) {
	ctx, by := context.Background(), as(adminID)
	var companies, contacts, leads []int64
	list := func(from []int64) []int64 {
		if len(from) == 0 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, min(3, len(distinct(from))), rapid.ID[int64]).Draw(rt,
			"linked")
	}
	one := func(from []int64) int64 { return rapid.SampledFrom(append([]int64{0}, from...)).Draw(rt, "one") }
	typed := func() []Phone {
		return phones(rapid.SliceOfN(rapid.SampledFrom(spellings), 0, 4).Draw(rt, "phones")...)
	}
	ok := func(err error) {
		if err != nil && !fault.Is(err, fault.KindMissing) && !fault.Is(err, fault.KindInvalid) &&
			!fault.Is(err, fault.KindConflict) {
			rt.Fatalf("%v", err)
		}
	}
	add := func(to *[]int64, id int64, err error) {
		if ok(err); err == nil {
			*to = append(*to, id)
		}
	}
	rt.Repeat(map[string]func(*rapid.T){
		"": func(rt *rapid.T) {
			if want, got := plainIndex(rt, w.db), storedIndex(rt, w.db); want != got {
				rt.Fatalf("the index holds\n%s\nand must hold\n%s", got, want)
			}
		},
		"add company": func(*rapid.T) {
			c, err := w.AddCompany(ctx, by, NewCompany{Name: "Acme", Phones: typed()})
			add(&companies, c.ID, err)
		},
		"add contact": func(*rapid.T) {
			c, err := w.AddContact(ctx, by, NewContact{Name: "Petrov", Phones: typed(), CompanyIDs: list(companies)})
			add(&contacts, c.ID, err)
		},
		"add lead": func(*rapid.T) {
			l, err := w.AddLead(ctx, by, NewLead{Name: "Sidorov", Phones: typed(), CompanyID: one(companies),
				ContactID: one(contacts)})
			add(&leads, l.ID, err)
		},
		"change company": func(*rapid.T) {
			c, err := w.FindCompany(ctx, one(companies))
			if ok(err); err == nil {
				_, err = w.ChangeCompany(ctx, by, c.ID, CompanyChange{Phones: new(typed()), Version: c.Version})
				ok(err)
			}
		},
		"change contact": func(*rapid.T) {
			c, err := w.FindContact(ctx, one(contacts))
			if ok(err); err == nil {
				in := ContactChange{Version: c.Version}
				if rapid.Bool().Draw(rt, "phones too") {
					in.Phones = new(typed())
				}
				if rapid.Bool().Draw(rt, "links too") {
					in.CompanyIDs = new(list(companies))
				}
				_, err = w.ChangeContact(ctx, by, c.ID, in)
				ok(err)
			}
		},
		"change lead": func(*rapid.T) {
			l, err := w.FindLead(ctx, one(leads))
			if ok(err); err == nil {
				_, err = w.ChangeLead(ctx, by, l.ID,
					LeadChange{Phones: new(typed()), CompanyID: new(one(companies)), Version: l.Version})
				ok(err)
			}
		},
		"convert": func(*rapid.T) {
			in := ConvertInput{Into: one(companies)}
			if in.Into == 0 {
				in.Company = &NewCompany{Phones: typed()}
			}
			if rapid.Bool().Draw(rt, "contact") {
				in.Contact = &NewContact{Phones: typed(), CompanyIDs: list(companies)}
			}
			out, err := w.Convert(ctx, by, one(leads), in)
			ok(err)
			if out.Company != nil && in.Into == 0 && err == nil {
				companies = append(companies, out.Company.ID)
			}
			if out.Contact != nil && err == nil {
				contacts = append(contacts, out.Contact.ID)
			}
		},
		"merge companies": func(*rapid.T) {
			c, err := w.FindCompany(ctx, one(companies))
			if ok(err); err == nil {
				_, err = w.MergeCompanies(ctx, by, c.ID, Merge{FromIDs: list(companies), Version: c.Version})
				ok(err)
			}
		},
		"merge contacts": func(*rapid.T) {
			c, err := w.FindContact(ctx, one(contacts))
			if ok(err); err == nil {
				_, err = w.MergeContacts(ctx, by, c.ID, Merge{FromIDs: list(contacts), Version: c.Version})
				ok(err)
			}
		},
		"remove company": func(*rapid.T) { ok(w.RemoveCompany(ctx, by, one(companies), 0)) },
		"remove contact": func(*rapid.T) { ok(w.RemoveContact(ctx, by, one(contacts), 0)) },
		"remove lead":    func(*rapid.T) { ok(w.RemoveLead(ctx, by, one(leads), 0)) },
	})
}

func TestTheIndexIsWhatPhonesAndLinksSay(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
			must(t, flag.Set("rapid.checks", "25")) // some 750 writes
			defer func() { must(t, flag.Set("rapid.checks", checks.DefValue)) }()
		}
		rapid.Check(t, func(rt *rapid.T) {
			for _, table := range []string{"companies", "contacts", "leads", "phones", "contact_companies", "numbers",
				"search_words", "search_ends"} {
				exec(t, db, "DELETE FROM "+table)
			}
			keepsIndex(rt, w)
		})
	})
}

func TestTheIndexSurvivesManyWritersAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		var companies, contacts []int64
		for range 6 {
			companies = append(companies, w.company(NewCompany{Name: "Acme", Phones: phones("+74950000011")}).ID)
		}
		for i := range 6 {
			contacts = append(contacts, w.contact(NewContact{Name: "Petrov", Phones: phones("+74950000012"),
				CompanyIDs: companies[i : i+1]}).ID)
		}
		var all sync.WaitGroup
		for worker := range 8 {
			all.Go(func() {
				for i := range 12 {
					err := disturb(ctx, w, worker+3*i, companies, contacts)
					if err != nil && !fault.Is(err, fault.KindConflict) && !fault.Is(err, fault.KindMissing) &&
						!fault.Is(err, fault.KindInvalid) {
						t.Errorf("worker %d: %v", worker, err)
					}
				}
			})
		}
		all.Wait()
		if want, got := plainIndex(t, db), storedIndex(t, db); want != got {
			t.Errorf("the index holds\n%s\nand must hold\n%s", got, want)
		}
		var dangling int
		must(t,
			db.Read(ctx).Get(&dangling,
				`SELECT COUNT(*) FROM contact_companies l LEFT JOIN companies c ON c.id = l.company_id AND c.deleted_at = 0 WHERE c.id IS NULL`))
		if dangling > 0 {
			t.Errorf("%d links lead to companies that are gone", dangling)
		}
	})
}

// disturb does something to one of the records that all workers share.
func disturb(ctx context.Context, w *world, n int, companies, contacts []int64) error {
	by, contact := as(adminID), contacts[n%len(contacts)]
	if n%7 == 0 && n > 20 {
		return w.RemoveCompany(ctx, by, companies[n%len(companies)], 0)
	}
	c, err := w.FindContact(ctx, contact)
	if err != nil {
		return err
	}
	in := ContactChange{Version: c.Version}
	if n%2 == 0 {
		in.CompanyIDs = &[]int64{companies[n%6], companies[(n+1)%6]}
	} else {
		in.Phones = new(phones(spellings[n%4], spellings[n%6]))
	}
	_, err = w.ChangeContact(ctx, by, contact, in)
	return err
}
