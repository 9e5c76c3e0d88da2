package bitrix24

import (
	"cmp"
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/crmsync"
)

// all gives every row of a short list: users, departments, directories. It asks for
// the first fifty with a count, then for the rest in batches.
func (p *Portal) all(ctx context.Context, c command) (list[json.RawMessage], error) {
	got, err := p.request(ctx, p.rest, p.signer(), c.method, c.params)
	if err != nil {
		return nil, err
	}
	found, err := rows(got.Result)
	if err != nil || got.Next == 0 {
		return found, err
	}
	for start := got.Next; start < got.Total; {
		var commands []command
		for ; start < got.Total && len(commands) < perBatch; start += perList {
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

// entry is a row of crm.status.list.
type entry struct {
	Directory text      `json:"ENTITY_ID"`
	Value     text      `json:"STATUS_ID"`
	Name      text      `json:"NAME"`
	Semantics text      `json:"SEMANTICS"` // S or F; nothing for what is in process
	Extra     dict[any] `json:"EXTRA"`
}

// directory gives the entries of a directory, in its order.
func (p *Portal) directory(ctx context.Context, name string) ([]entry, error) {
	found, err := p.all(ctx, command{"crm.status.list", map[string]any{
		"order": map[string]any{"SORT": "ASC"}, "filter": map[string]any{"ENTITY_ID": name}}})
	if err != nil {
		return nil, err
	}
	return readAll[entry](found)
}

func readAll[T any](found list[json.RawMessage]) ([]T, error) {
	read := make([]T, len(found))
	for i, raw := range found {
		if err := json.Unmarshal(raw, &read[i]); err != nil {
			return nil, crmsync.NotUnderstood(err)
		}
	}
	return read, nil
}

// Stages gives the stages of leads, from the directory STATUS.
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

// stage gives ours for it: NEW and CONVERTED are every portal's, the others say
// what they mean.
func (e *entry) stage() string {
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

// label is a name, or names by language, of which any will do.
type label string

// UnmarshalJSON takes both.
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

// StatusFields gives the user fields of companies with a list of values: entries of
// a directory (crm_status), or a list of their own (enumeration).
func (p *Portal) StatusFields(ctx context.Context) ([]crmsync.StatusField, error) {
	found, err := p.all(ctx, command{"crm.company.userfield.list", map[string]any{
		"order": map[string]any{"SORT": "ASC"}, "filter": map[string]any{"LANG": p.opt.Language}}})
	if err != nil {
		return nil, err
	}
	fields, err := readAll[userField](found)
	if err != nil {
		return nil, err
	}
	var out []crmsync.StatusField
	for _, f := range fields {
		field := crmsync.StatusField{Code: string(f.Code), Name: cmp.Or(string(f.Label), string(f.Column), string(f.Code))}
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

// entriesOf gives the entries of the directory that a field's settings name.
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
