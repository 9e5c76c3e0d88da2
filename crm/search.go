package crm

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/staff"
)

// SearchInput is what is searched for.
type SearchInput struct {
	Q     string `query:"q" json:"-" doc:"Words of a name in any order, parts of a number, an e-mail."`
	Kind  string `query:"kind" json:"-" doc:"company, contact, lead or user; all of them unless set."`
	Limit int    `query:"limit" json:"-" doc:"How many are listed at most; 20 unless set, 50 at most."`
}

// Size returns how many are listed at most.
func (in SearchInput) Size() int { return min(cmp.Or(in.Limit, searchLimit), mostSearched) }

// SearchAnswer is what was found, the best first.
type SearchAnswer struct {
	Items   []Hit `json:"items"`
	Partial bool  `json:"partial"` // records of an older version are still being indexed
}

// Records returns how many were found, for the reader's budget.
func (a SearchAnswer) Records() int { return len(a.Items) }

// Hit is a record or a user that was found.
type Hit struct {
	Kind    string        `json:"kind"` // company, contact, lead or user
	ID      int64         `json:"id"`
	Name    string        `json:"name"` // for a lead its title
	Owner   *staff.Person `json:"owner"`
	Status  *StatusMark   `json:"status"` // for a company
	Company *Named        `json:"company"`
	Own     bool          `json:"own"` // the reader is the owner
	URL     string        `json:"url"`
	Matched []Match       `json:"matched"`
}

// Match is what a record was found by.
type Match struct {
	Field string `json:"field"` // name, number, email, post, login or extension
	Value string `json:"value"`
}

const (
	searchLimit     = 20
	mostSearched    = 50
	longestQuery    = 200
	candidates      = 300 // of a kind, among which the best are chosen
	ownCandidates   = 500 // of the reader's newest records of a kind
	kindUser        = "user"
	numberCandidate = 60
)

// searchedKinds are the values of SearchInput.Kind.
var searchedKinds = []string{KindCompany.String(), KindContact.String(), KindLead.String(), kindUser}

// Search finds companies, contacts, leads and users by words of their names, numbers and e-mails. The order is: the
// exact name, all words exact, beginnings of words, what is not a name; among equals the reader's own, then the newest.
// Faults: invalid_input.
func (b *Records) Search(ctx context.Context, by *access.User, in SearchInput) (SearchAnswer, error) {
	out := SearchAnswer{Items: []Hit{}}
	var wrong *fault.Error
	if code := text.CheckRequired(strings.TrimSpace(in.Q), longestQuery); code != "" {
		wrong = wrong.And("q", code)
	}
	if in.Kind != "" && !slices.Contains(searchedKinds, in.Kind) {
		wrong = wrong.And("kind", "unknown_value")
	}
	if in.Limit < 0 || in.Limit > mostSearched {
		wrong = wrong.And("limit", "out_of_range")
	}
	if wrong != nil {
		return out, wrong
	}
	v, err := b.readingSlow(ctx)
	if err != nil {
		return out, err
	}
	f := finder{view: v, by: by, terms: parseQuery(b.plan, in.Q), limit: in.Size()}
	f.words = queryWords(f.terms)
	for _, kind := range []Kind{KindCompany, KindContact, KindLead} {
		if in.Kind != "" && in.Kind != kind.String() {
			continue
		}
		partial, err := f.find(kind)
		if err != nil {
			return out, err
		}
		out.Partial = out.Partial || partial
	}
	if in.Kind == "" || in.Kind == kindUser {
		f.findUsers(in.Q)
	}
	slices.SortStableFunc(f.found, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	for _, r := range f.found[:min(len(f.found), f.limit)] {
		out.Items = append(out.Items, r.Hit)
	}
	return out, nil
}

// finder gathers what a search finds.
type finder struct {
	view
	by    *access.User
	terms []term
	words []string // of the query
	limit int
	found []ranked
}

// ranked is a hit and how well it fits: the less the better.
type ranked struct {
	Hit
	rank int
}

// The ranks; those of the reader's own records are one less.
const (
	rankExact = 2*iota + 1
	rankWords
	rankBeginnings
	rankOther
)

// find gathers the best records of a kind.
func (f *finder) find(kind Kind) (partial bool, err error) {
	if partial, err = hasBacklog(f.tx, kind); err != nil {
		return false, err
	}
	ids, err := f.candidates(kind)
	if err != nil || len(ids) == 0 {
		return partial, err
	}
	rows, err := hitRows(f.tx, kind, ids)
	if err != nil {
		return partial, err
	}
	best := make([]ranked, len(rows))
	for i, r := range rows {
		own := f.by != nil && r.OwnerID == f.by.ID
		best[i] = ranked{rank: f.rank(r), Hit: Hit{Kind: kind.String(), ID: r.ID, Name: r.Name,
			Owner: f.person(r.OwnerID), Own: own, URL: urlOf(kind, r.ID), Matched: []Match{}}}
		if own {
			best[i].rank--
		}
		if s := f.set.ByID(r.StatusID); s != nil {
			best[i].Status = &StatusMark{s.Code, s.Name, s.Color}
		}
	}
	slices.SortFunc(best, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.ID, a.ID)) })
	best = best[:min(len(best), f.limit)]
	err = f.describe(kind, best)
	f.found = append(f.found, best...)
	return partial, err
}

