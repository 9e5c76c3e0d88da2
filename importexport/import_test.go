package importexport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/journal"
)

func TestAFileThatComesTwiceDoublesNothing(t *testing.T) {
	inWorlds(t, func(w *world) {
		path := w.file("c.csv", "\ufeffНазвание;Телефон;Почта;Ответственный;Статус;Примечание\r\n"+
			"Acme;\"8 495 000-00-11, 8 495 000-00-12\";a@example.com b@example.com;anna;В работе;x\r\n"+
			"\"Вектор \"\"Юг\"\"\nООО\";+7 (495) 000-00-13;;Борис Волков;;\r\n"+
			"Acme;+74950000011;c@example.com;;;the same once more\r\n"+
			"Без номера;;;1igor;;\r\n")
		var opened Format
		out := w.take(Options{File: path, OnStart: func(o Format) { opened = o }})
		w.counts("the first time", out, 4, 3, 1, 0, 0)
		last := opened.Columns[5]
		if opened.Kind != Companies || opened.Separator != ";" || last.Header != "Примечание" || last.Field != "" {
			t.Errorf("it was opened as %+v", opened)
		}
		acme := w.company("Acme")
		if acme.OwnerID != w.anna || acme.Status.Code != "IN_WORK" || len(acme.Phones) != 2 ||
			!slices.Equal(acme.Emails, []string{"a@example.com", "b@example.com", "c@example.com"}) {
			t.Errorf("Acme is %+v", acme)
		}
		if c := w.company(`Вектор "Юг" ООО`); c.OwnerID != w.boris || c.Status.Code != "WAITING" ||
			c.Phones[0].Number != "+74950000013" {
			t.Errorf("Вектор is %+v", c)
		}
		if again := w.take(Options{File: path}); !again.AlreadyDone || again.Added != 3 {
			t.Errorf("the same command once more: %+v", again)
		}
		w.counts("read again", w.take(Options{File: path, Again: true}), 4, 0, 0, 4, 0)
		changed := w.file("d.csv", "name,phone,email\nACME,8-495-000-00-12,d@example.com\nБез номера,+7 495 "+
			"000-00-14,\nDelta,+7 495 000-00-11,\n")
		w.counts("another file of the same", w.take(Options{File: changed}), 3, 2, 1, 0, 0)
		if n := len(w.companies()); n != 5 {
			t.Errorf("there are %d companies", n)
		}
	})
}

func TestCodesSayWhatIsTheSame(t *testing.T) {
	inWorlds(t, func(w *world) {
		w.counts("codes of another system", w.take(Options{File: w.file("a.csv",
			"id,name,phone\nX-1,Acme,+74950000011\nX-2,Omega,+74950000011\nX-1,Acme Ltd,\n")}), 3, 2, 1, 0, 0)
		w.counts("a code goes before name and number, another code does not",
			w.take(Options{File: w.file("b.csv", "id,name,phone\nX-2,Vector,+74950000012\nX-3,Vector,+74950000012\n")}),
			2, 0, 1, 1, 0)
		w.take(Options{By: w.as("boris"), File: w.file("o.csv", "id,name,phone\nX-9,Vector,+74950000012\n")})
		found, err := findByCodes(w.db.Read(t.Context()), Companies, []string{"X-9"})
		must(t, err)
		if len(found) != 0 {
			t.Error("an agent gave a code to a record that existed")
		}
		w.counts("the code of a record that was recognised is remembered",
			w.take(Options{File: w.file("r.csv", "id,name\nX-3,Vector\n")}), 1, 0, 0, 1, 0)
		c := w.company("Vector")
		must(t, w.records.RemoveCompany(context.Background(), w.as(""), c.ID, 0))
		w.counts("the code of what was removed", w.take(Options{File: w.file("c.csv",
			"id,name\nX-3,Vector\nX-3,Vector\n")}), 2, 1, 0, 1, 0)
	})
}

