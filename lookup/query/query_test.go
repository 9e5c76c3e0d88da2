package query_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/fault"
	"callhue/lookup/query"
	"callhue/phone"
)

func TestAQueryIsTranslatedForItsEngine(t *testing.T) {
	t.Parallel()
	const text = "SELECT c.id, ':x' AS \"a:b\" -- of :number\nFROM clients c /* :number */ " +
		"WHERE c.phone = :number OR c.tail LIKE '%' || :last10 OR c.phone IN (:numbers);"
	const first = "SELECT c.id, ':x' AS \"a:b\"  \nFROM clients c   WHERE c.phone = "
	for engine, want := range map[query.Engine]string{
		query.MySQL:      first + "? OR c.tail LIKE '%' || ? OR c.phone IN (?, ?, ?, ?)",
		query.SQLite:     first + "? OR c.tail LIKE '%' || ? OR c.phone IN (?, ?, ?, ?)",
		query.PostgreSQL: first + "$1 OR c.tail LIKE '%' || $2 OR c.phone IN ($3, $4, $5, $6)",
		query.SQLServer:  first + "@p1 OR c.tail LIKE '%' || @p2 OR c.phone IN (@p3, @p4, @p5, @p6)",
	} {
		s, err := query.Parse(engine, text)
		if err != nil {
			t.Errorf("%s: %v", engine, err)
			continue
		}
		if s.Text != want {
			t.Errorf("%s:\n got %q\nwant %q", engine, s.Text, want)
		}
		plan, _ := phone.NewPlan("RU", "495")
		got := s.Args(query.SpellingsOf(plan, 74950000011, "national"))
		args := []string{"84950000011", "4950000011", "+74950000011", "74950000011", "84950000011", "4950000011"}
		if diff := cmp.Diff(args, got); diff != "" {
			t.Error(engine, diff)
		}
	}
}

func TestColonsThatAreNoPlaceholders(t *testing.T) {
	t.Parallel()
	s, err := query.Parse(query.PostgreSQL,
		`SELECT id::text, tags[1:2], $q$ it's :digits $q$ FROM c WHERE phone = :digits`)
	if err != nil {
		t.Fatal(err)
	}
	if want := `SELECT id::text, tags[1:2], $q$ it's :digits $q$ FROM c WHERE phone = $1`; s.Text != want {
		t.Errorf("got %q", s.Text)
	}
}

// TestQueriesThatAreRefused is a list of ways around "read only", and of common slips.
func TestQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine    query.Engine
		text, why string
	}{
		{"", "", "required"},
		{"", " -- only a comment", "required"},
		{"", "SELECT 1 FROM c WHERE p = '" + strings.Repeat("1", query.MaxLength) + "'", "too_long"},
		{"", "UPDATE c SET owner = 'petrov' WHERE phone = :number", "not_a_select"},
		{"", "/* */ DELETE FROM c WHERE phone = :number", "not_a_select"},
		{"", "(SELECT 1 FROM c WHERE phone = :number)", "not_a_select"},
		{"", "SELECT 1 FROM c WHERE phone = :number; DROP TABLE c", "several_statements"},
		{"", "SELECT 1 FROM c WHERE phone = :number FOR UPDATE", "could_write"},
		{"", "SELECT 1 FROM c WHERE phone = :number FOR SHARE", "could_write"},
		{"", "SELECT * INTO stolen FROM c WHERE phone = :number", "could_write"},
		{"", "SELECT 1 FROM c", "no_number"},
		{"", "SELECT 1 FROM c WHERE phone = :phone", "unknown_placeholder"},
		{"", "SELECT 1 FROM c WHERE phone LIKE '%:last10'", "quoted_placeholder"},
		{"", "SELECT 'open FROM c WHERE phone = :number", "unclosed_quote"},
		{"", "SELECT 1 /* open FROM c WHERE phone = :number", "unclosed_quote"},
		{"mysql", "SELECT 1 FROM c WHERE phone = :number INTO OUTFILE '/tmp/x'", "could_write"},
		{"mysql", "SELECT 1 FROM c WHERE phone = :number LOCK IN SHARE MODE", "could_write"},
		{"mysql", "SELECT @a := phone FROM c WHERE phone = :number", "could_write"},
		{"mysql", "SELECT 1 /*! INTO OUTFILE '/tmp/x' */ FROM c WHERE phone = :number", "could_write"},
		{"mysql", "SELECT 1 --1 \n FROM c WHERE phone = :number", "ambiguous_comment"},
		{"mysql", `SELECT 'a\' FROM c WHERE phone = :number -- '`, "ambiguous_quote"},
		{"mysql", "SELECT sleep(9) FROM c WHERE phone = :number", "could_write"},
		{"mysql", "SELECT load_file('/etc/passwd') FROM c WHERE phone = :number", "could_write"},
		{"mysql", "SELECT `sleep`(9) FROM c WHERE phone = :number", "could_write"},
		{"postgresql", "WITH x AS (DELETE FROM c RETURNING *) SELECT * FROM x WHERE phone = :number", "could_write"},
		{"postgresql", "SELECT nextval('s') FROM c WHERE phone = :number", "could_write"},
		{"postgresql", "SELECT pg_sleep (9) FROM c WHERE phone = :number", "could_write"},
		{"postgresql", "SELECT pg_catalog.pg_sleep(9) FROM c WHERE phone = :number", "could_write"},
		{"postgresql", `SELECT "pg_sleep"(9) FROM c WHERE phone = :number`, "could_write"},
		{"postgresql", "SELECT 1 FROM c WHERE phone = $1", "unknown_placeholder"},
		{"postgresql", "SELECT 1 /* a /* b */ DROP */ FROM c WHERE phone = :number", "ambiguous_comment"},
		{"sqlserver", "SELECT 1 FROM c WHERE phone = :number DROP TABLE c", "could_write"},
		{"sqlserver", "SELECT 1 FROM c WHERE phone = :number EXEC xp_cmdshell 'x'", "could_write"},
		{"sqlserver", "SELECT * FROM OPENROWSET('SQLNCLI', 'x', 'y') WHERE phone = :number", "could_write"},
		{"sqlserver", "SELECT 1 FROM c WHERE phone = :number WAITFOR DELAY '0:0:9'", "could_write"},
		{"sqlite", "SELECT load_extension('x') FROM c WHERE phone = :number", "could_write"},
		{"sqlite", "SELECT writefile('x', phone) FROM c WHERE phone = :number", "could_write"},
		{"sqlite", "PRAGMA writable_schema = :number", "not_a_select"},
	} {
		engines := []query.Engine{c.engine}
		if c.engine == "" {
			engines = []query.Engine{query.MySQL, query.PostgreSQL, query.SQLServer, query.SQLite}
		}
		for _, engine := range engines {
			_, err := query.Parse(engine, c.text)
			if f := fault.Of(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Code != c.why {
				t.Errorf("%s: %.80q: %v, want %s", engine, c.text, err, c.why)
			}
		}
	}
}

func TestQueriesThatOnlyRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"select replace(phone, '-', ''), left(name, 3), insert(name, 1, 0, 'x') from c where phone = :number",
		"WITH x AS (SELECT * FROM c) SELECT x.lock, x.call, x.update FROM x WHERE phone = :number ;  -- end",
		"SELECT 'it''s INTO a DROP' AS name FROM c WHERE phone = :number",
		`SELECT "into", substring(name FROM 1 FOR 3) FROM c WHERE phone = :number`,
	} {
		for _, engine := range []query.Engine{query.MySQL, query.PostgreSQL, query.SQLServer, query.SQLite} {
			if _, err := query.Parse(engine, text); err != nil {
				t.Errorf("%s: %q: %v", engine, text, err)
			}
		}
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[int64]query.Spellings{
		74950000011: {Number: "+74950000011", E164: "+74950000011", Digits: "74950000011", National: "84950000011",
			Local: "4950000011", Last10: "4950000011"},
		447700900123: {Number: "+447700900123", E164: "+447700900123", Digits: "447700900123",
			National: "810447700900123", Local: "7700900123", Last10: "7700900123"},
		-1234567: {Number: "1234567", E164: "1234567", Digits: "1234567", National: "1234567", Local: "1234567",
			Last10: "1234567"},
	} {
		if diff := cmp.Diff(want, query.SpellingsOf(plan, key, "e164")); diff != "" {
			t.Error(key, diff)
		}
	}
}

func TestTemplatesAreFilledByTheirPlace(t *testing.T) {
	t.Parallel()
	plan, _ := phone.NewPlan("RU", "495")
	spell := query.SpellingsOf(plan, 74950000011, "e164")
	for _, c := range []struct {
		template string
		place    query.Place
		want     string
	}{
		{"https://crm.example/by/{e164}?phone={number}&x={y}", query.InURL,
			"https://crm.example/by/+74950000011?phone=%2B74950000011&x={y}"},
		{"https://crm.example/?p={numbers}", query.InURL,
			"https://crm.example/?p=%2B74950000011%2C74950000011%2C84950000011%2C4950000011"},
		{`{"phone":"{number}","all":[{numbers}]}`, query.InJSON,
			`{"phone":"+74950000011","all":["+74950000011","74950000011","84950000011","4950000011"]}`},
		{"phone={e164}", query.InForm, "phone=%2B74950000011"},
		{"<p>{local10}</p>", query.InText, "<p>4950000011</p>"},
	} {
		if got := query.Fill(c.template, c.place, spell); got != c.want {
			t.Errorf("%s: got %s", c.template, got)
		}
	}
	for address, want := range map[string]string{
		"https://crm.example/{digits}": "", "http://10.0.0.5:8080/find?p={number}": "",
		"https://{digits}.example/": "malformed", "ftp://crm.example/{digits}": "malformed", "crm.example": "malformed",
		"https://user:secret@crm.example/": "malformed",
	} {
		if got := query.CheckURL(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("mysql", "SELECT 1 FROM c WHERE phone = :number")
	f.Add("postgresql", "SELECT $a$ $a$ /* */ -- x\n :numbers")
	f.Add("sqlserver", "SELECT [a:b]")
	f.Fuzz(func(t *testing.T, engine, text string) {
		s, err := query.Parse(query.Engine(engine), text)
		if err != nil {
			return
		}
		marks := strings.Count(s.Text, "?") + strings.Count(s.Text, "$") + strings.Count(s.Text, "@p")
		if len(s.Names) == 0 || marks < len(s.Names) {
			t.Errorf("%q became %q with %v", text, s.Text, s.Names)
		}
	})
}
