package crm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"callhue/internal/store"
	"callhue/internal/web"
)

// follow does what the follower of data quality does in a server.
func (w *world) follow() {
	w.Helper()
	must(w.T, w.followAll(context.Background(), nil))
}

// lines returns a report in words: value, kind and name of each line, and the
// company; read in pages of two, which must be what the whole is.
func (w *world) lines(report Report) (lines []string) {
	w.Helper()
	ctx, p := context.Background(), web.Paging{Limit: 2}
	w.follow()
	for {
		page, err := w.Flaws(ctx, report, p)
		must(w.T, err)
		for _, f := range page.Items {
			lines = append(lines, f.words())
		}
		if p.PageToken = page.NextPageToken; p.PageToken == "" {
			break
		}
	}
	var whole []string
	for f, err := range w.EachFlaw(ctx, report) {
		must(w.T, err)
		whole = append(whole, f.words())
	}
	if !slices.Equal(lines, whole) {
		w.Errorf("%s: page by page %q, as a whole %q", report, lines, whole)
	}
	return lines
}

func (f Flaw) words() string {
	words := strings.TrimSpace(fmt.Sprint(f.Value, " ", f.Kind, " ", f.Name))
	if f.Company != nil {
		words += " of " + f.Company.Name
	}
	return words
}

func TestTheReportsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Phones: phones("+74950000011", "8 495 000 00 11")})
		beta := w.company(NewCompany{Name: "Beta", OwnerID: gone, Phones: phones("+74950000012", "ask Ivan")})
		w.company(NewCompany{Name: "Mute"})
		lost := w.company(NewCompany{Name: "Lost", OwnerID: anna, Phones: phones("+74950000013")})
		exec(t, db, "UPDATE companies SET status_id = 99 WHERE id = ?", lost.ID)
		w.contact(NewContact{Name: "Petrov", CompanyIDs: []int64{acme.ID, beta.ID},
			Phones: phones("+74950000011", "+74950000014")})
		w.contact(NewContact{Name: "Free", Phones: phones("101")})
		w.lead(NewLead{Title: "Known", Phones: phones("+74950000014", "+74950000012")})
		w.lead(NewLead{Title: "Linked", CompanyID: lost.ID, Phones: phones("+74950000013")})
		w.lead(NewLead{Title: "New", Phones: phones("+447700900123")})
		removed := w.company(NewCompany{Name: "Removed", Phones: phones("+447700900123", "nobody")})
		must(t, w.RemoveCompany(ctx, as(adminID), removed.ID, 0))
		want := map[Report][]string{
			SharedNumbers: {"+74950000011 company Acme", "+74950000011 contact Petrov", "+74950000012 company Beta",
				"+74950000012 lead Known", "+74950000013 company Lost", "+74950000013 lead Linked",
				"+74950000014 contact Petrov", "+74950000014 lead Known"},
			ContactsWithoutCompany: {"contact Free"},
			CompaniesWithoutStatus: {"company Lost"},
			CompaniesWithoutPhone:  {"company Mute"},
			CompaniesWithoutOwner:  {"company Mute"},
			OwnerInactive:          {"company Beta"},
			LeadsOfCompanies:       {"+74950000012 lead Known of Beta", "+74950000014 lead Known of Acme"},
			UnreadableNumbers:      {"ask Ivan company Beta", "101 contact Free"},
		}
		counts := map[Report]int64{}
		for report, lines := range want {
			if got := w.lines(report); !slices.Equal(got, lines) {
				t.Errorf("%s: %q, want %q", report, got, lines)
			}
			counts[report] = int64(len(lines))
		}
		counts[SharedNumbers], counts[LeadsOfCompanies] = 4, 1 // numbers, and leads
		q, err := w.Quality(ctx)
		must(t, err)
		if len(q.Items) != len(reports) || q.At.IsZero() {
			t.Errorf("the counts are %+v", q)
		}
		for _, c := range q.Items {
			if c.Count != counts[c.Report] {
				t.Errorf("%s: %d, want %d", c.Report, c.Count, counts[c.Report])
			}
		}
		_, err = w.Flaws(ctx, "no_such", web.Paging{})
		wantFault(t, "an unknown report", err, "not_found")
	})
}

func TestDuplicatesAreFoundByNumberEmailAndName(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		a := w.company(NewCompany{Name: `ООО «Вектор»`, Phones: phones("+74950000011", "101"),
			Emails: []string{"Info@example.com"}})
		b := w.company(NewCompany{Name: "вектор", Phones: phones("8 495 000 00 11", "101")})
		w.company(NewCompany{Name: "Acme Ltd.", Emails: []string{"info@example.com", "info@example.com"}})
		w.company(NewCompany{Name: "ACME, Inc"})
		w.company(NewCompany{Name: "ООО"})
		w.company(NewCompany{Name: "ИП"})
		w.contact(NewContact{Name: "Пётр Петров"})
		w.contact(NewContact{Name: "Петров Петр"})
		w.contact(NewContact{Name: "Somebody", Phones: phones("+74950000011")})
		groups := func(f DuplicateFilter) (lines []string) {
			t.Helper()
			f.Limit = 1
			w.follow()
			for {
				page, err := w.Duplicates(ctx, f)
				must(t, err)
				for _, g := range page.Items {
					line := fmt.Sprintf("%s %s:", g.Reason, g.Value)
					for _, r := range g.Records {
						line += " " + r.Name
					}
					var signs []string
					for _, s := range g.Reasons {
						sign := fmt.Sprintf("%s %s", s.Reason, s.Value)
						if !s.All {
							sign += " of some"
						}
						signs = append(signs, sign)
					}
					line += " (" + strings.Join(signs, ", ") + ")"
					lines = append(lines, line)
				}
				if f.PageToken = page.NextPageToken; f.PageToken == "" {
					return lines
				}
			}
		}
		for _, c := range []struct {
			why  string
			f    DuplicateFilter
			want []string
		}{
			{"companies, the strongest reason first", DuplicateFilter{},
				[]string{"number +74950000011: ООО «Вектор» вектор (number +74950000011, name ООО «Вектор»)",
					"email info@example.com: ООО «Вектор» Acme Ltd. (email info@example.com, domain example.com)",
					"name Acme Ltd.: Acme Ltd. ACME, Inc (name Acme Ltd.)"}},
			{"contacts, whatever the order of their names", DuplicateFilter{Kind: "contact"},
				[]string{"name Пётр Петров: Пётр Петров Петров Петр (name Пётр Петров)"}},
			{"for one reason", DuplicateFilter{Reason: "email"},
				[]string{"email info@example.com: ООО «Вектор» Acme Ltd. " +
					"(email info@example.com, domain example.com)"}},
		} {
			if got := groups(c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", c.why, got, c.want)
			}
		}
		_, err := w.MergeCompanies(ctx, as(adminID), a.ID, Merge{FromIDs: []int64{b.ID}, Version: a.Version})
		must(t, err)
		if got := groups(DuplicateFilter{Reason: "number"}); len(got) != 0 {
			t.Errorf("what was merged is still a duplicate: %q", got)
		}
		for _, f := range []DuplicateFilter{{Kind: "x"}, {Reason: "x"}, {Reason: "domain"},
			{Kind: "lead", Reason: "name"}} {
			_, err := w.Duplicates(ctx, f)
			wantFault(t, "an unknown kind or reason", err, "invalid_input")
		}
	})
}
