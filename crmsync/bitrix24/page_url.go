package bitrix24

import (
	"net/url"

	"callhue/crmsync"
)

// PageOf returns the page of a record, as a portal's menu links to it:
// https://portal.example/crm/company/details/310/.
func (p *Portal) PageOf(ref crmsync.Ref) string {
	return p.base.JoinPath("crm", ref.Kind.String(), "details", url.PathEscape(ref.ID)).String() + "/"
}
