package dialects

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"callhue/crm"
)

// massChange is the form of a mass change of contacts, with all their fields, as an account posts it.
func massChange(contacts, fields int) string {
	var b strings.Builder
	put := func(name, value string) {
		fmt.Fprintf(&b, "%s=%s&", url.QueryEscape(name), url.QueryEscape(value))
	}
	for n := range contacts {
		record := fmt.Sprintf("contacts[update][%d]", n)
		put(record+"[id]", fmt.Sprint(7001+n))
		put(record+"[name]", "Иванов Иван")
		put(record+"[type]", "contact")
		for f := range fields {
			field := fmt.Sprintf("%s[custom_fields][%d]", record, f)
			put(field+"[id]", fmt.Sprint(9000+f))
			put(field+"[name]", fmt.Sprintf("Поле %d", f))
			put(field+"[values][0][value]", "некоторое значение")
			put(field+"[values][0][enum]", "55501")
		}
	}
	put("account[subdomain]", "demo")
	put("account[id]", "12345")
	return b.String()
}

// TestMassChangesOfAmocrm reads a hundred contacts of 60 fields each, and takes no longer for twice as many than their
// length says.
func TestMassChangesOfAmocrm(t *testing.T) {
	d := amocrmSync()
	read := func(body string) (Parsed, time.Duration) {
		began := time.Now()
		req := &Request{Body: []byte(body)}
		req.Header = func(name string) string {
			if name == "Content-Type" {
				return "application/x-www-form-urlencoded"
			}
			return ""
		}
		if err := req.ReadForm(d.Fields); err != nil {
			t.Fatal(err)
		}
		parsed, err := d.Read(req)
		if err != nil {
			t.Fatal(err)
		}
		return parsed, time.Since(began)
	}
	body := massChange(100, 60)
	if len(body) > MaxBulkBody {
		t.Fatalf("a mass change has %d bytes, and %d are read", len(body), MaxBulkBody)
	}
	parsed, _ := read(body)
	if len(parsed.Changes) != 100 || parsed.Changes[99].ID != "7100" || parsed.Changes[0].Kind != crm.KindContact {
		t.Fatalf("%d changes: %+v", len(parsed.Changes), parsed.Changes[:1])
	}
	fastest := func(body string) time.Duration {
		least := time.Hour
		for range 3 {
			_, took := read(body)
			least = min(least, took)
		}
		return least
	}
	small, large := fastest(massChange(500, 2)), fastest(massChange(4000, 2))
	t.Logf("500 contacts in %v, 4000 in %v", small, large)
	if large > 40*small { // eight times as long
		t.Errorf("500 contacts take %v, 4000 take %v", small, large)
	}
}

// TestAmocrmFormsHaveBounds sends more records than a form may name.
func TestAmocrmFormsHaveBounds(t *testing.T) {
	var b strings.Builder
	for n := range maxBulkFields + 1 {
		fmt.Fprintf(&b, "contacts[update][%d][id]=1&", n)
	}
	body := b.String()
	if _, err := readForm("", []byte(body), amocrmFields()); err == nil {
		t.Error("a form without end is read")
	}
}
