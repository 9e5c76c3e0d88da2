package importexport

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"callhue/crm"
)

// somePerson is an invented person. Four of them share each number of an office.
type somePerson struct{ last, first, office, mobile string }

func somePeople(n int) (list []somePerson) {
	last := []string{"Алёшина", "Берёзов", "Вяземская", "Гусев", "Дёмина", "Example", "Sample", "O'Third", "Müller",
		"Ёлкин"}
	first := []string{"Анна", "Пётр", "Олег", "Вера", "Семён"}
	for i := range n {
		p := somePerson{last: last[i%10] + strings.Repeat("а", i/50), first: first[i/10%5],
			office: fmt.Sprintf("495000%04d", 1000+i/4), mobile: fmt.Sprintf("916000%04d", i)}
		if i%7 == 0 {
			p.mobile = "" // known by the number of the office alone
		}
		list = append(list, p)
	}
	return list
}

// TestTheSamePeopleFromSeveralPlaces imports 200 people from files of several kinds in any order, each file more than
// once within itself or with new codes: there are 200 in the end.
func TestTheSamePeopleFromSeveralPlaces(t *testing.T) {
	people := somePeople(200)
	yo := strings.NewReplacer("ё", "е", "Ё", "Е")
	exports := map[string]func(r *rand.Rand) string{
		"a.csv": func(*rand.Rand) string {
			var b strings.Builder
			b.WriteString("ID;Фамилия;Имя;Рабочий телефон;Мобильный телефон\n")
			for i, p := range people {
				fmt.Fprintf(&b, "%d;%s;%s;8%s;%s\n", i+1, p.last, p.first, p.office, p.mobile)
			}
			return b.String()
		},
		"b.csv": func(r *rand.Rand) string {
			var b strings.Builder
			b.WriteString("record_id,Full Name,Phone\n")
			for _, i := range slices.Concat(r.Perm(len(people)), r.Perm(len(people))) {
				p := people[i]
				fmt.Fprintf(&b, "x%d,%s  %s,+7%s\n", r.Int64(), yo.Replace(strings.ToUpper(p.first)), p.last, p.office)
			}
			return b.String()
		},
		"c.vcf": func(r *rand.Rand) string {
			var b strings.Builder
			for _, i := range r.Perm(len(people)) {
				p := people[i]
				fmt.Fprintf(&b, "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:%d\r\n", r.Int64())
				fmt.Fprintf(&b, "FN:%s %s\r\nTEL;TYPE=WORK:+7 %s\r\n", p.first, p.last, p.office)
				if p.mobile != "" {
					fmt.Fprintf(&b, "TEL;TYPE=CELL:+7 %s\r\n", p.mobile)
				}
				b.WriteString("END:VCARD\r\n")
			}
			return b.String()
		},
	}
	inWorlds(t, func(w *world) {
		for seed := range uint64(1) { // more of them found nothing more
			r := rand.New(rand.NewPCG(seed, 1))
			order := []string{"a.csv", "b.csv", "c.vcf", "c.vcf", "b.csv", "a.csv"}
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, name := range order {
				out := w.take(Options{File: w.file(name, exports[name](r)), Kind: Contacts, Again: true})
				if out.Refused != 0 {
					w.Errorf("%s: %+v", name, out.Progress)
				}
			}
			var ids []int64
			names := map[string]bool{}
			must(t, crm.EachName(w.db.Read(context.Background()), crm.KindContact, func(id int64, name string) {
				ids, names[wordsOf(name)] = append(ids, id), true
			}))
			if len(ids) != len(people) || len(names) != len(people) {
				t.Fatalf("seed %d, %v: %d contacts of %d names, want %d", seed, order, len(ids), len(names),
					len(people))
			}
			for _, id := range ids {
				must(t, w.records.RemoveContact(context.Background(), w.as(""), id, 0))
			}
		}
	})
}

func TestIdentityOfCompanies(t *testing.T) {
	for _, c := range []struct {
		name, other string
		want        bool
		why         string
	}{
		{`ООО "Вектор"`, "Вектор", true, "a name without its legal form"},
		{`ООО "Вектор"`, "Вектор, ООО", true, "the form behind"},
		{`Общество с ограниченной ответственностью "Вектор"`, "ООО Вектор", true, "the form spelled out"},
		{`ООО "Вектор"`, `АО "Вектор"`, false, "two legal persons of one office"},
		{"Вектор Юг", "Юг Вектор", true, "the order of the words"},
		{"Вектор", "Вектор Плюс", false, "another word"},
		{"???", "!!!", false, "no words at all"},
	} {
		if got := identityOf(Companies, c.name).same(identityOf(Companies, c.other)); got != c.want {
			t.Errorf("%s: %q and %q: %v, want %v", c.why, c.name, c.other, got, c.want)
		}
	}
}

func TestCodesThatAreNone(t *testing.T) {
	for _, none := range []string{"", "0", "000", "NULL", "null", "-", "—", "#N/A", "#Н/Д", "n/a",
		"00000000-0000-0000-0000-000000000000"} {
		if code := codeIn(none); code != "" {
			t.Errorf("%q is taken for the code %q", none, code)
		}
	}
	for _, code := range []string{"1", "007", "A-0", "00-00000001"} {
		if codeIn(code) != code {
			t.Errorf("%q is taken for none", code)
		}
	}
}
