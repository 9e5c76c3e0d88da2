package crm

import "callhue/internal/web"

func (b *Records) getSearch(r *web.Request, in SearchInput) (SearchAnswer, error) {
	return b.Search(r.Context(), r.User, in)
}
