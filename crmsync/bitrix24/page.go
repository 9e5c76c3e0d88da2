package bitrix24

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
)

// perList is how many records a list gives at once, and perPage how many lists a page
// has at most: a thousand records. A batch takes more, but on a large portal a list
// takes a second, and a request that takes a minute is cut; nor do those who wait for
// the database want to wait for more.
const (
	perList = 50
	perPage = 20
)

// place is where the next page begins.
type place struct {
	after int64 // the id of the last record that was given
	seen  int64 // how many were given
	total int64 // how many there are, as the portal counted them at first
}

func (at place) String() string { return fmt.Sprintf("%d-%d-%d", at.after, at.seen, at.total) }

func placeOf(written string) (at place, err error) {
	if written == "" {
		return at, nil
	}
	words := strings.Split(written, "-")
	var parts [3]int64
	if len(words) != len(parts) {
		return at, fault.Invalid("after", "invalid")
	}
	for i := range parts {
		if parts[i] = number(words[i]); parts[i] < 0 {
			return at, fault.Invalid("after", "invalid")
		}
	}
	return place{parts[0], parts[1], parts[2]}, nil
}

// number reads an id; -1 if it is none.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Page gives the next records of a kind in the order of their ids: the first page
// is one list with a count of all, each further one a batch of lists of which each
// goes on behind the last id of the one before. So ten thousand companies take eleven
// requests, and records that come and go meanwhile shift nothing.
//
// A contact's further companies stand in no classic list. crm.item.list does tell
// them, of fifty contacts at once, so each list of contacts is followed by one of
// its companies; asking crm.contact.company.items.get for each contact, as a portal
// without crm.item.list wants it, would take fifty times as many.
func (p *Portal) Page(ctx context.Context, q crmsync.Query) (crmsync.Page, error) {
	if _, known := kinds[q.Kind]; !known {
		return crmsync.Page{}, fault.Invalid("kind", "unknown")
	}
	at, err := placeOf(q.After)
	if err != nil {
		return crmsync.Page{}, err
	}
	if q.After == "" {
		return p.first(ctx, q)
	}
	return p.further(ctx, q, at)
}

// first asks for one list, and for the count.
func (p *Portal) first(ctx context.Context, q crmsync.Query) (crmsync.Page, error) {
	commands := []command{p.listing(q, place{}, "")}
	commands[0].params["start"] = 0
	if p.wantsLinks(q.Kind) {
		commands = append(commands, p.linking(q, place{}, ""))
	}
	got, err := p.lists(ctx, commands)
	if p.tooOld(err) {
		return p.first(ctx, q)
	}
	if err != nil {
		return crmsync.Page{}, err
	}
	total := max(got[0].Total, 0)
	return p.gather(ctx, q, place{total: total}, got)
}

// further asks for as many lists as are missing, as far as one batch holds them.
// The last of them is meant not to be full: only then it is known to be the last.
func (p *Portal) further(ctx context.Context, q crmsync.Query, at place) (crmsync.Page, error) {
	step := 1
	if p.wantsLinks(q.Kind) {
		step = 2
	}
	wanted := min(int64(perPage), max(0, at.total-at.seen)/perList+1)
	commands := make([]command, 0, perBatch)
	reference := ""
	for range wanted {
		commands = append(commands, p.listing(q, at, reference))
		if step == 2 {
			commands = append(commands, p.linking(q, at, reference))
		}
		reference = p.lastOf(len(commands) - step)
	}
	got, err := p.lists(ctx, commands)
	if p.tooOld(err) {
		return p.further(ctx, q, at)
	}
	if err != nil {
		return crmsync.Page{}, err
	}
	return p.gather(ctx, q, at, got)
}

// lastOf means the id of the last record of a full list, inside of a batch. Of a
// list that is not full it means nothing, and the filter that holds it is then
// empty: the list behind it begins from the start. gather stops before that.
func (p *Portal) lastOf(list int) string {
	if p.opt.Lists == Items {
		return fmt.Sprintf("$result[%s][items][%d][id]", nameOf(list), perList-1)
	}
	return fmt.Sprintf("$result[%s][%d][ID]", nameOf(list), perList-1)
}