// candidates returns records that have every term, those that may be among the best.
func (f *finder) candidates(kind Kind) (ids []int64, err error) {
	add := func(more []int64, failed error) {
		ids, err = append(ids, more...), cmp.Or(err, failed)
	}
	if len(f.terms) == 1 && len(f.words) == 1 {
		add(namedWord(f.tx, kind, f.words[0], 0, numberCandidate))
		add(namedWord(f.tx, kind, f.words[0], 1, numberCandidate))
	}
	if t := f.terms; len(t) == 1 && t[0].whole != 0 {
		exact := term{numbers: []keyRange{{t[0].whole, t[0].whole}}}
		add(anyIndexed(f.tx, kind, exact, numberCandidate))
	}
	s := search{tx: f.tx, kind: kind, terms: f.terms, where: "deleted_at = 0"}
	newest, failed := s.newest(math.MaxInt64, candidates)
	add(newest, failed)
	if len(newest) == candidates && f.by != nil { // there are more: the reader's own must not be missed
		add(newestOwn(f.tx, kind, f.by.ID, f.terms, ownCandidates))
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// rank returns how well a record fits, by its name.
func (f *finder) rank(r hitRow) int {
	if len(f.words) == 0 {
		return f.rankNumber(r)
	}
	return rankOf(text.Words(text.WithoutLegalForm(r.Name)), f.words, text.Words(r.Person))
}

// rankOf returns how well a name, or the other name of a record, has the words of a query.
func rankOf(name, words, other []string) int {
	switch {
	case slices.Equal(name, words):
		return rankExact
	case hasExactly(name, words):
		return rankWords
	case text.HasWords(append(slices.Clone(name), other...), words):
		return rankBeginnings
	}
	return rankOther
}

func hasExactly(name, words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(name, word) })
}

// rankNumber prefers the whole number to its beginning, and that to its last digits.
func (f *finder) rankNumber(r hitRow) int {
	for _, t := range f.terms {
		if t.whole != 0 && strings.Contains(r.Search, " "+strconv.FormatInt(t.whole, 10)+" ") {
			return rankExact
		}
		for _, pattern := range t.patterns {
			if strings.HasPrefix(pattern, "% ") && isLike(r.Search, pattern) {
				return rankBeginnings
			}
		}
	}
	return rankOther
}

// describe adds to hits what they were found by, and the company of a contact.
func (f *finder) describe(kind Kind, hits []ranked) error {
	ids := make([]int64, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	lines, emails, err := contactData(f.tx, kind, ids)
	if err != nil {
		return err
	}
	for i := range hits {
		h := &hits[i].Hit
		if name := text.Words(h.Name); slices.ContainsFunc(f.words, func(word string) bool {
			return text.HasWords(name, []string{word})
		}) {
			h.Matched = append(h.Matched, Match{"name", h.Name})
		}
		for _, l := range lines[h.ID] {
			if f.matches(searchText([]string{""}, []phoneLine{l}, nil), true) {
				h.Matched = append(h.Matched, Match{"number", l.Raw})
			}
		}
		for _, address := range emails[h.ID] {
			if f.matches(searchText([]string{""}, nil, []string{address}), false) {
				h.Matched = append(h.Matched, Match{"email", address})
			}
		}
	}
	if kind != KindContact {
		return nil
	}
	companies, err := companiesNamed(f.tx, ids)
	for _, c := range slices.Backward(companies) { // the primary one stands first
		for i := range hits {
			if hits[i].ID == c.Contact {
				hits[i].Company = &Named{c.ID, c.Name}
			}
		}
	}
	return err
}

// matches reports whether a search text has one of the terms, of the numbers or of the others.
func (f *finder) matches(search string, numbers bool) bool {
	return slices.ContainsFunc(f.terms, func(t term) bool {
		return t.isNumber() == numbers && hasTerms(search, []term{t})
	})
}

// findUsers gathers the users with these words in their names, logins or extensions. They are few and in memory.
func (f *finder) findUsers(typed string) {
	words := text.Words(typed)
	for _, u := range f.org.Users() {
		field, value := u.Match(typed)
		if !u.Active || field == "" {
			continue
		}
		hit := Hit{Kind: kindUser, ID: u.ID, Name: u.Name, Matched: []Match{{field, value}}}
		f.found = append(f.found, ranked{rank: rankOf(text.Words(u.Name), words, nil), Hit: hit})
	}
}
