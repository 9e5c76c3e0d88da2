package amocrm

import (
	"net/http"
	"testing"
	"time"
	"unicode/utf8"

	"callhue/crm"
	"callhue/internal/fault"
)

// FuzzAnswer decodes any bytes as an answer: the result is a record or a fault, never a panic, and records
// can be stored.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"_links":[],"_embedded":{"contacts":[{"id":"55","name":null,"custom_fields_values":[{"field_id":1,"field_code":"PHONE","values":[{"value":7495,"enum_code":"WORK"}]}],"_embedded":[]}]}}`,
		`{"_embedded":{"companies":[{"id":1,"updated_by":0,"custom_fields_values":null}]},"_links":{"next":{"href":"x"}}}`,
		`{"_total_items":0,"errors":[{"title":"Entity not found","status":263}]}`,
		`{"title":"Bad","detail":"no","status":400}`, `[]`, `{}`, ``,
		`{"_embedded":{"leads":[{"id":1e9,"created_at":-1}]}}`, `{"id":{"x":1}}`,
	} {
		f.Add(200, []byte(seed))
		f.Add(400, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		p := New(Options{Now: time.Now, Token: "TOKEN"})
		said := answer{status: status, header: http.Header{}, body: body}
		if err := p.check(attempt{path: postCalls}, said, 1); err != nil {
			if fault.Of(err).Kind == fault.KindInternal || !utf8.ValidString(err.Error()) {
				t.Errorf("%v", err)
			}
			return
		}
		var page theirPage
		if _, err := said.decode(&page); err != nil {
			if keyOf(err) != "crm_answer" {
				t.Error(err)
			}
			return
		}
		for _, records := range page.Embedded.V {
			for _, raw := range records.list {
				r, err := decodeRecord(raw)
				if err != nil {
					_ = unreadable(raw, err)
					continue
				}
				for _, kind := range []crm.Kind{crm.KindCompany, crm.KindContact, crm.KindLead} {
					out := r.record(kind, "9200")
					for _, text := range []string{
						out.ID, out.Name, out.Title, out.OwnerID, out.ContactID, out.Status, out.Stage,
					} {
						if !utf8.ValidString(text) {
							t.Errorf("%q cannot be stored", text)
						}
					}
				}
			}
		}
		var refused callErrors
		if _, err := said.decode(&refused); err == nil {
			_ = refused.fault()
		}
	})
}
