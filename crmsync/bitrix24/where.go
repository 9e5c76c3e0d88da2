package bitrix24

import (
	"net/url"

	"callhue/crmsync"
)

// PageOf gives the page of a record, as the menu of a portal leads there:
// https://portal.example/crm/company/details/310/.
func (p *Portal) PageOf(ref crmsync.Ref) string {
	return p.base.JoinPath("crm", ref.Kind.String(), "details", url.PathEscape(ref.ID)).String() + "/"
}
