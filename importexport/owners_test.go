package importexport

import (
	"testing"

	"callhue/internal/access"
	"callhue/staff"
)

func TestOwnersAsOthersNameThem(t *testing.T) {
	inWorlds(t, func(w *world) {
		add := func(login, name, extension string) int64 {
			return w.Add(staff.NewUser{Login: login, Name: name, Roles: access.Roles{access.Agent},
				Extension: extension}).ID
		}
		petrov := add("petrov", "Петров Пётр", "301")
		add("sidorova", "Сидорова Мария Олеговна", "302")
		add("sidorov", "Сидоров Михаил", "303")
		mail := add("vera@example.com", "Vera Example", "304")
		add("ivan1", "Иванов Иван", "305")
		add("ivan2", "Иван Иванов", "306")
		org, err := w.roster.Org(t.Context())
		must(t, err)
		index := newOwnerIndex(org, map[string]int64{"отдел продаж": petrov, "бывший": 0})
		login := func(id int64) string {
			if u := org.User(id); u != nil {
				return u.Login
			}
			return ""
		}
		for _, c := range []struct{ name, login, code, why string }{
			{"petrov", "petrov", "", "the login"},
			{"PETROV", "petrov", "", "the login in capitals"},
			{"301", "petrov", "", "the extension"},
			{"Петров Пётр", "petrov", "", "the name"},
			{"Петр  Петров", "petrov", "", "the first name first, е for ё, two blanks"},
			{"ПЕТРОВ П.", "petrov", "", "the last name and an initial"},
			{"П. Петров", "petrov", "", "an initial first"},
			{"Петров П", "petrov", "", "an initial without a full stop"},
			{"Петров Пётр Сергеевич", "petrov", "", "a patronymic that only the other system has"},
			{"Пётр Петров [5]", "petrov", "", "the id behind the name"},
			{"Пётр Петров <petrov@example.com>", "petrov", "", "an address behind the name"},
			{"petrov@example.com", "petrov", "", "an address with the login before the @"},
			{"Мария Сидорова", "sidorova", "", "without the patronymic"},
			{"Сидорова М.О.", "sidorova", "", "two initials"},
			{"Сидорова М.", "sidorova", "", "the endings of the names differ"},
			{"Сидоров М.", "sidorov", "", "the endings of the names differ"},
			{"vera", "vera@example.com", "", "the part of the login before the @"},
			{"Example, Vera", "vera@example.com", "", "a comma"},
			{"Отдел  продаж", "petrov", "", "a name that was mapped"},
			{"бывший", "", "", "a name that was mapped to no owner"},
			{"-", "", "", "a dash"}, {"Не назначен", "", "", "words for none"},
			{"Иванов Иван", "", "several_owners", "two users"},
			{"Петров", "", "unknown_owner", "a last name alone"},
			{"Пётр", "", "unknown_owner", "a first name alone"},
			{"Петрова Пелагея", "", "unknown_owner", "another person"},
			{"Петров Павел", "", "unknown_owner", "the same initial"},
		} {
			id, code := index.find(c.name)
			if login(id) != c.login || code != c.code {
				t.Errorf("%s: %q is %q %s, want %q %s", c.why, c.name, login(id), code, c.login, c.code)
			}
		}
		if login(mail) != "vera@example.com" {
			t.Error("the users are mixed up")
		}
	})
}

// TestARowComesInWithoutItsOwner imports owners who are no users, maps them, and imports another file.
func TestARowComesInWithoutItsOwner(t *testing.T) {
	inWorlds(t, func(w *world) {
		text := "name,phone,owner\nAcme,+74950000011,Кто-то Другой\nOmega,+74950000012,\"кто-то  другой\"\n" +
			"Sigma,+74950000013,Ещё Один\nDelta,+74950000014,Белкина А.\n"
		path := w.file("c.csv", text)
		out := w.take(Options{File: path})
		w.counts("unknown owners", out, 4, 4, 0, 0, 0)
		if len(out.OwnersUnknown) != 3 || out.OwnersUnknown[0].Rows != 1 {
			t.Errorf("unknown are %+v", out.OwnersUnknown)
		}
		if c := w.company("Delta"); c.OwnerID != w.anna {
			t.Errorf("the owner of Delta is %d", c.OwnerID)
		}
		owners, err := w.OwnersByLogin(t.Context(), []string{"Кто-то Другой=boris", "Ещё один="})
		must(t, err)
		out = w.take(Options{File: path, Owners: owners, Again: true})
		w.counts("owners who are mapped", out, 4, 0, 2, 2, 0)
		out = w.take(Options{File: w.file("d.csv", "name,phone,owner\nTau,+74950000015,КТО-ТО ДРУГОЙ\n")})
		if c := w.company("Tau"); c.OwnerID != w.boris || len(out.OwnersUnknown) != 0 {
			t.Errorf("the mapping was not kept: %+v, %+v", c, out)
		}
		own := map[string]int64{"anna belkina": w.boris}
		w.take(Options{File: w.file("e.csv", "name,phone\nPhi,+74950000016\n"), Owners: own, By: w.as("boris")})
		out = w.take(Options{File: w.file("f.csv", "name,phone,owner\nChi,+74950000017,Anna Belkina\n")})
		if c := w.company("Chi"); c.OwnerID != 0 || len(out.OwnersUnknown) != 1 {
			t.Errorf("an agent's mapping is kept for others: %+v", c)
		}
		for _, pair := range []string{"boris", "X=nobody", "=boris"} {
			_, err := w.OwnersByLogin(t.Context(), []string{pair})
			wantFault(t, pair, err, "invalid_input")
		}
	})
}

// TestWeakFieldsAreDropped imports rows with fields of less weight that are wrong: the records come in.
func TestWeakFieldsAreDropped(t *testing.T) {
	inWorlds(t, func(w *world) {
		out := w.take(Options{File: w.file("c.csv", "name;phone;email;status;since\n"+
			"Acme;+74950000011;-;VIP;yesterday\n"+
			"Omega;+74950000012;Omega <mailto:o@example.com>, second@;;2999-01-01\n")})
		w.counts("companies", out, 2, 2, 0, 0, 0)
		for code, n := range map[string]int64{"not_an_email": 2, "unknown_status": 1, "not_a_date": 1,
			"in_the_future": 1} {
			if out.Dropped[code] != n {
				t.Errorf("%d of %s are dropped, want %d", out.Dropped[code], code, n)
			}
		}
		if len(out.Warnings) != 5 || out.Warnings[0].Line != 2 || out.Warnings[0].Column != "email" ||
			out.Warnings[0].Value != "-" {
			t.Errorf("the warnings are %+v", out.Warnings)
		}
		if c := w.company("Omega"); len(c.Emails) != 1 || c.Emails[0] != "o@example.com" {
			t.Errorf("Omega is %+v", c)
		}
		out = w.take(Options{File: w.file("l.csv", "lead name;phone;stage\nA;+74950000013;Думает\n")})
		w.counts("a lead", out, 1, 1, 0, 0, 0)
		if out.Dropped["unknown_stage"] != 1 {
			t.Errorf("dropped: %v", out.Dropped)
		}
	})
}
