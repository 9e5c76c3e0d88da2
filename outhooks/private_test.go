package outhooks

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/internal/web"
)

// TestANameIsJudgedByWhereItLeads: an address is refused when it is dialled, not
// by how it is spelled.
func TestANameIsJudgedByWhereItLeads(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	local := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPost(t, db)
		p.courier.opt.AllowPrivate, p.courier.client = false, web.NewClient(false)
		h, _, err := p.courier.AddHook(context.Background(), p.admin, NewHookOut{Name: "inside", URL: local})
		if err != nil {
			t.Fatal(err)
		}
		p.happens(crm.CompanyStatus, 310)
		p.round(h)
		if d := p.last(h); d.Error != "private_address" || d.State != DeliveryWaiting || d.Status != 0 {
			t.Errorf("%+v", d)
		}
		if asked != 0 {
			t.Error("the private address was asked")
		}
	})
}
