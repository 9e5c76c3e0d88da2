package crm

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/internal/web"
)

// Reason is what two records have in common that may be duplicates.
type Reason string

// The reasons, the strongest first.
const (
	SameNumber Reason = "number"
	SameEmail  Reason = "email"
	SameName   Reason = "name" // but for case, punctuation, legal form, and the order of a person's names
)

var reasons = [...]Reason{SameNumber, SameEmail, SameName}

// Values lists the reasons, for the API reference.
func (Reason) Values() []string { return []string{"number", "email", "name"} }

// Group is some records of a kind that may be one and the same.
type Group struct {
	Reason  Reason  `json:"reason"`
	Value   string  `json:"value"`   // the number, the e-mail, the name as the oldest of them has it
	Total   int     `json:"total"`   // how many there are
	Records []Found `json:"records"` // the oldest fifty of them
}

// DuplicateFilter chooses groups of duplicates.
type DuplicateFilter struct {
	Kind   string `query:"kind" json:"-"`   // company (the default) or contact
	Reason string `query:"reason" json:"-"` // number, email or name; all of them where it is empty
	web.Paging
}

// maxShown is how many records of a group are shown.
const maxShown = 50

// alike is a group before its records are read.
type duplicateGroup struct {
	reason Reason
	value  string
	ids    []int64
}

func (g duplicateGroup) order(other duplicateGroup) int {
	return cmp.Or(cmp.Compare(slices.Index(reasons[:], g.reason), slices.Index(reasons[:], other.reason)),
		cmp.Compare(g.value, other.value))
}

type duplicatePlace struct {
	Reason Reason `json:"reason"`
	Value  string `json:"value"`
}

// Duplicates returns a page of the groups of companies or contacts that may be one
// and the same: those with a common number first, then e-mail, then name. Groups
// are found at most once a minute in a big book, and their records read at once:
// what was merged or removed is not shown.
func (b *Records) Duplicates(ctx context.Context, f DuplicateFilter) (page web.List[Group], err error) {
	kind, err := KindOf(cmp.Or(f.Kind, KindCompany.String()))
	if err != nil || kind == KindLead {
		return page, fault.Invalid("kind", "unknown_value")
	}
	if f.Reason != "" && !slices.Contains(reasons[:], Reason(f.Reason)) {
		return page, fault.Invalid("reason", "unknown_value")
	}
	var after duplicatePlace
	if err := f.After(&after); err != nil {
		return page, err
	}
	groups, err := b.duplicates[kind].get(ctx)
	if err != nil {
		return page, err
	}
	from, found := slices.BinarySearchFunc(groups, duplicateGroup{reason: after.Reason, value: after.Value},
		duplicateGroup.order)
	if found {
		from++
	}
	groups = slices.DeleteFunc(slices.Clone(groups[from:]),
		func(g duplicateGroup) bool { return f.Reason != "" && g.reason != Reason(f.Reason) })
	cut := web.Page(groups[:min(len(groups), f.Size()+1)], f.Size(),
		func(last duplicateGroup) any { return duplicatePlace{last.reason, last.value} })
	page.NextPageToken = cut.NextPageToken
	page.Items, err = b.groups(ctx, kind, cut.Items)
	return page, err
}

// groups reads the records; a group of which but one is left is none.
func (b *Records) groups(ctx context.Context, kind Kind, list []duplicateGroup) ([]Group, error) {
	v, err := b.readingSlow(ctx)
	if err != nil {
		return nil, err
	}
	var keys []recordKey
	for _, g := range list {
		for _, id := range g.ids[:min(len(g.ids), maxShown)] {
			keys = append(keys, recordKey{kind, id})
		}
	}
	records, err := v.found(keys)
	if err != nil {
		return nil, err
	}
	groups := []Group{}
	for _, g := range list {
		one := Group{Reason: g.reason, Value: g.value, Total: len(g.ids), Records: []Found{}}
		for _, id := range g.ids[:min(len(g.ids), maxShown)] {
			if r, there := records[recordKey{kind, id}]; there {
				one.Records = append(one.Records, r)
			} else {
				one.Total--
			}
		}
		if len(one.Records) < 2 {
			continue
		}
		if g.reason == SameName {
			one.Value = one.Records[0].Name
		}
		groups = append(groups, one)
	}
	return groups, nil
}

