package crm

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"callhue/internal/store"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		vector := w.company(NewCompany{Name: `ООО "Вектор"`, OwnerID: anna, Phones: phones("8 (495) 000-00-11")})
		plus := w.company(NewCompany{Name: "Вектор-Плюс", OwnerID: vera, Emails: []string{"info@plus.example"}})
		newer := w.company(NewCompany{Name: "Вектор Юг", OwnerID: anna})
		longer := w.company(NewCompany{Name: "Векторные системы", OwnerID: vera})
		muller := w.company(NewCompany{Name: "Müller GmbH", OwnerID: vera, Phones: phones("+44 7700 900123")})
		person := w.contact(NewContact{Name: "Белкина Анна Ивановна", OwnerID: vera, CompanyIDs: []int64{vector.ID},
			Phones: phones("+74950000012")})
		lead := w.lead(NewLead{Title: "Заявка на склад", Name: "Белкин"})
		company := func(c Company) string { return fmt.Sprint("company ", c.ID) }
		for _, c := range []struct {
			why   string
			in    SearchInput
			want  []string
			first string // how the first one matched
		}{
			{"exact name, all words with the reader's own first, beginnings", SearchInput{Q: "вектор"},
				[]string{company(vector), company(newer), company(plus), company(longer)}, "name"},
			{"a legal form and quotation marks", SearchInput{Q: "АО «Вектор»"},
				[]string{company(vector), company(newer), company(plus), company(longer)}, "name"},
			{"letters that look alike", SearchInput{Q: "BEKTOP Ю"}, []string{company(newer)}, "name"},
			{"a diacritic", SearchInput{Q: "muller"}, []string{company(muller)}, "name"},
			{"words in any order", SearchInput{Q: "анна бел"}, []string{fmt.Sprint("contact ", person.ID)}, "name"},
			{"the person of a lead", SearchInput{Q: "белкин склад"}, []string{fmt.Sprint("lead ", lead.ID)}, "name"},
			{"one kind", SearchInput{Q: "белк", Kind: "lead"}, []string{fmt.Sprint("lead ", lead.ID)}, ""},
			{"a whole number", SearchInput{Q: "+7 495 000-00-11"}, []string{company(vector)}, "number"},
			{"the beginning of numbers", SearchInput{Q: "8495000", Kind: "contact"},
				[]string{fmt.Sprint("contact ", person.ID)}, "number"},
			{"the last digits", SearchInput{Q: "0123"}, []string{company(muller)}, "number"},
			{"an e-mail", SearchInput{Q: "Info@plus"}, []string{company(plus)}, "email"},
			{"the host of an e-mail", SearchInput{Q: "@plus.ex"}, []string{company(plus)}, "email"},
			{"a user", SearchInput{Q: "oleg", Kind: "user"}, []string{fmt.Sprint("user ", oleg)}, "login"},
			{"no more than wanted", SearchInput{Q: "вектор", Limit: 1}, []string{company(vector)}, "name"},
			{"nothing", SearchInput{Q: "ничего такого"}, nil, ""},
			{"no words at all", SearchInput{Q: "%_"}, nil, ""},
		} {
			answer, err := w.Search(ctx, as(anna), c.in)
			must(t, err)
			var got []string
			for _, h := range answer.Items {
				got = append(got, fmt.Sprint(h.Kind, " ", h.ID))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", c.why, got, c.want)
			}
			if c.first != "" && (len(answer.Items) == 0 || len(answer.Items[0].Matched) == 0 ||
				answer.Items[0].Matched[0].Field != c.first) {
				t.Errorf("%s: matched %+v, want %s", c.why, answer.Items, c.first)
			}
		}
		for _, in := range []SearchInput{{}, {Q: "a", Kind: "call"}, {Q: "a", Limit: 51}} {
			_, err := w.Search(ctx, as(anna), in)
			wantFault(t, fmt.Sprint(in), err, "invalid_input")
		}
		// What is removed, renamed or erased is found no longer.
		must(t, w.RemoveCompany(ctx, as(adminID), vector.ID, 0))
		name := "Другое"
		_, err := w.ChangeCompany(ctx, as(adminID), newer.ID, CompanyChange{Name: &name, Version: newer.Version})
		must(t, err)
		answer, err := w.Search(ctx, as(anna), SearchInput{Q: "вектор"})
		must(t, err)
		if len(answer.Items) != 2 || answer.Partial {
			t.Errorf("after a removal and another name: %+v", answer)
		}
	})
}
