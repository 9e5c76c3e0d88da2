package web

import (
	"encoding/base64"
	"encoding/json"

	"callhue/internal/fault"
)

// The size of a page of a list.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// List is a page of a list; NextPageToken is empty on the last one.
type List[T any] struct {
	Items         []T    `json:"items"`
	NextPageToken string `json:"next_page_token"`
}

// Paging is the part of a list's input that walks through it; embed it.
type Paging struct {
	Limit     int    `query:"limit" json:"-"`
	PageToken string `query:"page_token" json:"-"`
}

// Size is the wanted number of items, within the limits.
func (p Paging) Size() int {
	if p.Limit <= 0 {
		return DefaultLimit
	}
	return min(p.Limit, MaxLimit)
}

// After decodes the place where the page before ended into cursor; it leaves
// cursor alone on the first page. A token that we did not make is a fault.
func (p Paging) After(cursor any) error {
	if p.PageToken == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.PageToken)
	if err == nil {
		err = json.Unmarshal(raw, cursor)
	}
	if err != nil {
		return fault.Invalid("page_token", "malformed").Because(err)
	}
	return nil
}

// Page cuts a list that was read with one item more than its size, and gives
// the token of the next page from the last item that stays.
func Page[T any](items []T, size int, cursor func(last T) any) List[T] {
	if items == nil {
		items = []T{}
	}
	if len(items) <= size {
		return List[T]{Items: items}
	}
	items = items[:size]
	raw, err := json.Marshal(cursor(items[size-1]))
	if err != nil {
		panic("web: a cursor that is no JSON: " + err.Error())
	}
	return List[T]{items, base64.RawURLEncoding.EncodeToString(raw)}
}
