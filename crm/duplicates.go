package crm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// Reason is what two records have in common that may be duplicates.
type Reason string

// The reasons, the strongest first.
const (
	SameNumber Reason = "number"
	SameEmail  Reason = "email"
	SameName   Reason = "name"   // but for case, punctuation, legal form, and the order of words
	SameDomain Reason = "domain" // of e-mail addresses: it confirms other reasons and is none by itself
)

// Values lists the reasons, for the API reference.
func (Reason) Values() []string { return []string{"number", "email", "name", "domain"} }

// sortOf returns the keys of a reason, 0 for none.
func (r Reason) sort() keySort {
	switch r {
	case SameNumber:
		return keyNumber
	case SameEmail:
		return keyEmail
	case SameName:
		return keyName
	}
	return 0
}

// Group is some records that may be one and the same: of one kind, or leads with the contacts and companies that have
// their number or e-mail.
type Group struct {
	Reason  Reason       `json:"reason"`
	Value   string       `json:"value"`   // the number, the e-mail, the name as the first of them has it
	Reasons []CommonSign `json:"reasons"` // all that they have in common, the strongest first
	Total   int          `json:"total"`   // how many there are
	Records []Found      `json:"records"` // the oldest fifty of them
}

// CommonSign is what records of a group have in common.
type CommonSign struct {
	Reason Reason `json:"reason"`
	Value  string `json:"value"`
	All    bool   `json:"all"` // false: only some of the records
}

// DuplicateFilter chooses groups of duplicates.
type DuplicateFilter struct {
	Kind   string `query:"kind" json:"-"`   // company (the default), contact or lead
	Reason string `query:"reason" json:"-"` // number, email or name; all of them where it is empty
	web.Paging
}

// duplicatePlace is where a page ended.
type duplicatePlace struct {
	Strength int     `json:"strength"`
	Sort     keySort `json:"sort"`
	Value    int64   `json:"value"`
}

// Duplicates returns a page of the groups of records that may be one and the same: those with several signs first, then
// those with a common number, e-mail, name. With a reason it returns all groups that have it. What was written a moment
// ago is waited for; what was written in bulk comes later (Quality.Pending).
func (b *Records) Duplicates(ctx context.Context, f DuplicateFilter) (page web.List[Group], err error) {
	kind, err := KindOf(cmp.Or(f.Kind, KindCompany.String()))
	if err != nil {
		return page, fault.Invalid("kind", "unknown_value")
	}
	sort := Reason(f.Reason).sort()
	if f.Reason != "" && (sort == 0 || sort == keyName && kind == KindLead) {
		return page, fault.Invalid("reason", "unknown_value")
	}
	var after duplicatePlace
	if err := f.After(&after); err != nil {
		return page, err
	}
	if err := b.awaitFollower(ctx); err != nil {
		return page, err
	}
	v, err := b.readingSlow(ctx)
	if err != nil {
		return page, err
	}
	var rows []groupRow
	if sort == 0 {
		rows, err = groupsInOrder(v.tx, kind, after, f.Size()+1)
	} else {
		rows, err = groupsOfSort(v.tx, kind, sort, after.Value, f.Size()+1)
	}
	if err != nil {
		return page, err
	}
	cut := web.Page(rows, f.Size(), func(last groupRow) any {
		return duplicatePlace{last.Strength, last.Sort, last.Value}
	})
	page.NextPageToken = cut.NextPageToken
	page.Items, err = v.groups(cut.Items)
	return page, err
}

// groups reads the records of groups; a group of which but one is left is none.
func (v view) groups(rows []groupRow) ([]Group, error) {
	members := make([][]recordKey, len(rows))
	var all []recordKey
	for i, g := range rows {
		records, err := recordsOfGroup(v.tx, g.id(), maxShown)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			members[i] = append(members[i], recordKey{r.Kind, r.ID})
		}
		all = append(all, members[i]...)
	}
	records, err := v.found(all)
	if err != nil {
		return nil, err
	}
	about, err := comparisonOf(v.tx, all)
	if err != nil {
		return nil, err
	}
	emails, err := v.emailsOf(all)
	if err != nil {
		return nil, err
	}
	groups := []Group{}
	for i, g := range rows {
		of := slices.DeleteFunc(members[i], func(r recordKey) bool { _, there := records[r]; return !there })
		if gone := int64(len(members[i]) - len(of)); gone > 0 {
			g.Total -= gone
		}
		if g.Total <= maxShown {
			of = about.openIn(g.Kind, of)
			g.Total = int64(len(of))
		}
		if len(of) < 2 {
			continue
		}
		signs := signs{about, records, emails, of}
		one := Group{Reason: reasonOf(g.Sort), Value: signs.value(g.Sort, g.Value), Reasons: signs.all(),
			Records: []Found{}, Total: int(g.Total)}
		for _, r := range of {
			one.Records = append(one.Records, records[r])
		}
		groups = append(groups, one)
	}
	return groups, nil
}

