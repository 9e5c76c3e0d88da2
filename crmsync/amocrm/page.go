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

// Bounds of lists: what an account gives at once, how many records are asked for
// by their ids in one address, and how many pages are looked at to find the next.
const (
	pageSize     = 250
	smallestPage = 125
	idsAtOnce    = 100
	mostLooks    = 50
)

var (
	errOrder = errors.New("amocrm: a list is not in the order of ids")
	errStuck = errors.New("amocrm: a list does not go on")
)

// lists says where the records of a kind are, and what has to be asked for with
// them. A contact and a lead carry their companies always.
var lists = map[crm.Kind]struct{ name, with string }{
	crm.KindCompany: {"companies", ""},
	crm.KindContact: {"contacts", ""},
	crm.KindLead:    {"leads", "contacts"},
}

// Page gives the next records of a kind in the order of their ids.
//
// An account pages by numbers only: page 3 of 100 is what stands at the places 200
// to 299 now. A record that is removed meanwhile moves all after it one place up,
// and one that stood at the beginning of the next page would be missed. So each
// page overlaps the one before by at least a record, and After remembers how far we
// came and the last id: a page that begins after that id says that something moved,
// and we go back until one begins before it. What was given already is left out.
func (p *Portal) Page(ctx context.Context, q crmsync.Query) (crmsync.Page, error) {
	list, known := lists[q.Kind]
	if !known {
		return crmsync.Page{}, fault.Internal(errors.New("amocrm: no such kind"))
	}
	came, err := readPlace(q.After)
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
	return p.goOn(ctx, q, list.name, query, came)
}

// goOn finds the page on which what follows a place begins, and gives what is new
// on it. Usually that is where the place says. If not, it goes back faster and
// faster until a page begins early enough, then halves what is left.
func (p *Portal) goOn(ctx context.Context, q crmsync.Query, name string, query url.Values, came place) (crmsync.Page, error) {
	low, high, back := 0, came.count, smallestPage-1
	count := came.count
	for range mostLooks {
		w := windowAt(count)
		got, err := p.list(ctx, name, query, w)
		if err != nil {
			return crmsync.Page{}, err
		}
		end := w.offset() + len(got.records)
		switch {
		case w.offset() > 0 && (len(got.records) == 0 || got.records[0].number() > came.last):
			high = w.offset()
		case got.more && got.records[len(got.records)-1].number() <= came.last:
			low = end
		default:
			return page(q, got, end, came), nil
		}
		if count = (low + high) / 2; low == 0 {
			count = max(0, high-back)
			back *= 2
		}
	}
	return crmsync.Page{}, crmsync.NotUnderstood(errStuck)
}

// page makes the answer of a list that overlaps what was given before and reaches
// up to a place of the account's list.
func page(q crmsync.Query, got listed, end int, came place) crmsync.Page {
	out := crmsync.Page{Total: -1}
	for _, r := range got.records {
		if r.number() > came.last && !r.Deleted {
			out.Records = append(out.Records, r.record(q.Kind, q.StatusField))
		}
	}
	if got.more {
		out.Next = place{end, got.records[len(got.records)-1].number()}.String()
	}
	return out
}

// place is how far a list was read: how many records stood up to here, and the
// last one's id.
type place struct {
	count int
	last  int64
}

func (p place) String() string {
	return strconv.Itoa(p.count) + "-" + strconv.FormatInt(p.last, 10)
}

func readPlace(after string) (place, error) {
	if after == "" {
		return place{}, nil
	}
	count, last, _ := strings.Cut(after, "-")
	n, wrong := strconv.Atoi(count)
	id, wrongID := strconv.ParseInt(last, 10, 64)
	if err := errors.Join(wrong, wrongID); err != nil || n < 0 || id < 0 {
		return place{}, fault.Invalid("after", "unreadable").Because(err)
	}
	return place{n, id}, nil
}

// window is a page of a list.
type window struct{ number, size int }

func (w window) offset() int { return (w.number - 1) * w.size }

// windowAt gives the page that begins before the given place and reaches
// furthest behind it: pages lie at multiples of their size only, so the size varies.
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
	more    bool // the account says that there is a next page
}

// theirPage is a page as the account gives it.
type theirPage struct {
	Links    loose[theirLinks]               `json:"_links"`
	Embedded loose[map[string][]theirRecord] `json:"_embedded"`
}

// theirLinks say whether there is a next page. Its address is never followed.
type theirLinks struct {
	Next *struct {
		Href string `json:"href"`
	} `json:"next"`
}

// list reads one page. The order of ids is checked: what relies on it would miss
// records without a word.
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

// Read gives records as they are now, in the order of their ids; what is gone, or
// not an id of the account, is missing. A list leaves out what we may not see as if
// it were gone: only an administrator sees everything, and the account tells its
// users to nobody else.
func (p *Portal) Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) (out []crmsync.Record, hidden []string, err error) {
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

// numeric gives the ids that can be one of an account's, each once, in order.
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
