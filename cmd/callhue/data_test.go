package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/internal/web"
)

// dataCase is expected.json of a case of testdata/data; its README describes the fields.
type dataCase struct {
	Kind    string `json:"kind"`
	Country string `json:"country"`
	Area    string `json:"area"`

	Steps []struct {
		Files         []string       `json:"files"`
		Flags         []string       `json:"flags"`
		Outcome       map[string]any `json:"outcome"`
		StderrHas     []string       `json:"stderr_has"`
		MayRefuseFile bool           `json:"may_refuse_file"`
	} `json:"steps"`
	Names      map[string]json.RawMessage `json:"names"`
	Count      map[string]int             `json:"count"`
	Numbers    map[string][]string        `json:"numbers"`
	AllNumbers []string                   `json:"all_numbers"`
	NoNumber   []string                   `json:"no_number"`
	Owners     map[string]string          `json:"owners"`
	Users      []string                   `json:"users"`

	Checks []struct {
		Number    string  `json:"number"`
		Country   string  `json:"country"`
		Area      string  `json:"area"`
		E164      *string `json:"e164"`
		Extension *string `json:"extension"`
		IsKind    *string `json:"kind"`
		NotKind   string  `json:"not_kind"`
	} `json:"checks"`

	Sources []struct{ Name, Dialect string } `json:"sources"`
	Records []struct {
		To     string   `json:"to"`
		Name   string   `json:"name"`
		Phones []string `json:"phones"`
	} `json:"records"`
	Searches []struct{ In, Q, Want string } `json:"searches"`
	Merges   []struct {
		In         string   `json:"in"`
		Into       string   `json:"into"`
		From       []string `json:"from"`
		PhonesHave []string `json:"phones_have"`
	} `json:"merges"`
	Duplicates []struct {
		Kind     string   `json:"kind"`
		Together []string `json:"together"`
	} `json:"duplicates"`
	Forms []struct {
		Source string `json:"source"`
		File   string `json:"file"`
		Status int    `json:"status"`
	} `json:"forms"`
}

