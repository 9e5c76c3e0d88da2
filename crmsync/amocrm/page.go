package amocrm

import (
	"cmp"
	"context"
	"encoding/json"
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
	if from.byPosition {
		return p.pageAt(ctx, q, list.name, query, from)
	}
	return p.findPage(ctx, q, list.name, query, from)
}

// pageAt reads a list that is not ordered by id, page by page. What moves between pages meanwhile is read at the end
// of a full sync. A page that begins as the one before makes no progress.
func (p *Portal) pageAt(ctx context.Context, q crmsync.Query, name string, query url.Values, from cursor) (
	crmsync.Page, error) {
	got, err := p.list(ctx, name, query, window{from.count + 1, pageSize})
	if err != nil {
		return crmsync.Page{}, err
	}
	out := crmsync.Page{Total: -1, Unordered: true, Unreadable: got.unreadable}
	next := cursor{count: from.count + 1, byPosition: true}
	for _, r := range got.records {
		if next.last = got.records[0].number(); !r.Deleted.is {
			out.Records = append(out.Records, r.record(q.Kind, q.StatusField))
		}
	}
	if from.count > 0 && next.last == from.last {
		return crmsync.Page{}, crmsync.NotUnderstood(errNoProgress)
	}
	if got.more {
		out.Next = next.String()
	}
	return out, nil
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
		end := w.offset() + got.rows
		switch {
		case !slices.IsSortedFunc(got.order, compareIDs):
			return crmsync.Page{Total: -1, Unordered: true, Next: cursor{byPosition: true}.String()}, nil
		case w.offset() > 0 && (len(got.order) == 0 || got.order[0] > from.last):
			high = w.offset()
		case got.more && got.order[len(got.order)-1] <= from.last:
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
	out := crmsync.Page{Total: -1, Unreadable: got.unreadable}
	for _, r := range got.records {
		if r.number() > from.last && !r.Deleted.is {
			out.Records = append(out.Records, r.record(q.Kind, q.StatusField))
		}
	}
	if got.more {
		out.Next = cursor{count: end, last: got.order[len(got.order)-1]}.String()
	}
	return out
}

// cursor is how far a list was read: the number of records and the last id.
type cursor struct {
	count int
	last  int64

	// byPosition is set for lists that are not ordered: count is the number of pages then, and last the first id of the
	// page before.
	byPosition bool
}

// positional begins a cursor by position.
const positional = "p"

func (p cursor) String() string {
	written := strconv.Itoa(p.count) + "-" + strconv.FormatInt(p.last, 10)
	if p.byPosition {
		return positional + written
	}
	return written
}

func parseCursor(after string) (cursor, error) {
	if after == "" {
		return cursor{}, nil
	}
	after, byPosition := strings.CutPrefix(after, positional)
	count, last, _ := strings.Cut(after, "-")
	n, wrong := strconv.Atoi(count)
	id, wrongID := strconv.ParseInt(last, 10, 64)
	if err := errors.Join(wrong, wrongID); err != nil || n < 0 || id < 0 {
		return cursor{}, fault.Invalid("after", "unreadable").Because(err)
	}
	return cursor{n, id, byPosition}, nil
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
	records    []theirRecord
	unreadable []crmsync.Unreadable
	order      []int64 // the ids of all records that have one
	rows       int
	more       bool // the account has a next page
}

func compareIDs(a, b int64) int {
	if a == b {
		return 1 // twice is no order
	}
	return cmp.Compare(a, b)
}

// theirPage is a page as the account returns it.
type theirPage struct {
	Links    phpObject[theirLinks]                            `json:"_links"`
	Embedded phpObject[map[string]looseList[json.RawMessage]] `json:"_embedded"`
}

// theirLinks reports whether there is a next page. Its address is never followed.
type theirLinks struct {
	Next json.RawMessage `json:"next"`
}

// more reports whether there is a next page.
func (l theirLinks) more() bool {
	next := strings.TrimSpace(string(l.Next))
	return strings.HasPrefix(next, "{") && next != "{}" || strings.HasPrefix(next, `"`) && next != `""`
}

// list reads one page. A record that cannot be understood is set aside.
func (p *Portal) list(ctx context.Context, name string, query url.Values, w window) (listed, error) {
	query.Set("page", strconv.Itoa(w.number))
	query.Set("limit", strconv.Itoa(w.size))
	var got theirPage
	if _, err := p.get(ctx, "/api/v4/"+name, query, &got); err != nil {
		return listed{}, err
	}
	rows := got.Embedded.V[name].list
	out := listed{rows: len(rows)}
	for _, raw := range rows {
		r, err := decodeRecord(raw)
		if id := idOf(raw); id > 0 {
			out.order = append(out.order, id)
		}
		if err != nil {
			out.unreadable = append(out.unreadable, unreadable(raw, err))
			continue
		}
		out.records = append(out.records, r)
	}
	out.more = got.Links.V.more() && len(out.order) > 0
	return out, nil
}

// idOf returns the id of a record, 0 if it has none.
func idOf(raw json.RawMessage) int64 {
	var of struct {
		ID looseInt `json:"id"`
	}
	if json.Unmarshal(raw, &of) != nil {
		return 0
	}
	return int64(of.ID)
}

// unreadable names a record that was set aside.
func unreadable(raw json.RawMessage, why error) crmsync.Unreadable {
	u := crmsync.Unreadable{Why: why.Error()}
	if id := idOf(raw); id > 0 {
		u.ID = strconv.FormatInt(id, 10)
	}
	return u
}

// Read returns records as they are now, in the order of their ids; deleted ones and foreign ids are
// missing. A list omits hidden records as if they were deleted: only an administrator sees everything, and
// only an administrator may read users. What a list omits although we see everything is read one by one: an account may
// ignore the filter.
func (p *Portal) Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) (
	out crmsync.Reading, err error) {
	list, known := lists[kind]
	if !known {
		return out, fault.Internal(errors.New("amocrm: no such kind"))
	}
	wanted := numeric(ids)
	for chunk := range slices.Chunk(wanted, idsAtOnce) {
		query := url.Values{"filter[id][]": chunk, "order[id]": {"asc"}}
		if list.with != "" {
			query.Set("with", list.with)
		}
		got, err := p.list(ctx, list.name, query, window{1, pageSize})
		if err != nil {
			return crmsync.Reading{}, err
		}
		for _, r := range got.records {
			if !r.Deleted.is && slices.Contains(chunk, string(r.ID)) {
				out.Records = append(out.Records, r.record(kind, statusField))
			}
		}
		for _, u := range got.unreadable {
			if u.ID == "" || slices.Contains(chunk, u.ID) {
				out.Unreadable = append(out.Unreadable, u)
			}
		}
	}
	missing := slices.DeleteFunc(wanted, func(id string) bool {
		return slices.ContainsFunc(out.Records, func(r crmsync.Record) bool { return r.ID == id }) ||
			slices.ContainsFunc(out.Unreadable, func(u crmsync.Unreadable) bool { return u.ID == id })
	})
	if len(missing) == 0 {
		return out, nil
	}
	_, err = p.get(ctx, "/api/v4/users", url.Values{"limit": {"1"}}, nil)
	if fault.Is(err, fault.KindForbidden) {
		out.Hidden = missing
		return out, nil
	}
	for _, id := range missing {
		if err == nil {
			err = p.readMissing(ctx, kind, id, statusField, &out)
		}
	}
	slices.SortFunc(out.Records, func(a, b crmsync.Record) int { return compareNumeric(a.ID, b.ID) })
	return out, err
}

