package web

import "callhue/internal/paging"

// Paging is the part of a list's input that asks for a page; embed it.
type Paging = paging.Query

// List is one page of an answer.
type List[T any] = paging.List[T]

// The size of a page.
const (
	DefaultLimit = paging.DefaultLimit
	MaxLimit     = paging.MaxLimit
)

// Page is paging.Cut.
func Page[T any](items []T, size int, cursor func(last T) any) List[T] {
	return paging.Cut(items, size, cursor)
}