// TestData imports files of real exports, reads spellings of numbers, and searches for records as people do. Each case
// has a database of its own. Two more cases are tests of their own: a file and then the sync of the same portal, and
// searches beside calls.
func TestData(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/data/*/expected.json")
	if err != nil || len(folders) < 46 {
		t.Fatal(len(folders), err)
	}
	for _, file := range folders {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			store.Test(t, func(t *testing.T, db *store.DB) {
				at := &terminal{t: t, db: db.URL, key: t.TempDir() + "/key"}
				if wrong := at.dataCase(folder); len(wrong) > 0 {
					t.Errorf("%s:\n\t%s", folder, strings.Join(wrong, "\n\t"))
				}
			})
		})
	}
}

// dataCase runs a case and returns what is not as expected.
func (at *terminal) dataCase(folder string) (wrong []string) {
	at.t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		at.t.Fatal(err)
	}
	c := dataCase{Country: "RU", Area: "495"}
	if err := json.Unmarshal(raw, &c); err != nil {
		at.t.Fatal(folder, err)
	}
	for _, u := range []struct{ login, name, role, extension string }{
		{"boss", "Boss", "admin", "100"}, {"petrov", "Петров Пётр", "agent", "101"},
		{"ivanov", "Иванов Иван", "agent", "102"},
	} {
		at.do("user", "add", "--login", u.login, "--name", u.name, "--roles", u.role, "--extension", u.extension,
			"--department", "Sales")
	}
	switch c.Kind {
	case "import":
		return at.importData(folder, &c)
	case "check":
		return at.checkData(&c)
	case "api":
		return at.apiData(folder, &c)
	}
	return []string{"no such kind of case: " + c.Kind}
}

// importData imports the files of a case.
func (at *terminal) importData(folder string, c *dataCase) (wrong []string) {
	numbers := []string{"--country", c.Country, "--area", c.Area}
	for _, step := range c.Steps {
		args := append([]string{"import", "--json", "--report", at.t.TempDir() + "/refused.csv"}, numbers...)
		for _, file := range step.Files {
			args = append(args, filepath.Join(folder, file))
		}
		_, out, stderr := at.try(append(args, step.Flags...)...)
		for _, text := range step.StderrHas {
			if !strings.Contains(strings.ToLower(stderr), strings.ToLower(text)) {
				wrong = append(wrong, fmt.Sprintf("stderr lacks %q: %s", text, stderr))
			}
		}
		var results []map[string]any
		if json.Unmarshal([]byte(out), &results) != nil || len(results) == 0 {
			if !step.MayRefuseFile {
				wrong = append(wrong, "not imported: "+strings.TrimSpace(stderr))
			}
			continue
		}
		for field, want := range step.Outcome {
			if got := results[0][field]; got != want {
				wrong = append(wrong, fmt.Sprintf("%s: %v, want %v", field, got, want))
			}
		}
	}
	return append(wrong, c.compare(at.look(numbering{Country: c.Country, Area: c.Area, Internal: "2-5"}))...)
}

// seenRecord is a record after the imports of a case.
type seenRecord struct {
	kind, name, owner string
	numbers           []string // +E.164, "? " and the text for what is no number
}

// look returns all records and the logins of all users.
func (at *terminal) look(n numbering) (records []seenRecord, users []string) {
	at.t.Helper()
	var printed bytes.Buffer
	e := &env{ctx: at.t.Context(), global: &globals{DB: at.db, Key: at.key}, out: &printed, err: &printed}
	err := e.withApp(n, func(a *app) error {
		org, err := a.roster.Org(e.ctx)
		if err != nil {
			return err
		}
		for _, u := range org.Users() {
			users = append(users, u.Login)
		}
		seen := func(kind, name string, r crm.Record) {
			s := seenRecord{kind: kind, name: name}
			if owner := org.User(r.OwnerID); owner != nil {
				s.owner = owner.Login
			}
			for _, p := range r.Phones {
				if p.Valid {
					s.numbers = append(s.numbers, p.Number)
				} else {
					s.numbers = append(s.numbers, "? "+p.Value)
				}
			}
			records = append(records, s)
		}
		companies, err := allOf(e.ctx, a.records.ListCompanies)
		if err != nil {
			return err
		}
		for _, c := range companies {
			seen("company", c.Name, c.Record)
		}
		contacts, err := allOf(e.ctx, a.records.ListContacts)
		if err != nil {
			return err
		}
		for _, c := range contacts {
			seen("contact", c.Name, c.Record)
		}
		leads, err := allOf(e.ctx, a.records.ListLeads)
		for _, l := range leads {
			seen("lead", l.Name, l.Record)
		}
		return err
	})
	if err != nil {
		at.t.Fatal(err)
	}
	return records, users
}

// allOf returns the records of a list; no case makes more than one page of them.
func allOf[T any](ctx context.Context, list func(context.Context, crm.Filter) (web.List[T], error)) ([]T, error) {
	page, err := list(ctx, crm.Filter{})
	return page.Items, err
}

// compare compares what came out of the imports with what is expected.
func (c *dataCase) compare(records []seenRecord, users []string) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	names, numbers := map[string][]string{}, []string{}
	for _, r := range records {
		names[r.kind] = append(names[r.kind], r.name)
		numbers = append(numbers, r.numbers...)
	}
	for kind, raw := range c.Names {
		var alternatives [][]string
		if json.Unmarshal(raw, &alternatives) != nil {
			alternatives = make([][]string, 1)
			_ = json.Unmarshal(raw, &alternatives[0])
		}
		if !slices.ContainsFunc(alternatives, func(want []string) bool { return sameSet(names[kind], want) }) {
			say("%s names %q, want %s", kind, names[kind], raw)
		}
	}
	for kind, want := range c.Count {
		if len(names[kind]) != want {
			say("%d of kind %s, want %d: %q", len(names[kind]), kind, want, names[kind])
		}
	}
	for name, want := range c.Numbers {
		var got []string
		for _, r := range records {
			if r.name == name {
				got = append(got, r.numbers...)
			}
		}
		if !sameSet(got, want) {
			say("numbers of %s: %q, want %q", name, got, want)
		}
	}
	if c.AllNumbers != nil && !sameSet(numbers, c.AllNumbers) {
		say("all numbers: %q, want %q", numbers, c.AllNumbers)
	}
	for _, number := range c.NoNumber {
		if slices.Contains(numbers, number) {
			say("%s is on a record: it belongs to a stranger", number)
		}
	}
	for name, login := range c.Owners {
		var got []string
		for _, r := range records {
			if r.name == name {
				got = append(got, r.owner)
			}
		}
		if !slices.Equal(got, []string{login}) {
			say("owner of %s: %q, want %s", name, got, login)
		}
	}
	if c.Users != nil && !sameSet(users, c.Users) {
		say("users %q, want %q", users, c.Users)
	}
	return wrong
}

// sameSet compares lists without their order.
func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// checkData reads the spellings of a case.
func (at *terminal) checkData(c *dataCase) (wrong []string) {
	for _, check := range c.Checks {
		country, area := check.Country, check.Area
		if country == "" {
			country = "RU"
		}
		if country == "RU" && area == "" {
			area = "495"
		}
		_, out, _ := at.try("check", check.Number, "--as", "boss", "--country", country, "--area", area, "--json")
		var got struct {
			Number struct{ Kind, E164, Extension string } `json:"number"`
		}
		if json.Unmarshal([]byte(out), &got) != nil {
			got.Number.Kind = "invalid"
		}
		for _, field := range []struct {
			name, got string
			want      *string
		}{
			{"e164", got.Number.E164, check.E164}, {"extension", got.Number.Extension, check.Extension},
			{"kind", got.Number.Kind, check.IsKind},
		} {
			if field.want != nil && field.got != *field.want {
				wrong = append(wrong, fmt.Sprintf("%q: %s is %q (%s), want %q", check.Number, field.name, field.got,
					got.Number.Kind, *field.want))
			}
		}
		if check.NotKind != "" && got.Number.Kind == check.NotKind {
			wrong = append(wrong, fmt.Sprintf("%q is read as %s", check.Number, got.Number.Kind))
		}
	}
	return wrong
}

// apiData makes the records of a case over the API, searches for them and merges them.
func (at *terminal) apiData(folder string, c *dataCase) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	secrets := map[string]string{}
	for _, s := range c.Sources {
		var added struct{ Secret string }
		if err := json.Unmarshal([]byte(at.do("source", "add", "--name", s.Name, "--dialect", s.Dialect, "--json")),
			&added); err != nil {
			at.t.Fatal(err)
		}
		secrets[s.Name] = added.Secret
	}
	p := at.serve()
	p.token = strings.TrimSpace(at.do("token", "add", "--login", "boss", "--name", "test"))
	ids := map[string]int64{}
	for _, r := range c.Records {
		phones := []map[string]string{}
		for _, value := range r.Phones {
			phones = append(phones, map[string]string{"value": value})
		}
		body, _ := json.Marshal(map[string]any{"name": r.Name, "phones": phones})
		var added struct{ ID int64 }
		status, answer := p.ask("POST", "/api/v1/"+r.To, string(body))
		if err := json.Unmarshal([]byte(answer), &added); err != nil || status >= 300 {
			at.t.Fatalf("add %s: %d %s", r.Name, status, answer)
		}
		ids[r.Name] = added.ID
	}
	for _, s := range c.Searches {
		found := namesIn(get[struct{ Items []namedItem }](p, "/api/v1/"+s.In+"?q="+url.QueryEscape(s.Q)).Items)
		if !slices.Contains(found, s.Want) {
			say("q=%q finds %q, want %q", s.Q, found, s.Want)
		}
	}
	for _, m := range c.Merges {
		var from []int64
		for _, name := range m.From {
			from = append(from, ids[name])
		}
		body, _ := json.Marshal(map[string]any{"from_ids": from, "version": 1})
		status, answer := p.ask("POST", fmt.Sprintf("/api/v1/%s/%d/merge", m.In, ids[m.Into]), string(body))
		var merged crm.Record
		if err := json.Unmarshal([]byte(answer), &merged); err != nil || status != http.StatusOK {
			say("merge: %d %s", status, answer)
			continue
		}
		for _, want := range m.PhonesHave {
			has := func(p crm.Phone) bool { return strings.Contains(p.Value, want) }
			if !slices.ContainsFunc(merged.Phones, has) {
				say("after the merge %q is lost: %+v", want, merged.Phones)
			}
		}
	}
	for _, d := range c.Duplicates {
		groups := get[struct {
			Items []struct{ Records []namedItem }
		}](p, "/api/v1/duplicates?kind="+d.Kind).Items
		together := false
		for _, group := range groups {
			names := namesIn(group.Records)
			together = together || !slices.ContainsFunc(d.Together,
				func(name string) bool { return !slices.Contains(names, name) })
		}
		if !together {
			say("not reported as duplicates: %q", d.Together)
		}
	}
	p.token = ""
	for _, f := range c.Forms {
		body, err := os.ReadFile(filepath.Join(folder, f.File))
		if err != nil {
			at.t.Fatal(err)
		}
		status, answer := p.ask("POST", "/hooks/"+f.Source+"/"+secrets[f.Source], strings.TrimSpace(string(body)),
			"Content-Type", "application/x-www-form-urlencoded")
		if status != f.Status {
			say("a form of %d bytes: %d %s, want %d", len(body), status, answer, f.Status)
		}
	}
	return wrong
}

type namedItem struct{ Name string }

func namesIn(list []namedItem) (names []string) {
	for _, item := range list {
		names = append(names, item.Name)
	}
	return names
}