// findAlike finds all groups of a kind. Numbers are found by their index. E-mails
// and names are read once and compared by their hashes: 16 bytes for each.
func (b *Records) findDuplicates(ctx context.Context, kind Kind) ([]duplicateGroup, error) {
	tx := b.db.ReadSlow(ctx)
	groups, err := findSharedNumbers(tx, kind)
	if err != nil {
		return nil, err
	}
	for _, by := range []comparison{
		{SameEmail, func(see func(int64, string)) error { return emailsOfKind(tx, kind, see) },
			func(ids []int64, see func(int64, string)) error { return liveEmails(tx, kind, ids, see) }, store.Fold},
		{SameName, func(see func(int64, string)) error { return eachName(tx, kind, see) },
			func(ids []int64, see func(int64, string)) error { return liveNames(tx, kind, ids, see) },
			func(name string) string { return nameKey(kind, name) }},
	} {
		more, err := by.groups()
		if err != nil {
			return nil, err
		}
		groups = append(groups, more...)
	}
	slices.SortFunc(groups, duplicateGroup.order)
	return groups, nil
}

// likeness is a text by which records are compared.
type comparison struct {
	reason Reason
	all    func(see func(id int64, text string)) error              // of removed records too
	live   func(ids []int64, see func(id int64, text string)) error // of these records, as far as they are there
	// what two spellings have in common; "" is like none
	key func(text string) string
}

// groups gathers the records that have the same text.
func (l comparison) groups() ([]duplicateGroup, error) {
	type seen struct {
		hash uint64
		id   int64
	}
	var all []seen
	seed := maphash.MakeSeed()
	err := l.all(func(id int64, text string) {
		if key := l.key(text); key != "" {
			all = append(all, seen{maphash.String(seed, key), id})
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b seen) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.id, b.id)) })
	all = slices.Compact(all)
	var common []int64
	for i, s := range all {
		if i > 0 && all[i-1].hash == s.hash || i+1 < len(all) && all[i+1].hash == s.hash {
			common = append(common, s.id)
		}
	}
	// The texts themselves are wanted of few: they are read again.
	byKey := map[string]*duplicateGroup{}
	slices.Sort(common)
	for part := range slices.Chunk(slices.Compact(common), 1000) {
		err := l.live(part, func(id int64, text string) {
			key := l.key(text)
			if byKey[key] == nil {
				byKey[key] = &duplicateGroup{reason: l.reason, value: key}
			}
			if g := byKey[key]; len(g.ids) == 0 || g.ids[len(g.ids)-1] != id { // they come by id
				g.ids = append(g.ids, id)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	groups := make([]duplicateGroup, 0, len(byKey))
	for key, g := range byKey {
		if key != "" && len(g.ids) > 1 {
			groups = append(groups, *g)
		}
	}
	return groups, nil
}

// nameKey returns what two spellings of a name have in common: its words in one order, for a company without its legal
// form.
func nameKey(kind Kind, name string) string {
	if kind == KindCompany {
		name = text.WithoutLegalForm(strings.ToUpper(name))
	}
	words := strings.FieldsFunc(store.Fold(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// sharedWithin finds the numbers that several records of a kind have.
func findSharedNumbers(tx *store.Tx, kind Kind) ([]duplicateGroup, error) {
	rows, err := sharedRows(tx, kind)
	if err != nil {
		return nil, err
	}
	var groups []duplicateGroup
	for i, r := range rows {
		if i == 0 || rows[i-1].Key != r.Key {
			groups = append(groups, duplicateGroup{reason: SameNumber, value: fmt.Sprintf("+%d", r.Key)})
		}
		g := &groups[len(groups)-1]
		g.ids = append(g.ids, r.ID)
	}
	return groups, nil
}