func TestAnImportHasTheRightsOfItsUser(t *testing.T) {
	inWorlds(t, func(w *world) {
		acme := w.guard("Acme", w.anna, "+74950000011")
		path := w.file("c.csv", "name,phone,owner,status\n"+
			"Acme,+74950000011,boris,\n"+ // change the owner
			"Acme,+74950000011,,В ожидании\n"+ // change the status
			"Acme,\"+74950000011\n+74950000012\",,\n"+ // add a number
			"Own,+74950000013,boris,IN_WORK\n"+ // add a company with a status
			"Free,+74950000014,boris,\n"+
			"Acme,+74950000011,anna,\n") // change nothing
		before := len(w.Entries(journal.ChangeRefused))
		out := w.take(Options{File: path, By: w.as("boris")})
		w.counts("by an agent", out, 6, 1, 0, 1, 4)
		if n := len(w.Entries(journal.ChangeRefused)) - before; n != 4 {
			t.Errorf("the journal has %d refusals, want 4", n)
		}
		report, err := os.ReadFile(out.Report)
		must(t, err)
		for _, line := range []string{"2,owner,boris,owner_change_forbidden,",
			"3,status,В ожидании,status_change_forbidden,", "4,phone,", "number_change_forbidden",
			"6,status,IN_WORK,status_change_forbidden,"} {
			if !strings.Contains(string(report), line) {
				t.Errorf("the report lacks %q:\n%s", line, report)
			}
		}
		now, err := w.records.FindCompany(context.Background(), acme.ID)
		must(t, err)
		if now.Version != acme.Version || len(now.Phones) != 1 || now.OwnerID != w.anna {
			t.Errorf("a refused row left something: %+v", now)
		}
		w.counts("by her head", w.take(Options{File: path, By: w.as("igor")}), 6, 1, 4, 1, 0)
		_, err = w.Import(context.Background(), Options{File: w.file("s.csv",
			"name,phone,since\nOld,+74950000015,2020-02-29\n"), By: w.as("igor")})
		wantFault(t, "link dates of somebody who is no admin", err, "since_forbidden")
	})
}

func TestADryRunWritesNothing(t *testing.T) {
	inWorlds(t, func(w *world) {
		companies := w.file("c.csv",
			"name,phone,owner\nAcme,+74950000011,anna\n,+74950000012,\nVector,+74950000013,nobody\n")
		contacts := w.file("p.csv", "Фамилия;Имя;Компания\nБелкина;Анна;Acme\nВолков;Борис;Omega\n")
		rehearsal := NewDryRun()
		newest := func() (id int64) {
			must(t, w.db.Read(context.Background()).Get(&id, "SELECT COUNT(*) + MAX(id) FROM journal"))
			return id
		}
		before := newest()
		w.counts("companies", w.take(Options{File: companies, DryRun: rehearsal}), 3, 2, 0, 0, 1)
		out := w.take(Options{File: contacts, DryRun: rehearsal})
		w.counts("contacts of companies that would be there", out, 2, 2, 0, 0, 0)
		if len(out.Warnings) != 1 || out.Warnings[0].Line != 3 || out.Warnings[0].Column != "Компания" ||
			out.Warnings[0].Value != "Omega" || out.Dropped["unknown_company"] != 1 {
			t.Errorf("the warnings are %+v", out.Warnings)
		}
		if len(w.companies()) != 0 || newest() != before {
			t.Error("a dry run wrote something")
		}
		w.counts("in earnest", w.take(Options{File: companies}), 3, 2, 0, 0, 1)
	})
}

// TestAnImportGoesOnWhereItStopped interrupts an import after each batch, once before and once
// after the commit, and runs the same command again.
func TestAnImportGoesOnWhereItStopped(t *testing.T) {
	var text strings.Builder
	text.WriteString("name,phone\n")
	for i := range 2*batchSize + 10 {
		text.WriteString(fmt.Sprintf("Company,+7495%07d\n", i))
		if i%1000 == 0 {
			text.WriteString(",\n")
		}
	}
	inWorlds(t, func(w *world) {
		path := w.file("c.csv", text.String())
		var out Result
		for cuts := 1; ; cuts++ {
			ctx, stop := context.WithCancel(context.Background())
			var err error
			first := true
			out, err = w.Import(ctx, Options{File: path, By: w.as(""), OnProgress: func(p Progress) {
				if first && cuts < 3 {
					stop()
				}
				first = false
			}})
			stop()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) || cuts > 3 {
				t.Fatalf("cut %d: %v", cuts, err)
			}
			// What a killed process wrote for rows that were not committed.
			report, openErr := os.OpenFile(path+".refused.csv", os.O_APPEND|os.O_WRONLY, 0)
			must(t, openErr)
			_, _ = report.WriteString("99,half a li")
			must(t, report.Close())
		}
		w.counts("after all cuts", out, 2*batchSize+10+11, 2*batchSize+10, 0, 0, 11)
		report, err := os.ReadFile(out.Report)
		must(t, err)
		if n := strings.Count(string(report), ",required,"); n != 11 || strings.Contains(string(report), "half") ||
			strings.Count(string(report), "\ufeff") != 1 {
			t.Errorf("the report names %d rows, want 11, each once:\n%s", n, report)
		}
		var n int
		must(t, w.db.Read(context.Background()).Get(&n, "SELECT COUNT(*) FROM companies"))
		if n != 2*batchSize+10 {
			t.Errorf("there are %d companies", n)
		}
	})
}