// openIn returns those of the records of a group that may be a duplicate of another one of them.
func (c comparison) openIn(kind Kind, records []recordKey) (open []recordKey) {
	for _, a := range records {
		if slices.ContainsFunc(records, func(b recordKey) bool { return a != b && c.open(kind, a, b) }) {
			open = append(open, a)
		}
	}
	return open
}

func (v view) emailsOf(records []recordKey) (map[recordKey][]string, error) {
	emails := map[recordKey][]string{}
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		var ids []int64
		for _, r := range records {
			if r.kind == kind {
				ids = append(ids, r.id)
			}
		}
		for part := range slices.Chunk(ids, 500) {
			rows, err := emailsOf(v.tx, kind, part)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				at := recordKey{kind, r.Entity}
				emails[at] = append(emails[at], store.Fold(r.Address))
			}
		}
	}
	return emails, nil
}

func reasonOf(sort keySort) Reason {
	return map[keySort]Reason{keyNumber: SameNumber, keyEmail: SameEmail, keyName: SameName}[sort]
}

// signs is what the records of a group have in common.
type signs struct {
	about   comparison
	records map[recordKey]Found
	emails  map[recordKey][]string
	of      []recordKey
}

// all returns what two of the records or more have in common, the strongest and widest first.
func (s signs) all() []CommonSign {
	type sign struct {
		CommonSign
		sort keySort
		n    int
	}
	counted := map[keyValue]int{}
	for _, r := range s.of {
		for _, v := range s.about.keys[r] {
			counted[keyValue{v.Sort, v.Value}]++
		}
	}
	var list []sign
	for key, n := range counted {
		value := s.value(key.sort, key.value)
		if n > 1 && value != "" {
			list = append(list, sign{CommonSign{reasonOf(key.sort), value, n == len(s.of)}, key.sort, n})
		}
	}
	slices.SortFunc(list, func(a, b sign) int {
		return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(b.n, a.n), cmp.Compare(a.Value, b.Value))
	})
	out := make([]CommonSign, 0, len(list)+1)
	for _, one := range list {
		out = append(out, one.CommonSign)
	}
	return append(out, s.domains()...)
}

// value returns a key as people read it, "" where no record has it any more.
func (s signs) value(sort keySort, value int64) string {
	switch sort {
	case keyNumber:
		return fmt.Sprintf("+%d", value)
	case keyEmail:
		for _, r := range s.of {
			for _, address := range s.emails[r] {
				if hashOf(address) == value {
					return address
				}
			}
		}
	case keyName:
		for _, r := range s.of {
			if s.about.has(r, sort, value) {
				return s.records[r].Name
			}
		}
	}
	return ""
}

// publicDomains are those at which anyone can have an address: records have nothing in common by them.
var publicDomains = strings.Fields(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com
	icloud.com me.com aol.com gmx.de gmx.net web.de mail.com proton.me protonmail.com mail.ru bk.ru inbox.ru list.ru
	internet.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua tut.by`)

// domains returns the domains of e-mail addresses that two records or more have in common.
func (s signs) domains() (list []CommonSign) {
	counted := map[string]int{}
	for _, r := range s.of {
		var own []string
		for _, address := range s.emails[r] {
			if _, domain, _ := strings.Cut(address, "@"); domain != "" && !slices.Contains(publicDomains, domain) {
				own = append(own, domain)
			}
		}
		slices.Sort(own)
		for _, domain := range slices.Compact(own) {
			counted[domain]++
		}
	}
	for domain, n := range counted {
		if n > 1 {
			list = append(list, CommonSign{SameDomain, domain, n == len(s.of)})
		}
	}
	slices.SortFunc(list, func(a, b CommonSign) int { return cmp.Compare(a.Value, b.Value) })
	return list
}
