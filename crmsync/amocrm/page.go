package amocrm

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
)

// Bounds of lists: what an account returns at once, how many ids fit in one address, and how many pages are
// probed to find the next records.
const (
	pageSize     = 250
	smallestPage = 125
	idsAtOnce    = 100
	maxProbes    = 50
)

var (
	errOrder      = errors.New("amocrm: a list is not ordered by id")
	errNoProgress = errors.New("amocrm: a list makes no progress")
)

// lists are the names of the lists, and what has to be requested with them. Contacts and leads always
// include their companies.
var lists = map[crm.Kind]struct{ name, with string }{
	crm.KindCompany: {"companies", ""},
	crm.KindContact: {"contacts", ""},
	crm.KindLead:    {"leads", "contacts"},
}

// Page returns the next records of a kind in the order of their ids.
//
// An account pages by numbers only: page 3 of 100 holds the positions 200 to 299 as they are now. If a
// record is removed meanwhile, all later ones move up, and the first of the next page would be missed. So
// each page overlaps the previous one by at least a record, and After holds the position and the last id: a
// page that begins after that id shows that something moved, and findPage goes back until one begins before
// it. Records that were returned already are dropped.
func (p *Portal) Page(ctx context.Context, q crmsync.Query) (crmsync.Page, error) {
	list, known := lists[q.Kind]
	if !known {
		return crmsync.Page{}, fault.Internal(errors.New("amocrm: no such kind"))
	}
	from, err := parseCursor(q.After)
	if err != nil {
		return crmsync.Page{}, err
	}
	query := url.Values{"order[id]": {"asc"}}
	if list.with != "" {
		query.Set("with", list.with)
	}
	if !q.Since.IsZero() {
		query.Set("filter[updated_at][from]", strconv.FormatInt(q.Since.Unix(), 10))
	}
	return p.findPage(ctx, q, list.name, query, from)
}

// findPage finds the page on which the records after a cursor begin. Usually it is where the cursor points.
// If not, it goes back in growing steps until a page begins early enough, then bisects.
func (p *Portal) findPage(
	ctx context.Context,
	q crmsync.Query,
	name string,
	query url.Values,
	from cursor,
) (crmsync.Page, error) {
	low, high, back := 0, from.count, smallestPage-1
	count := from.count
	for range maxProbes {
		w := windowAt(count)
		got, err := p.list(ctx, name, query, w)
		if err != nil {
			return crmsync.Page{}, err
		}
		end := w.offset() + len(got.records)
		switch {
		case w.offset() > 0 && (len(got.records) == 0 || got.records[0].number() > from.last):
			high = w.offset()
		case got.more && got.records[len(got.records)-1].number() <= from.last:
			low = end
		default:
			return newPage(q, got, end, from), nil
		}
		if count = (low + high) / 2; low == 0 {
			count = max(0, high-back)
			back *= 2
		}
	}
	return crmsync.Page{}, crmsync.NotUnderstood(errNoProgress)
}

// newPage returns the new records of a list that overlaps the previous page and ends at a position of the
// account's list.
func newPage(q crmsync.Query, got listed, end int, from cursor) crmsync.Page {
	out := crmsync.Page{Total: -1}
	for _, r := range got.records {
		if r.number() > from.last && !r.Deleted {
			out.Records = append(out.Records, r.record(q.Kind, q.StatusField))
		}
	}
	if got.more {
		out.Next = cursor{end, got.records[len(got.records)-1].number()}.String()
	}
	return out
}

// cursor is how far a list was read: the number of records and the last id.
type cursor struct {
	count int
	last  int64
}

func (p cursor) String() string {
	return strconv.Itoa(p.count) + "-" + strconv.FormatInt(p.last, 10)
}

