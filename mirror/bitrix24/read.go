package bitrix24

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/fault"
	"callhue/mirror"
	"callhue/phone"
)

// Read gives records as they are now, in the order of their ids; fifty stand in
// one list, and as many lists in one batch as a page has.
func (p *Portal) Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) ([]mirror.Record, error) {
	if _, known := kinds[kind]; !known {
		return nil, fault.Invalid("kind", "unknown")
	}
	wanted := make([]int64, 0, len(ids))
	for _, id := range ids {
		if n := number(id); n > 0 { // of another's id there is no record
			wanted = append(wanted, n)
		}
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	var records []mirror.Record
	for len(wanted) > 0 {
		some := min(len(wanted), perList*perPage)
		got, err := p.read(ctx, kind, wanted[:some], statusField)
		if err != nil {
			return nil, err
		}
		records, wanted = append(records, got...), wanted[some:]
	}
	return records, nil
}

// read reads as many as fit into one batch.
func (p *Portal) read(ctx context.Context, kind crm.Kind, ids []int64, statusField string) ([]mirror.Record, error) {
	q := mirror.Query{Kind: kind, StatusField: statusField}
	links := p.wantsLinks(kind)
	var commands []command
	for from := 0; from < len(ids); from += perList {
		some := ids[from:min(from+perList, len(ids))]
		commands = append(commands, only(p.listing(q, place{}, ""), some))
		if links {
			commands = append(commands, only(p.linking(q, place{}, ""), some))
		}
	}
	got, err := p.lists(ctx, commands)
	if p.tooOld(err) {
		return p.read(ctx, kind, ids, statusField)
	}
	if err != nil {
		return nil, err
	}
	var records []mirror.Record
	for i := 0; i < len(got); i++ {
		some, err := p.readRows(kind, statusField, got[i].Result)
		if err != nil {
			return nil, err
		}
		if links {
			i++
			if err := link(some, got[i].Result); err != nil {
				return nil, err
			}
		}
		records = append(records, wantedOnly(some, ids)...)
	}
	return records, p.linkEach(ctx, kind, records)
}

// wantedOnly leaves out what was not asked for.
func wantedOnly(records []mirror.Record, ids []int64) []mirror.Record {
	return slices.DeleteFunc(records, func(r mirror.Record) bool {
		_, asked := slices.BinarySearch(ids, number(r.ID))
		return !asked
	})
}

// only narrows a list down to some ids.
func only(c command, ids []int64) command {
	key := "@ID"
	if c.method == "crm.item.list" {
		key = "@id"
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	c.params["filter"] = map[string]any{key: words}
	return c
}

// Find gives the records that the portal finds by a number. It compares numbers by
// rules of its own, which ignore an extension. Each kind is asked for by itself: of
// one with twenty records the answer would keep those of the next ones back.
func (p *Portal) Find(ctx context.Context, n phone.Number) ([]mirror.Ref, error) {
	values := spellings(n)
	if len(values) == 0 {
		return nil, nil
	}
	order := []crm.Kind{crm.KindCompany, crm.KindContact, crm.KindLead}
	commands := make([]command, len(order))
	for i, kind := range order {
		commands[i] = command{"crm.duplicate.findbycomm", map[string]any{
			"type": "PHONE", "values": values, "entity_type": kinds[kind].code}}
	}
	got, err := p.batch(ctx, commands)
	if err != nil {
		return nil, err
	}
	var refs []mirror.Ref
	for i, kind := range order {
		var found dict[list[text]]
		if err := got[i].read(&found); err != nil {
			return nil, err
		}
		for _, id := range found[kinds[kind].code] {
			if id.id() != "" {
				refs = append(refs, mirror.Ref{Kind: kind, ID: id.id()})
			}
		}
	}
	if p.opt.Webhook != "" {
		return refs, nil
	}
	shown, err := p.search(ctx, values[0])
	if err != nil {
		return nil, err
	}
	for _, r := range shown {
		if !slices.Contains(refs, r) {
			refs = append(refs, r)
		}
	}
	return refs, nil
}

// search gives the records that the portal would show on its own card of a call with
// this number; only an application may ask, and only one with the right to telephony.
func (p *Portal) search(ctx context.Context, number string) (refs []mirror.Ref, err error) {
	var found list[struct {
		Kind text `json:"CRM_ENTITY_TYPE"`
		ID   text `json:"CRM_ENTITY_ID"`
	}]
	err = p.ask(ctx, "telephony.externalCall.searchCrmEntities", map[string]any{"PHONE_NUMBER": number}, &found)
	var no *refusal
	if errors.As(err, &no) && no.is("insufficient_scope", "ERROR_METHOD_NOT_FOUND", wrongAuthType) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		for kind, is := range kinds {
			if string(f.Kind) == is.code && f.ID.id() != "" {
				refs = append(refs, mirror.Ref{Kind: kind, ID: f.ID.id()})
			}
		}
	}
	return refs, nil
}

// spellings are the ways in which a number may stand in the portal, for what its
// own rules do not bring together: +7 and 8 in Russia, the number without its
// country.
func spellings(n phone.Number) []string {
	switch {
	case n.Kind == phone.External:
		digits := strconv.FormatInt(n.E164, 10)
		all := []string{"+" + digits, digits}
		if national, ok := strings.CutPrefix(digits, "7"); ok && len(national) == 10 {
			all = append(all, "8"+national, national)
		}
		return all
	case n.Kind == phone.Invalid && n.Digits != 0:
		return []string{strconv.FormatInt(n.Digits, 10)}
	}
	return nil
}
