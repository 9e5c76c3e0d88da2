package bitrix24

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/crmsync"
)

// TestListsWithoutProgress checks that a portal that ignores filters and repeats the same fifty records
// causes a fault and no endless import.
func TestListsWithoutProgress(t *testing.T) {
	var rows []string
	for id := 1; id <= 50; id++ {
		rows = append(rows, fmt.Sprintf(`{"ID":"%d","TITLE":"Acme"}`, id))
	}
	same := "[" + strings.Join(rows, ",") + "]"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "batch") {
			fmt.Fprintf(w, `{"result":{"result":{"c00":%s,"c01":%s},"result_error":[]}}`, same, same)
			return
		}
		fmt.Fprintf(w, `{"result":%s,"total":100}`, same)
	}))
	defer server.Close()
	w := &world{T: t, clock: &clock{}}
	o := w.options()
	o.Webhook = server.URL + "/rest/1/secret1/"
	p := w.connect(o, nil)
	first, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindCompany})
	if err != nil || len(first.Records) != 50 || first.Next == "" {
		t.Fatalf("%d records, %v", len(first.Records), err)
	}
	page := first
	for range 4 { // by ids, then by position
		q := crmsync.Query{Kind: crm.KindCompany, After: page.Next}
		if page, err = p.Page(context.Background(), q); err != nil {
			break
		}
	}
	if key(err) != "crm_answer" {
		t.Errorf("the same records again: %v", err)
	}
}
