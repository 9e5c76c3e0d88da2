package importexport

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/statuses"
)

// fill adds records of every shape, over some days.
func (w *world) fill() {
	w.Helper()
	ctx, admin := context.Background(), w.as("")
	at := time.Date(2026, 1, 10, 9, 0, 0, 123e6, time.UTC)
	w.db.Clock = func() time.Time { at = at.Add(time.Hour); return at }
	defer func() { w.db.Clock = time.Now }()
	acme, err := w.records.AddCompany(ctx, admin, crm.NewCompany{Name: `=Acme "Юг", ООО; 1`, OwnerID: w.anna,
		TeamIDs: []int64{w.boris, w.igor}, Status: statuses.InWork,
		Phones: []crm.Phone{{Value: "+7 495 000-00-11"}, {Value: "8 495 000-00-12, доб. 12", Kind: "mobile"},
			{Value: "not a number"}}, Emails: []string{"a@example.com", "b@example.com"}})
	must(w.TB, err)
	number := acme.Phones
	number = append(number, crm.Phone{Value: "+7 495 000-00-13", Kind: "fax"})
	_, err = w.records.ChangeCompany(ctx, admin, acme.ID, crm.CompanyChange{Phones: &number, Version: acme.Version})
	must(w.TB, err)
	empty, err := w.records.AddCompany(ctx, admin, crm.NewCompany{Name: "'Пустая"})
	must(w.TB, err)
	person, err := w.records.AddContact(ctx, admin,
		crm.NewContact{Name: "Белкина Анна", Post: "Директор", OwnerID: w.boris, CompanyIDs: []int64{acme.ID},
			Phones: []crm.Phone{{Value: "8 916 000 00 01", Kind: "mobile"}, {Value: "+7 495 000-00-11"}},
			Emails: []string{"c@example.com"}})
	must(w.TB, err)
	both := []int64{acme.ID, empty.ID}
	_, err = w.records.ChangeContact(ctx, admin, person.ID,
		crm.ContactChange{CompanyIDs: &both, Version: person.Version})
	must(w.TB, err)
	_, err = w.records.AddContact(ctx, admin, crm.NewContact{Name: "Никто"})
	must(w.TB, err)
	_, err = w.records.AddLead(ctx, admin, crm.NewLead{Title: "Заявка 7", Name: "Иван", OwnerID: w.anna,
		CompanyID: acme.ID, ContactID: person.ID, Stage: crm.StageFailed, Source: "Сайт",
		Phones: []crm.Phone{{Value: "+7 495 000-00-17"}}})
	must(w.TB, err)
	_, err = w.records.AddLead(ctx, admin, crm.NewLead{Name: "Без номера"})
	must(w.TB, err)
}

// exported returns an exported file, as it is and without the installation tag.
func (w *world) exported(kind Kind) (text, plain string) {
	w.Helper()
	var out bytes.Buffer
	_, err := w.Export(context.Background(), kind, &out)
	must(w.TB, err)
	tag, err := findInstallation(w.db.Read(context.Background()))
	must(w.TB, err)
	return out.String(), strings.ReplaceAll(out.String(), tag, "tag")
}

func (w *world) numbersIndex() (links []string) {
	w.Helper()
	must(w.TB, w.db.Read(context.Background()).Select(&links, `SELECT `+map[string]string{
		"sqlite": `number_key || ' ' || kind || ' ' || entity_id || ' ' || company_id || ' ' || since || ' ' || is_primary`,
		"mysql":  `CONCAT_WS(' ', number_key, kind, entity_id, company_id, since, is_primary)`,
	}[w.db.Engine()]+` AS link FROM numbers ORDER BY number_key, kind, entity_id, company_id`))
	return links
}

func TestWhatWasExportedComesBackTheSame(t *testing.T) {
	t.Parallel()
	inWorlds(t, func(here *world) {
		here.fill()
		files, plain := map[Kind]string{}, map[Kind]string{}
		for _, kind := range []Kind{Companies, Contacts, Leads, Users} {
			files[kind], plain[kind] = here.exported(kind)
			rows := int64(2)
			if kind == Users {
				rows = 3
			}
			here.counts(string(kind)+" where they came from",
				here.take(Options{File: here.file(string(kind)+".csv", files[kind])}), rows, 0, 0, rows, 0)
		}
		store.Test(t, func(t *testing.T, db *store.DB) {
			there := newWorld(t, db)
			for _, kind := range []Kind{Users, Companies, Contacts, Leads} {
				path := there.file(string(kind)+".csv", files[kind])
				out := there.take(Options{File: path})
				if out.Kind != kind || out.Refused != 0 || kind != Users && out.Added != 2 {
					t.Errorf("%s elsewhere: %+v", kind, out)
				}
				if _, again := there.exported(kind); again != plain[kind] {
					t.Errorf("%s came back as\n%s\nwant\n%s", kind, again, plain[kind])
				}
				if out := there.take(Options{File: path, Again: true}); out.Same != out.Rows {
					t.Errorf("%s once more: %+v", kind, out)
				}
			}
			if a, b := here.numbersIndex(), there.numbersIndex(); !slices.Equal(a, b) || len(a) != 8 {
				t.Errorf("the index of numbers is\n%q\nwant\n%q", b, a)
			}
		})
	})
}

func TestCardsComeBackToo(t *testing.T) {
	inWorlds(t, func(w *world) {
		w.fill()
		var out bytes.Buffer
		n, err := w.ExportCards(context.Background(), &out)
		must(t, err)
		if n != 2 || !strings.Contains(out.String(), "\r\nORG:=Acme \"Юг\"\\, ООО\\; 1\r\n") ||
			!strings.Contains(out.String(), "\r\nTEL;TYPE=CELL:8 916 000 00 01\r\n") {
			t.Errorf("%d cards:\n%s", n, &out)
		}
		for line := range strings.SplitSeq(out.String(), "\r\n") {
			if len(line) > 75 {
				t.Errorf("a line of %d bytes: %s", len(line), line)
			}
		}
		path := w.file("p.vcf", out.String())
		w.counts("where they came from", w.take(Options{File: path}), 2, 0, 0, 2, 0)
	})
}
