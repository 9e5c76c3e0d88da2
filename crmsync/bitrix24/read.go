package bitrix24

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/phone"
)

// Read returns records as they are now, in the order of their ids; a list holds fifty, and a batch as many
// lists as a page. A list omits deleted and hidden records alike, and sometimes others, so what it omits is read one by
// one.
func (p *Portal) Read(ctx context.Context, kind crm.Kind, ids []string, statusField string) (
	got crmsync.Reading, err error) {
	if _, known := kinds[kind]; !known {
		return got, fault.Invalid("kind", "unknown")
	}
	wanted := make([]int64, 0, len(ids))
	for _, id := range ids {
		if n := parseID(id); n > 0 { // other ids cannot exist here
			wanted = append(wanted, n)
		}
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	for some := range slices.Chunk(wanted, perList*perPage) {
		if err := p.readBatch(ctx, kind, some, statusField, &got); err != nil {
			return crmsync.Reading{}, err
		}
	}
	missing := slices.DeleteFunc(wanted, func(id int64) bool {
		return slices.ContainsFunc(got.Records, func(r crmsync.Record) bool { return parseID(r.ID) == id }) ||
			slices.ContainsFunc(got.Unreadable, func(u crmsync.Unreadable) bool { return parseID(u.ID) == id })
	})
	if err := p.readMissing(ctx, kind, missing, statusField, &got); err != nil {
		return crmsync.Reading{}, err
	}
	slices.SortFunc(got.Records, func(a, b crmsync.Record) int { return cmp.Compare(parseID(a.ID), parseID(b.ID)) })
	return got, nil
}

// readMissing reads, one by one, records that the lists lack: those that were deleted are in no part of the answer.
func (p *Portal) readMissing(ctx context.Context, kind crm.Kind, ids []int64, statusField string,
	out *crmsync.Reading) error {
	for some := range slices.Chunk(ids, perBatch) {
		commands := make([]command, len(some))
		for i, id := range some {
			commands[i] = p.getCommand(kind, id)
		}
		got, err := p.runBatch(ctx, commands, false)
		if err != nil {
			return err
		}
		for i, id := range some {
			failed, refused := got.Errors[commandName(i)]
			no := failed.refusal(commands[i].method, got.Times[commandName(i)])
			switch {
			case refused && failed.matches("NOT_FOUND", "not found"):
			case refused && (no.is(noMethod...) || no.is(noRight...) || no.is(tokenExpired...) || no.is(signedOut...)):
				no.message = p.mask(no.message, "")
				return no.fault()
			case refused: // hidden, or odd in a way of its own: it is not gone
				out.Hidden = append(out.Hidden, strconv.FormatInt(id, 10))
			default:
				p.takeMissing(kind, id, statusField, got.Result[commandName(i)], out)
			}
		}
	}
	return p.completeCompanies(ctx, kind, out.Records)
}

// takeMissing takes a record that the lists lack and that is returned by itself.
func (p *Portal) takeMissing(kind crm.Kind, id int64, statusField string, raw json.RawMessage, out *crmsync.Reading) {
	var in struct {
		Item json.RawMessage `json:"item"`
	}
	if p.opt.Lists == Items && json.Unmarshal(raw, &in) == nil {
		raw = in.Item
	}
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "[]" {
		out.Hidden = append(out.Hidden, strconv.FormatInt(id, 10))
		return
	}
	r, _, err := p.decodeRecord(kind, statusField, raw)
	if err != nil || parseID(r.ID) != id {
		out.Unreadable = append(out.Unreadable, unreadable(id, cmp.Or(err, errOddValue)))
		return
	}
	if p.needsCompanyList(kind) {
		r.Unknown |= crmsync.UnknownCompanies
	}
	out.Records = append(out.Records, r)
}

// getCommand reads one record. For a deleted one the portal answers "Not found" or NOT_FOUND, for a hidden
// one "Access denied" or ACCESS_DENIED: the older methods have the text only.
func (p *Portal) getCommand(kind crm.Kind, id int64) command {
	if p.opt.Lists == Items {
		return command{"crm.item.get", map[string]any{"entityTypeId": kinds[kind].entity, "id": id}}
	}
	return command{kinds[kind].get, map[string]any{"id": id}}
}

// readBatch reads as many records as fit into one batch.
func (p *Portal) readBatch(ctx context.Context, kind crm.Kind, ids []int64, statusField string,
	out *crmsync.Reading) error {
	q := crmsync.Query{Kind: kind, StatusField: statusField}
	links := p.needsCompanyList(kind)
	var commands []command
	for from := 0; from < len(ids); from += perList {
		some := ids[from:min(from+perList, len(ids))]
		commands = append(commands, restrictToIDs(p.listCommand(q, cursor{}, ""), some))
		if links {
			commands = append(commands, restrictToIDs(p.companyListCommand(q, cursor{}, ""), some))
		}
	}
	got, err := p.runLists(ctx, commands)
	if p.lacksItemList(err) {
		return p.readBatch(ctx, kind, ids, statusField, out)
	}
	if err != nil {
		return err
	}
	var records []crmsync.Record
	for i := 0; i < len(got); i++ {
		var list decoded
		if len(got[i].Result) > 0 || i == 0 { // what a missing result would hold is read one by one
			if list, err = p.decodeRecords(kind, statusField, got[i].Result); err != nil {
				return err
			}
		}
		if links {
			i++
			addCompanies(list.records, got[i].Result)
		}
		records = append(records, onlyRequested(list.records, ids)...)
		for _, u := range list.unreadable {
			if _, asked := slices.BinarySearch(ids, parseID(u.ID)); asked || u.ID == "" {
				out.Unreadable = append(out.Unreadable, u)
			}
		}
	}
	if err := p.completeCompanies(ctx, kind, records); err != nil {
		return err
	}
	out.Records = append(out.Records, records...)
	return nil
}

// onlyRequested drops records that were not asked for.
func onlyRequested(records []crmsync.Record, ids []int64) []crmsync.Record {
	return slices.DeleteFunc(records, func(r crmsync.Record) bool {
		_, asked := slices.BinarySearch(ids, parseID(r.ID))
		return !asked
	})
}

// restrictToIDs restricts a list to some ids.
func restrictToIDs(c command, ids []int64) command {
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

// Find returns the records that the portal finds by a number. It compares numbers by its own rules, which
// ignore an extension. Each kind is searched by itself: a kind with twenty matches would hide those of the
// next ones.
func (p *Portal) Find(ctx context.Context, n phone.Number) ([]crmsync.Ref, error) {
	values := numberForms(n)
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
		if err := got[i].decode(&found); err != nil {
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
	shown, err := p.searchForCard(ctx, values[0])
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

// searchForCard returns the records that the portal would show on its own card of a call with this number;
// only an application with the right to telephony may ask.
func (p *Portal) searchForCard(ctx context.Context, number string) (refs []crmsync.Ref, err error) {
	var found list[struct {
		Kind text `json:"CRM_ENTITY_TYPE"`
		ID   text `json:"CRM_ENTITY_ID"`
	}]
	err = p.call(ctx, "telephony.externalCall.searchCrmEntities", map[string]any{"PHONE_NUMBER": number}, &found)
	var refused *refusal
	if errors.As(err, &refused) && refused.is("insufficient_scope", "ERROR_METHOD_NOT_FOUND", wrongAuthType) {
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

// numberForms returns the forms in which a number may be entered in the portal and which its own rules do
// not match: +7 and 8 in Russia, the number without its country code.
func numberForms(n phone.Number) []string {
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
