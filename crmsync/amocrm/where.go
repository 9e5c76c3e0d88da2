package amocrm

import (
	"net/url"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
)

// PageOf gives the page of a record, as the lists of an account lead there:
// https://account.amocrm.ru/companies/detail/310.
func (p *Portal) PageOf(ref crmsync.Ref) string {
	list := map[crm.Kind]string{crm.KindCompany: "companies", crm.KindContact: "contacts", crm.KindLead: "leads"}[ref.Kind]
	if list == "" {
		return ""
	}
	return strings.TrimSuffix(p.opt.Address, "/") + "/" + list + "/detail/" + url.PathEscape(ref.ID)
}
