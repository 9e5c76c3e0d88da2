package web

import (
	"context"
	"iter"
	"strings"

	"callhue/internal/access"
)

// Table is how the items of a list stand in a file: the name of the file, the names of the columns, which are those of
// the JSON fields in every language, and the cells of an item.
type Table[T any] struct {
	Name   string
	Header []string
	Cells  func(T) []any
}

// pagedInput is the input of a list that has pages and can also be had as a file: it embeds Paging and Sheet.
type pagedInput[In any] interface {
	*In
	TurnTo(limit int, token string)
}

// DoFileList is DoList for a list that is answered as a file with ?format=csv or xlsx: with the same filters and
// rights, page by page, to its end.
func DoFileList[In interface{ fileFormat() (string, error) }, Item any, P pagedInput[In]](
	list func(context.Context, In) (List[Item], error), table Table[Item]) Handler {
	return DoFileListFor[In, Item, P](
		func(ctx context.Context, _ *access.User, in In) (List[Item], error) { return list(ctx, in) }, table)
}

// DoFileListFor is DoFileList for a list that depends on who reads it.
func DoFileListFor[In interface{ fileFormat() (string, error) }, Item any, P pagedInput[In]](
	list func(context.Context, *access.User, In) (List[Item], error), table Table[Item]) Handler {
	rows := func(user *access.User, in In) rowsOf {
		page := func(ctx context.Context, in In) (List[Item], error) { return list(ctx, user, in) }
		return func(ctx context.Context) iter.Seq2[[]any, error] {
			return func(yield func([]any, error) bool) {
				eachItem(ctx, page, P(&in), &in, func(item Item, err error) bool {
					if err != nil {
						return yield(nil, err)
					}
					return yield(table.Cells(item), nil)
				})
			}
		}
	}
	return DoSheet(
		func(r *Request, in In) (List[Item], error) { return list(r.Context(), r.User, in) },
		func(r *Request, in In) (CSV, error) {
			return CSV{Name: table.Name, Header: table.Header, Rows: rows(r.User, in)}, nil
		})
}

// eachItem calls f for the items of all pages until it returns false, or once with the fault of a page.
func eachItem[In, Item any, P pagedInput[In]](ctx context.Context, list func(context.Context, In) (List[Item], error),
	turn P, in *In, f func(Item, error) bool) {
	for token := ""; ; {
		turn.TurnTo(MaxLimit, token)
		page, err := list(ctx, *in)
		if err != nil {
			var none Item
			f(none, err)
			return
		}
		for _, item := range page.Items {
			if !f(item, nil) {
				return
			}
		}
		if token = page.NextPageToken; token == "" {
			return
		}
	}
}

// acceptedFile returns the format of the file that an Accept header asks for before anything else, "" for none.
func acceptedFile(accept string) string {
	first, _, _ := strings.Cut(accept, ",")
	kind, _, _ := strings.Cut(first, ";")
	switch strings.TrimSpace(kind) {
	case "text/csv":
		return formatCSV
	case xlsxType:
		return formatXLSX
	}
	return ""
}
