package crm

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"callhue/internal/store"
)

// checkSearchIndex compares the search index with the records: every test ends with it.
func checkSearchIndex(t *testing.T, db *store.DB) {
	t.Helper()
	if os.Getenv("CALLHUE_SEARCH_RECORDS") != "" {
		return // too many for a comparison
	}
	tx := db.Read(context.Background())
	var want, have []string
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		err := tx.Each("SELECT id, search FROM "+kind.table()+" WHERE deleted_at = 0", nil,
			func(scan func(...any) error) error {
				var id int64
				var search string
				if err := scan(&id, &search); err != nil {
					return err
				}
				words, ends := indexed(search)
				for _, w := range words {
					want = append(want, fmt.Sprint("word ", kind, w.Word, w.Weight, id))
				}
				for _, e := range ends {
					want = append(want, fmt.Sprint("end ", kind, e, id))
				}
				return nil
			})
		must(t, err)
	}
	must(t, tx.Each("SELECT kind, word, weight, entity_id FROM search_words", nil, func(scan func(...any) error) error {
		var kind Kind
		var word string
		var weight, id int64
		err := scan(&kind, &word, &weight, &id)
		have = append(have, fmt.Sprint("word ", kind, word, weight, id))
		return err
	}))
	must(t, tx.Each("SELECT kind, ends, entity_id FROM search_ends", nil, func(scan func(...any) error) error {
		var kind Kind
		var ends, id int64
		err := scan(&kind, &ends, &id)
		have = append(have, fmt.Sprint("end ", kind, ends, id))
		return err
	}))
	slices.Sort(want)
	slices.Sort(have)
	for _, row := range have {
		if _, found := slices.BinarySearch(want, row); !found {
			t.Errorf("the search index has %q", row)
		}
	}
	for _, row := range want {
		if _, found := slices.BinarySearch(have, row); !found {
			t.Errorf("the search index lacks %q", row)
		}
	}
}

func TestWhatWasStoredBeforeIsIndexed(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		old := w.company(NewCompany{Name: "ООО Вектор", Phones: phones("+74950000011"),
			Emails: []string{"a@b.example"}})
		gone := w.company(NewCompany{Name: "Вектор прежний"})
		must(t, w.RemoveCompany(ctx, as(adminID), gone.ID, 0))
		person := w.contact(NewContact{Name: "Белкина Анна", Post: "Директор"})
		lead := w.lead(NewLead{Title: "Заявка", Name: "Синицына"})
		must(t, db.Write(ctx, func(tx *store.Tx) error { // as the version before has left it
			for _, statement := range []string{"DELETE FROM search_words", "DELETE FROM search_ends",
				"UPDATE companies SET search = 'ооо вектор 74950000011 a@b.example'",
				"UPDATE contacts SET search = 'белкина анна директор'", "UPDATE leads SET search = 'заявка синицына'",
				"INSERT INTO search_backlog (kind, next_id, last_id) SELECT 1, 0, MAX(id) FROM companies",
				"INSERT INTO search_backlog (kind, next_id, last_id) SELECT 2, 0, MAX(id) FROM contacts",
				"INSERT INTO search_backlog (kind, next_id, last_id) SELECT 3, 0, MAX(id) FROM leads"} {
				if _, err := tx.Exec(statement); err != nil {
					return err
				}
			}
			return nil
		}))
		// A change before its turn brings a record into the index.
		post := "Бухгалтер"
		_, err := w.ChangeContact(ctx, as(adminID), person.ID, ContactChange{Post: &post, Version: person.Version})
		must(t, err)
		found := func(why string) {
			companies, err := w.ListCompanies(ctx, Filter{Q: "век"})
			must(t, err)
			people, err := w.ListContacts(ctx, Filter{Q: "анна бел"})
			must(t, err)
			leads, err := w.ListLeads(ctx, Filter{Q: "заявка"})
			must(t, err)
			if len(companies.Items) != 1 || companies.Items[0].ID != old.ID || len(people.Items) != 1 ||
				len(leads.Items) != 1 || leads.Items[0].ID != lead.ID {
				t.Errorf("%s: %d companies, %d contacts, %d leads", why, len(companies.Items), len(people.Items),
					len(leads.Items))
			}
		}
		found("before")
		must(t, w.IndexBacklog(ctx))
		found("after")
		rows, err := searchBacklog(db.Read(ctx))
		must(t, err)
		if len(rows) != 0 {
			t.Errorf("left: %v", rows)
		}
	})
}
