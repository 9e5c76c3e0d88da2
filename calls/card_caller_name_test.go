package calls

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"callhue/rules"
	"callhue/staff"
)

var updateNames = flag.Bool("update-names", false, "write testdata/caller_names.txt")

// companies are names as they stand in CRMs.
var companies = []string{
	"ООО «Вектор»",
	`ООО "Ёлка", филиал`,
	"АО Ромашка",
	"ИП Сидоров Пётр",
	"ТОО Алматы Строй",
	"ПАО «Север-Тест»",
	"Общество с ограниченной ответственностью «Луч»",
	"Индивидуальный предприниматель Кузнецова",
	"ЗАО НПО Прибор",
	"ООО",
	"ФГУП Почта Тест",
	"ТОВ Дніпро",
	"ФОП Шевченко",
	"ООО ТД Вектор Плюс Север",
	"Торговый дом Вектор",
	"Acme Ltd",
	"Acme Ltd.",
	"Acme Holdings Limited",
	"Acme, Inc.",
	"Acme LLC",
	"Müller GmbH",
	"Müller GmbH & Co. KG",
	"Meyer und Söhne OHG",
	"Weber Test AG",
	"Société Lumière Bleue SA",
	"Dupont S.A.R.L.",
	"Rossi S.p.A.",
	"Day Spa",
	"Spa Resort",
	"García S.L.",
	"Jansen B.V.",
	"Nordic Oy",
	"Hansen A/S",
	"Kowalski Sp. z o.o.",
	"Novák s.r.o.",
	"UAB Vilnius",
	"SIA Riga",
	"Limited Edition Prints Ltd",
	"AS Laden Mitte",
	"Co-op Laden Mitte",
	"Очень Длинное Название Компании Которое Не Помещается",
}

// TestCallerNames compares what telephones show of a red card with testdata/caller_names.txt: displays of 15, 30 and 40
// characters, and one of 15 that knows no letters but those of ASCII. The owner is on each of them.
func TestCallerNames(t *testing.T) {
	owners := []string{"Иванов Иван", "Ivan Ivanov", "Константинопольская Анна", "Anna Konstantinopolskaya"}
	var lines []string
	for n, company := range companies {
		owner := owners[n%len(owners)]
		card := Card{Verdict: VerdictPart{Color: rules.Red}, Agent: &staff.Person{ID: 2},
			Subject: &Record{Kind: rules.KindCompany, Name: company, Owner: &staff.Person{ID: 1, Name: owner}}}
		shown := []string{company}
		for _, display := range []struct {
			max   int
			ascii bool
		}{{15, false}, {15, true}, {30, false}, {40, false}} {
			line := (*Tracker)(nil).CallerName(card, display.max, display.ascii)
			short := surname(owner)
			if display.ascii {
				short = latin(short)
			}
			short = string([]rune(short)[:min(utf8.RuneCountInString(short), display.max-3)])
			fits := utf8.RuneCountInString(line) <= display.max
			if !fits || !strings.Contains(line, short) || !strings.HasPrefix(line, "[!]") {
				t.Errorf("%s of %s on %d: %q", company, owner, display.max, line)
			}
			shown = append(shown, line)
		}
		lines = append(lines, strings.Join(shown, " | "))
	}
	got := strings.Join(lines, "\n") + "\n"
	const file = "testdata/caller_names.txt"
	if *updateNames {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s", got)
	}
}

// TestNamesWithoutAnAgent: a request that cannot say who will talk marks a protected company for all (C-37); with an
// agent the verdict decides.
func TestNamesWithoutAnAgent(t *testing.T) {
	inOffice(t, func(o *office) {
		for _, tt := range []struct{ number, login, want, why string }{
			{p1, "", "[!] anna - Вектор", "no one is named: it may be a stranger"},
			{p1, "boris", "[!] anna - Вектор", "a stranger"},
			{p1, "anna", "Вектор", "her own client"},
			{p2, "", "[!] anna - Вектор", "a contact of the company"},
			{p3, "", "anna - Сидоров", "no company guards this contact"},
			{p4, "", "vera - Заявка 7", "a lead"},
			{p5, "", "vera - Ноль", "a company that is not in work"},
			{"+7 495 000-99-98", "", "", "no record"},
		} {
			question := Question{Number: o.desk.Plan.Parse(tt.number), Agent: o.user[tt.login], Direction: rules.In}
			card, err := o.desk.Check(context.Background(), question)
			o.must(err)
			if got := o.desk.CallerName(card, 0, false); got != tt.want {
				o.t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
			}
			if tt.login == "" && card.Verdict.Color != rules.None {
				o.t.Errorf("%s: the verdict without an agent is %s", tt.why, card.Verdict.Color)
			}
		}
		ringing := o.hear(Event{CallID: "c-1", Kind: Ringing, Direction: rules.In, Number: p1, Duration: -1})
		if got := o.desk.CallerName(ringing, 15, true); got != "[!]anna Vektor" {
			o.t.Errorf("on a call whose agent is not known yet: %q", got)
		}
	})
}
