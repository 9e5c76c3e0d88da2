package bitrix24

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/phone"
)

// Read gives records as they are now, in the order of their ids; fifty stand in
// one list, and as many lists in one batch as a page has. A list leaves out what is
// gone and what we may not see alike: what it leaves out is asked for by itself.
func (p *Portal) Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) ([]crmsync.Record, []string, error) {
	if _, known := kinds[kind]; !known {
		return nil, nil, fault.Invalid("kind", "unknown")
	}
	wanted := make([]int64, 0, len(ids))
	for _, id := range ids {
		if n := number(id); n > 0 { // of another's id there is no record
			wanted = append(wanted, n)
		}
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	var records []crmsync.Record
	for some := range slices.Chunk(wanted, perList*perPage) {
		got, err := p.read(ctx, kind, some, statusField)
		if err != nil {
			return nil, nil, err
		}
		records = append(records, got...)
	}
	missing := slices.DeleteFunc(wanted, func(id int64) bool {
		return slices.ContainsFunc(records, func(r crmsync.Record) bool { return number(r.ID) == id })
	})
	hidden, err := p.hidden(ctx, kind, missing)
	return records, hidden, err
}

// hidden gives those of some records, which no list shows, that are not gone.
func (p *Portal) hidden(ctx context.Context, kind crm.Kind, ids []int64) (hidden []string, err error) {
	for some := range slices.Chunk(ids, perBatch) {
		commands := make([]command, len(some))
		for i, id := range some {
			commands[i] = p.getting(kind, id)
		}
		got, err := p.each(ctx, commands, false)
		if err != nil {
			return nil, err
		}
		for i, id := range some {
			failed, refused := got.Errors[nameOf(i)]
			switch {
			case refused && failed.says("NOT_FOUND", "not found"):
			case !refused, failed.says("ACCESS_DENIED", "access denied"):
				hidden = append(hidden, strconv.FormatInt(id, 10))
			default:
				failed.words = p.mask(failed.words, "")
				return nil, failed.refusal(commands[i].method, got.Times[nameOf(i)]).fault()
			}
		}
	}
	return hidden, nil
}

// getting asks for one record. Of one that is gone the portal says "Not found" or
// NOT_FOUND, of one that we may not see "Access denied" or ACCESS_DENIED: the older
// methods have the words alone.
func (p *Portal) getting(kind crm.Kind, id int64) command {
	if p.opt.Lists == Items {
		return command{"crm.item.get", map[string]any{"entityTypeId": kinds[kind].entity, "id": id}}
	}
	return command{kinds[kind].get, map[string]any{"id": id}}
}

// read reads as many as fit into one batch.
func (p *Portal) read(ctx context.Context, kind crm.Kind, ids []int64, statusField string) ([]crmsync.Record, error) {
	q := crmsync.Query{Kind: kind, StatusField: statusField}
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
	var records []crmsync.Record
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
func wantedOnly(records []crmsync.Record, ids []int64) []crmsync.Record {
	return slices.DeleteFunc(records, func(r crmsync.Record) bool {
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
func (p *Portal) Find(ctx context.Context, n phone.Number) ([]crmsync.Ref, error) {
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
	var refs []crmsync.Ref
	for i, kind := range order {
		var found dict[list[text]]
		if err := got[i].read(&found); err != nil {
			return nil, err
		}
		for _, id := range found[kinds[kind].code] {
			if id.id() != "" {
				refs = append(refs, crmsync.Ref{Kind: kind, ID: id.id()})
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
func (p *Portal) search(ctx context.Context, number string) (refs []crmsync.Ref, err error) {
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
				refs = append(refs, crmsync.Ref{Kind: kind, ID: f.ID.id()})
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