// readMissing reads one record that a list lacks. One that was deleted is in no part of the answer.
func (p *Portal) readMissing(ctx context.Context, kind crm.Kind, id, statusField string, out *crmsync.Reading) error {
	query := url.Values{}
	if with := lists[kind].with; with != "" {
		query.Set("with", with)
	}
	var raw json.RawMessage
	found, err := p.get(ctx, "/api/v4/"+lists[kind].name+"/"+id, query, &raw)
	switch {
	case isMissing(err), err == nil && !found:
		return nil
	case fault.Is(err, fault.KindForbidden):
		out.Hidden = append(out.Hidden, id)
		return nil
	case err != nil:
		return err
	}
	r, err := decodeRecord(raw)
	switch {
	case err != nil:
		out.Unreadable = append(out.Unreadable, crmsync.Unreadable{ID: id, Why: err.Error()})
	case string(r.ID) == id && !r.Deleted.is:
		out.Records = append(out.Records, r.record(kind, statusField))
	}
	return nil
}

// isMissing reports whether the account has nothing at an address (404).
func isMissing(err error) bool {
	what, _ := errArgs(err)["what"].(string)
	return fault.Is(err, fault.KindForbidden) && strings.HasPrefix(what, "HTTP 404")
}

func errArgs(err error) map[string]any {
	if f := fault.Of(err); f != nil {
		return f.Args
	}
	return nil
}

// numeric returns the ids that are valid in an account, without duplicates, in order.
func numeric(ids []string) []string {
	var out []string
	for _, id := range ids {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
			out = append(out, strconv.FormatInt(n, 10))
		}
	}
	slices.SortFunc(out, compareNumeric)
	return slices.Compact(out)
}

func compareNumeric(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
