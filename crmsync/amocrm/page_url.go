package amocrm

import (
	"net/url"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
)

// PageOf returns the page of a record, as an account's lists link to it:
// https://account.amocrm.ru/companies/detail/310.
func (p *Portal) PageOf(ref crmsync.Ref) string {
	list := map[crm.Kind]string{
		crm.KindCompany: "companies", crm.KindContact: "contacts", crm.KindLead: "leads",
	}[ref.Kind]
	if list == "" {
		return ""
	}
	return strings.TrimSuffix(p.opt.Address, "/") + "/" + list + "/detail/" + url.PathEscape(ref.ID)
}
