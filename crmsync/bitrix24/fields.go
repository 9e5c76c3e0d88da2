package bitrix24

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/crmsync"
)

// listAll returns every row of a short list: users, departments, directories. It reads the first fifty with
// a count, then the rest in batches.
func (p *Portal) listAll(ctx context.Context, c command) (list[json.RawMessage], error) {
	got, err := p.request(ctx, p.rest, p.signer(), c.method, c.params)
	if err != nil {
		return nil, err
	}
	found, err := rows(got.Result)
	if err != nil || len(found) == 0 {
		return found, err
	}
	start, total := int64(got.Next), int64(got.Total)
	switch {
	case start > 0 && total > start:
	case total > int64(len(found)), len(found) >= perList: // not every list has its next, and a true total
		return p.listOn(ctx, c, found)
	default:
		return found, nil
	}
	for start < total {
		var commands []command
		for ; start < total && len(commands) < perBatch; start += perList {
			params := map[string]any{"start": start}
			for key, value := range c.params {
				params[key] = value
			}
			commands = append(commands, command{c.method, params})
		}
		answers, err := p.batch(ctx, commands)
		if err != nil {
			return nil, err
		}
		for _, each := range answers {
			more, err := rows(each.Result)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	return found, nil
}

// listOn reads the rest of a list that does not say where its next page begins, until a page brings nothing new.
func (p *Portal) listOn(ctx context.Context, c command, found list[json.RawMessage]) (list[json.RawMessage], error) {
	const most = 1000 // pages
	for range most {
		params := map[string]any{"start": len(found)}
		for key, value := range c.params {
			params[key] = value
		}
		got, err := p.request(ctx, p.rest, p.signer(), c.method, params)
		if err != nil {
			return nil, err
		}
		more, err := rows(got.Result)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 || slices.ContainsFunc(found, func(raw json.RawMessage) bool {
			return bytes.Equal(raw, more[0])
		}) {
			return found, nil
		}
		if found = append(found, more...); len(more) < perList {
			return found, nil
		}
	}
	return found, nil
}

// directoryEntry is a row of crm.status.list.
type directoryEntry struct {
	Directory text      `json:"ENTITY_ID"`
	Value     text      `json:"STATUS_ID"`
	Name      text      `json:"NAME"`
	Semantics text      `json:"SEMANTICS"` // S or F; empty while in process
	Extra     dict[any] `json:"EXTRA"`
}

// directory returns the entries of a directory, in its order.
func (p *Portal) directory(ctx context.Context, name string) ([]directoryEntry, error) {
	found, err := p.listAll(ctx, command{"crm.status.list", map[string]any{
		"order": map[string]any{"SORT": "ASC"}, "filter": map[string]any{"ENTITY_ID": name}}})
	if err != nil {
		return nil, err
	}
	return decodeAll[directoryEntry](found), nil
}

// decodeAll decodes the rows of a short list; one that cannot be understood is left out.
func decodeAll[T any](found list[json.RawMessage]) (read []T) {
	for _, raw := range found {
		var row T
		if bytes.HasPrefix(raw, []byte("{")) && json.Unmarshal(raw, &row) == nil {
			read = append(read, row)
		}
	}
	return read
}

// Stages returns the stages of leads, from the directory STATUS.
func (p *Portal) Stages(ctx context.Context) ([]crmsync.Stage, error) {
	entries, err := p.directory(ctx, "STATUS")
	if err != nil {
		return nil, err
	}
	stages := make([]crmsync.Stage, len(entries))
	for i, e := range entries {
		stages[i] = crmsync.Stage{Value: string(e.Value), Name: string(e.Name), Stage: e.stage()}
	}
	return stages, nil
}

// stage returns our equivalent: every portal has NEW and CONVERTED, the others carry their meaning.
func (e *directoryEntry) stage() string {
	extra, _ := e.Extra["SEMANTICS"].(string)
	switch cmp.Or(string(e.Semantics), extra) {
	case "S", "success":
		return crm.StageConverted
	case "F", "failure", "apology":
		return crm.StageFailed
	}
	switch e.Value {
	case "NEW":
		return crm.StageNew
	case "CONVERTED":
		return crm.StageConverted
	case "JUNK":
		return crm.StageFailed
	}
	return crm.StageInProcess
}

// userField is a row of crm.company.userfield.list.
type userField struct {
	Code     text      `json:"FIELD_NAME"`
	Type     text      `json:"USER_TYPE_ID"`
	Label    label     `json:"EDIT_FORM_LABEL"`
	Column   label     `json:"LIST_COLUMN_LABEL"`
	Settings dict[any] `json:"SETTINGS"`
	Sort     text      `json:"SORT"`
	List     list[struct {
		ID    text `json:"ID"`
		Value text `json:"VALUE"`
	}] `json:"LIST"`
}

// label is a name, or names by language, of which any is used.
type label string

// UnmarshalJSON accepts both.
func (l *label) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return (*text)(l).UnmarshalJSON(raw)
	}
	var by dict[text]
	if err := json.Unmarshal(raw, &by); err != nil {
		return err
	}
	*l = label(cmp.Or(by["ru"], by["en"]))
	for _, name := range by {
		*l = cmp.Or(*l, label(name))
	}
	return nil
}

// StatusFields returns the user fields of companies that have a list of values: entries of a directory
// (crm_status) or a list of their own (enumeration).
func (p *Portal) StatusFields(ctx context.Context) ([]crmsync.StatusField, error) {
	found, err := p.listAll(ctx, command{"crm.company.userfield.list", map[string]any{
		"order": map[string]any{"SORT": "ASC"}, "filter": map[string]any{"LANG": p.opt.Language}}})
	if err != nil {
		return nil, err
	}
	var out []crmsync.StatusField
	for _, f := range decodeAll[userField](found) {
		field := crmsync.StatusField{
			Code: string(f.Code),
			Name: cmp.Or(string(f.Label), string(f.Column), string(f.Code)),
		}
		switch f.Type {
		case "crm_status":
			if field.Entries, err = p.entriesOf(ctx, f.Settings); err != nil {
				return nil, err
			}
		case "enumeration":
			for _, e := range f.List {
				field.Entries = append(field.Entries, crmsync.Entry{Value: e.ID.id(), Name: string(e.Value)})
			}
		default:
			continue
		}
		out = append(out, field)
	}
	return out, nil
}

// entriesOf returns the entries of the directory named in a field's settings.
func (p *Portal) entriesOf(ctx context.Context, settings dict[any]) ([]crmsync.Entry, error) {
	name, _ := settings["ENTITY_TYPE"].(string)
	if name == "" {
		return nil, nil
	}
	entries, err := p.directory(ctx, name)
	out := make([]crmsync.Entry, len(entries))
	for i, e := range entries {
		out[i] = crmsync.Entry{Value: string(e.Value), Name: string(e.Name)}
	}
	return out, err
}