func parseCursor(after string) (cursor, error) {
	if after == "" {
		return cursor{}, nil
	}
	count, last, _ := strings.Cut(after, "-")
	n, wrong := strconv.Atoi(count)
	id, wrongID := strconv.ParseInt(last, 10, 64)
	if err := errors.Join(wrong, wrongID); err != nil || n < 0 || id < 0 {
		return cursor{}, fault.Invalid("after", "unreadable").Because(err)
	}
	return cursor{n, id}, nil
}

// window is a page of a list.
type window struct{ number, size int }

func (w window) offset() int { return (w.number - 1) * w.size }

// windowAt returns the page that begins before a position and reaches furthest after it: pages lie at
// multiples of their size, so the size varies.
func windowAt(count int) window {
	if count == 0 {
		return window{1, pageSize}
	}
	best, reach := window{}, 0
	for size := pageSize; size >= smallestPage; size-- {
		w := window{(count-1)/size + 1, size}
		if end := w.offset() + size; end > reach {
			best, reach = w, end
		}
	}
	return best
}

// listed is one page of a list, in the order of ids.
type listed struct {
	records []theirRecord
	more    bool // the account has a next page
}

// theirPage is a page as the account returns it.
type theirPage struct {
	Links    phpObject[theirLinks]               `json:"_links"`
	Embedded phpObject[map[string][]theirRecord] `json:"_embedded"`
}

// theirLinks reports whether there is a next page. Its address is never followed.
type theirLinks struct {
	Next *struct {
		Href string `json:"href"`
	} `json:"next"`
}

// list reads one page and checks the order of ids: otherwise records could be missed silently.
func (p *Portal) list(ctx context.Context, name string, query url.Values, w window) (listed, error) {
	query.Set("page", strconv.Itoa(w.number))
	query.Set("limit", strconv.Itoa(w.size))
	var got theirPage
	if _, err := p.get(ctx, "/api/v4/"+name, query, &got); err != nil {
		return listed{}, err
	}
	records := got.Embedded.V[name]
	for i, r := range records {
		if r.number() == 0 || i > 0 && r.number() <= records[i-1].number() {
			return listed{}, crmsync.NotUnderstood(errOrder)
		}
	}
	return listed{records, got.Links.V.Next != nil && len(records) > 0}, nil
}

// Read returns records as they are now, in the order of their ids; deleted ones and foreign ids are
// missing. A list omits hidden records as if they were deleted: only an administrator sees everything, and
// only an administrator may read users.
func (p *Portal) Read(
	ctx context.Context,
	kind crm.Kind,
	ids []string,
	statusField string,
) (out []crmsync.Record, hidden []string, err error) {
	list, known := lists[kind]
	if !known {
		return nil, nil, fault.Internal(errors.New("amocrm: no such kind"))
	}
	wanted := numeric(ids)
	for chunk := range slices.Chunk(wanted, idsAtOnce) {
		query := url.Values{"filter[id][]": chunk, "order[id]": {"asc"}}
		if list.with != "" {
			query.Set("with", list.with)
		}
		got, err := p.list(ctx, list.name, query, window{1, pageSize})
		if err != nil {
			return nil, nil, err
		}
		for _, r := range got.records {
			if !r.Deleted && slices.Contains(chunk, string(r.ID)) {
				out = append(out, r.record(kind, statusField))
			}
		}
	}
	if len(out) == len(wanted) {
		return out, nil, nil
	}
	_, err = p.get(ctx, "/api/v4/users", url.Values{"limit": {"1"}}, &theirUsers{})
	if !fault.Is(err, fault.KindForbidden) {
		return out, nil, err
	}
	return out, slices.DeleteFunc(wanted, func(id string) bool {
		return slices.ContainsFunc(out, func(r crmsync.Record) bool { return r.ID == id })
	}), nil
}

// numeric returns the ids that are valid in an account, without duplicates, in order.
func numeric(ids []string) []string {
	var out []string
	for _, id := range ids {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
			out = append(out, strconv.FormatInt(n, 10))
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return slices.Compact(out)
}
