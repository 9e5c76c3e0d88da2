// Package paging walks through lists: how many items a page holds, and the token
// that leads to the next one. Tables cut pages with it (internal/store), requests
// and answers carry it (internal/web).
package paging

import (
	"encoding/base64"
	"encoding/json"

	"callhue/internal/fault"
)

// The size of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Query is the part of a list's input that asks for a page; embed it.
type Query struct {
	Limit     int    `query:"limit" json:"-"`
	PageToken string `query:"page_token" json:"-"`
}

// TurnTo asks for a page of a size; an empty token is the first one.
func (q *Query) TurnTo(limit int, token string) { q.Limit, q.PageToken = limit, token }

// Size returns the number of items asked for: DefaultLimit when none is named,
// MaxLimit at most.
func (q Query) Size() int {
	if q.Limit <= 0 {
		return DefaultLimit
	}
	return min(q.Limit, MaxLimit)
}

// After decodes the token into the cursor of the page before; on the first page it
// leaves the cursor alone. A token that Cut did not make is the fault "malformed" of
// page_token.
func (q Query) After(cursor any) error {
	if q.PageToken == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.PageToken)
	if err == nil {
		err = json.Unmarshal(raw, cursor)
	}
	if err != nil {
		return Malformed(err)
	}
	return nil
}

// Malformed returns the fault of a token that leads nowhere.
func Malformed(cause error) *fault.Error {
	return fault.Invalid("page_token", "malformed").Because(cause)
}

// List is one page. NextPageToken is empty on the last one.
type List[T any] struct {
	Items         []T    `json:"items"`
	NextPageToken string `json:"next_page_token"`
}

// Records returns how many records the page holds; an item may hold several.
func (l List[T]) Records() (n int) {
	for _, item := range l.Items {
		if several, ok := any(item).(interface{ Records() int }); ok {
			n += several.Records()
		} else {
			n++
		}
	}
	return n
}

// Cut returns the page of a list that was read with one item more than its size.
// The token of the next page holds the cursor of the last item that stays.
func Cut[T any](items []T, size int, cursor func(last T) any) List[T] {
	if items == nil {
		items = []T{}
	}
	if len(items) <= size {
		return List[T]{Items: items}
	}
	items = items[:size]
	raw, err := json.Marshal(cursor(items[size-1]))
	if err != nil {
		panic("paging: a cursor that is no JSON: " + err.Error())
	}
	return List[T]{items, base64.RawURLEncoding.EncodeToString(raw)}
}

// Map returns the page with each item turned into what an answer shows of it.
func Map[T, Out any](page List[T], show func(T) Out) List[Out] {
	out := List[Out]{Items: make([]Out, len(page.Items)), NextPageToken: page.NextPageToken}
	for i, item := range page.Items {
		out.Items[i] = show(item)
	}
	return out
}