func TestContactsAndLeadsFindWhatTheyBelongTo(t *testing.T) {
	inWorlds(t, func(w *world) {
		w.take(Options{File: w.file("c.csv",
			"id,name,phone\n1,Acme,+74950000011\n2,Twin,+74950000012\n3,Twin,+74950000013\n")})
		out := w.take(Options{Kind: Contacts, File: w.file("p.csv",
			"id,Фамилия,Имя,Отчество,Мобильный телефон,Компания,Код компании\n"+
				"7,Белкина,Анна,Ивановна,8 916 000-00-01,ACME,\n"+
				"8,Волков,Борис,,8 916 000-00-02,Twin,3\n"+
				"9,Гусев,Игорь,,8 916 000-00-03,Twin,\n"+
				"10,Никто,Иван,,,Nobody,\n")})
		w.counts("contacts", out, 4, 4, 0, 0, 0)
		if out.Dropped["several_companies"] != 1 || out.Dropped["unknown_company"] != 1 {
			t.Errorf("dropped: %v", out.Dropped)
		}
		if c := w.contact("Белкина Анна Ивановна"); len(c.Companies) != 1 || c.Companies[0].Name != "Acme" ||
			c.Phones[0].Kind != "mobile" {
			t.Errorf("Белкина is %+v", c)
		}
		if c := w.contact("Волков Борис"); c.CompanyIDs[0] != w.companyOf("+74950000013") {
			t.Errorf("Волков is %+v", c)
		}
		leads := w.file("l.csv", "Название лида;Телефон;Источник;Стадия;id компании;id контакта\nЗаявка 7;+7 495 "+
			"000-00-17;Сайт;В работе;1;7\n;8 495 000-00-18;;Конвертирован;;\nЗаявка 8;;;;99;\n")
		out = w.take(Options{File: leads})
		w.counts("leads", out, 3, 1, 0, 0, 2)
		lead, err := w.records.ListLeads(context.Background(), crm.Filter{})
		must(t, err)
		if l := lead.Items[0]; out.Kind != Leads || l.Title != "Заявка 7" || l.Stage != crm.StageInProcess ||
			l.Source != "Сайт" || l.Company.Name != "Acme" || l.ContactID == 0 {
			t.Errorf("the lead is %+v", l)
		}
		_, err = w.records.Convert(context.Background(), w.as(""), lead.Items[0].ID,
			crm.ConvertInput{Contact: &crm.NewContact{}})
		must(t, err)
		w.counts("a lead that was converted does not come again", w.take(Options{File: leads, Again: true}), 3, 0, 0, 1,
			2)
	})
}

func (w *world) companyOf(number string) int64 {
	w.Helper()
	page, err := w.records.ListCompanies(context.Background(), crm.Filter{Number: number})
	must(w.TB, err)
	return page.Items[0].ID
}

func TestCellsOfPhonesAreTakenApart(t *testing.T) {
	inWorlds(t, func(w *world) {
		path := w.file("c.csv", "name;phone;mobile\n"+
			"Acme;8 (812) 000-00-11, 000-00-12;нет\n"+
			"Beta;8 (812) 000-00-13, 00-14;8-812-000-00-13\n"+
			"Gamma;#Н/Д;0\n"+
			"Delta;7.495E+10;\n")
		out := w.take(Options{File: path})
		w.counts("cells of phones", out, 4, 4, 0, 0, 0)
		for name, want := range map[string]string{
			"Acme": "8 (812) 000-00-11 +78120000011, +7 812 000-00-12 +78120000012",
			"Beta": "8 (812) 000-00-13, 00-14 +78120000013", "Gamma": "", "Delta": "7.495E+10 ",
		} {
			var got []string
			for _, p := range w.company(name).Phones {
				got = append(got, p.Value+" "+p.Number)
			}
			if text := strings.Join(got, ", "); text != want {
				t.Errorf("%s has %q, want %q", name, text, want)
			}
		}
		w.warned(out, "3,phone,00-14,phone_not_read")
	})
}
