package bitrix24

import (
	"context"
	"errors"
	"testing"
	"unicode/utf8"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
)

// FuzzAnswer decodes any bytes as the answer to a list and to a batch of lists: the result is a record or a
// fault, never a panic, and records can be stored.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"result":[{"ID":"7","TITLE":null,"PHONE":[{"VALUE":"8 495 000-00-11","VALUE_TYPE":"WORK"}],"UF_CRM_STATE":["A"]}],"total":1}`,
		`{"result":{"items":[{"id":7,"fm":[{"typeId":"PHONE","value":7495,"valueType":""}],"companyIds":{"1":2},"assignedById":null}]}}`,
		`{"result":{"result":{"c00":[{"ID":1}],"c01":{"items":[]}},"result_error":[],"result_time":{"c00":{"operating":481.5,"operating_reset_at":1773306964}}}}`,
		`{"result":{"result":[],"result_error":{"c00":{"error":"QUERY_LIMIT_EXCEEDED"}}}}`,
		`{"result":{"result_error":{"c00":"no"}}}`,
		`{"error":"","error_description":7}`, `{"error":"expired_token"}`, `{"result":false,"total":-1}`,
		`{"result":null}`, `[]`, `7`, ``, `{"result":{"items":7}}`,
		`{"result":[{"ID":"9223372036854775808"}]}`, `{"result":[[]]}`, `{"result":{"items":[7]}}`,
		`{"error":null,"result":[]}`,
	} {
		f.Add(200, []byte(seed))
		f.Add(503, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, lists := range []Lists{Classic, Items} {
			p, err := New(Options{Webhook: "https://portal.example/rest/1/secret1/", Lists: lists})
			if err != nil {
				t.Fatal(err)
			}
			for _, method := range []string{"crm.contact.list", "batch"} {
				got, err := decode(method, status, body)
				if err == nil && method == "batch" {
					err = p.decodeBatch(got, map[string]any{"cmd": map[string]any{"c00": "crm.contact.list?"}})
				}
				var no *refusal
				if errors.As(err, &no) {
					err = no.fault()
				}
				if err != nil {
					judge(t, err)
					continue
				}
				if got.batch != nil {
					got.Result = got.batch.Result["c00"]
				}
				page, err := p.collectPage(
					context.Background(),
					crmsync.Query{Kind: crm.KindContact, StatusField: "UF_CRM_STATE"},
					cursor{},
					[]answer{*got, *got},
				)
				judge(t, err)
				for _, r := range page.Records {
					judgeRecord(t, r)
				}
			}
		}
	})
}

func judge(t *testing.T, err error) {
	if err != nil && (fault.Of(err).Kind == fault.KindInternal || !utf8.ValidString(err.Error())) {
		t.Errorf("%v", err)
	}
}

func judgeRecord(t *testing.T, r crmsync.Record) {
	if parseID(r.ID) <= 0 {
		t.Errorf("the id %q", r.ID)
	}
	for _, text := range append(
		append(
			[]string{r.Name, r.Title, r.Post, r.OwnerID, r.ContactID, r.Status, r.Stage, r.Source, r.ChangedBy},
			r.CompanyIDs...,
		),
		r.Emails...,
	) {
		if !utf8.ValidString(text) {
			t.Errorf("%q cannot be stored", text)
		}
	}
	for _, p := range r.Phones {
		if !utf8.ValidString(p.Value) || p.Value == "" {
			t.Errorf("the telephone %q", p.Value)
		}
	}
}