// lists asks for lists, one alone without a batch around it.
func (p *Portal) lists(ctx context.Context, commands []command) ([]answer, error) {
	if len(commands) > 1 {
		return p.batch(ctx, commands)
	}
	got, err := p.request(ctx, p.rest, p.signer(), commands[0].method, commands[0].params)
	if err != nil {
		return nil, err
	}
	return []answer{*got}, nil
}

// listing is the list behind a place, or behind what a reference means.
func (p *Portal) listing(q crmsync.Query, at place, reference string) command {
	names := kinds[q.Kind]
	if p.opt.Lists == Items {
		// Telephones come only with everything else: fm cannot be selected.
		return command{"crm.item.list", map[string]any{"entityTypeId": names.entity, "useOriginalUfNames": "Y",
			"order": map[string]any{"id": "ASC"}, "filter": behind("id", "updatedTime", q, at, reference), "start": -1}}
	}
	return command{names.list, map[string]any{"select": fieldsOf(q.Kind, q.StatusField),
		"order": map[string]any{"ID": "ASC"}, "filter": behind("ID", "DATE_MODIFY", q, at, reference), "start": -1}}
}

// behind is the filter of a list.
func behind(id, changed string, q crmsync.Query, at place, reference string) map[string]any {
	filter := map[string]any{">" + id: strconv.FormatInt(at.after, 10)}
	if reference != "" {
		filter[">"+id] = reference
	}
	if !q.Since.IsZero() {
		filter[">="+changed] = written(q.Since)
	}
	return filter
}

// wantsLinks says whether the lists of a kind are each followed by one of links.
func (p *Portal) wantsLinks(kind crm.Kind) bool {
	return kind == crm.KindContact && p.opt.Lists == Classic && !p.noItem.Load()
}

// linking is the list of the companies of the contacts of a listing.
func (p *Portal) linking(q crmsync.Query, at place, reference string) command {
	return command{"crm.item.list", map[string]any{"entityTypeId": kinds[crm.KindContact].entity, "select": []string{"id", "companyIds"},
		"order": map[string]any{"id": "ASC"}, "filter": behind("id", "updatedTime", q, at, reference), "start": -1}}
}

// tooOld notes that the portal knows no crm.item.list: then what was asked has to
// be asked again without.
func (p *Portal) tooOld(err error) bool {
	var no *refusal
	return errors.As(err, &no) && no.method == "crm.item.list" && no.is(noMethod...) && p.opt.Lists == Classic && !p.noItem.Swap(true)
}

// gather reads the lists of a page up to the first that is not full.
func (p *Portal) gather(ctx context.Context, q crmsync.Query, at place, got []answer) (crmsync.Page, error) {
	step := 1
	if p.wantsLinks(q.Kind) {
		step = 2
	}
	page := crmsync.Page{Total: at.total}
	full := true
	for i := 0; i < len(got) && full; i += step {
		records, err := p.readRows(q.Kind, q.StatusField, got[i].Result)
		if err != nil {
			return crmsync.Page{}, err
		}
		for _, r := range records {
			n := number(r.ID)
			if n <= at.after {
				return crmsync.Page{}, senseless("a list that does not go on")
			}
			at.after = n
		}
		if step == 2 {
			if err := link(records, got[i+1].Result); err != nil {
				return crmsync.Page{}, err
			}
		}
		page.Records = append(page.Records, records...)
		full = len(records) >= perList
	}
	at.seen += int64(len(page.Records))
	page.Total = max(page.Total, at.seen)
	if full {
		page.Next = at.String()
	}
	return page, p.linkEach(ctx, q.Kind, page.Records)
}

func (p *Portal) readRows(kind crm.Kind, statusField string, result json.RawMessage) ([]crmsync.Record, error) {
	all, err := rows(result)
	if err != nil {
		return nil, err
	}
	records := make([]crmsync.Record, len(all))
	for i, raw := range all {
		if records[i], err = readRow(kind, p.opt.Lists, statusField, raw); err != nil {
			return nil, err
		}
	}
	return records, nil
}
