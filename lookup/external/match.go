package external

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
	"sync/atomic"

	"callhue/internal/store"
	"callhue/lookup"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
)

// Unknown is what rows name and this installation does not know.
type Unknown struct {
	Owners   []string `json:"owners"`
	Statuses []string `json:"statuses"`
	Times    []string `json:"times"` // that cannot be read
}

// matchOf returns the match of rows, with the users and statuses of this moment.
func (s *Source) matchOf(ctx context.Context, rows []Row) (*lookup.Match, Unknown, error) {
	b := builder{source: s, match: &lookup.Match{}}
	var err error
	if b.org, err = s.cfg.Roster.Org(ctx); err != nil {
		return nil, Unknown{}, err
	}
	if b.set, err = s.cfg.Directory.Set(ctx); err != nil {
		return nil, Unknown{}, err
	}
	b.names = s.names.of(b.org)
	if err := b.findKnown(ctx, rows); err != nil {
		return nil, Unknown{}, err
	}
	for _, row := range rows {
		b.add(row)
	}
	return b.match, b.unknown, nil
}

// builder makes a match of rows.
type builder struct {
	source  *Source
	org     *staff.Org
	set     *statuses.Set
	names   map[string]int64
	known   map[string]int64 // our own records of the companies
	match   *lookup.Match
	unknown Unknown
}

// findKnown finds our own records of the companies in the rows.
func (b *builder) findKnown(ctx context.Context, rows []Row) (err error) {
	if b.source.cfg.Known == nil {
		return nil
	}
	var ids []string
	for _, row := range rows {
		for _, id := range []string{row.idOf(rules.KindCompany), row.company()} {
			if id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	b.known, err = b.source.cfg.Known(ctx, b.source.cfg.Name, ids)
	return err
}

// kind returns what a row is about.
func (r Row) kind() rules.Kind {
	if kind := strings.ToLower(r[Kind]); kind != "" {
		return rules.Kind(kind)
	}
	return rules.KindCompany
}

// id returns what the system calls the record: its name where it has no id.
func (r Row) id() string {
	if r[ID] != "" {
		return r[ID]
	}
	return r[Name]
}

// idOf returns the id of a record of a kind; "" when the row is about another kind.
func (r Row) idOf(kind rules.Kind) string {
	if r.kind() == kind {
		return r.id()
	}
	return ""
}

// company returns the id of the company beside a contact or lead; "" for none.
func (r Row) company() string {
	if r[CompanyID] != "" {
		return r[CompanyID]
	}
	return r[CompanyName]
}

// add adds the record of a row, and the company beside it.
func (b *builder) add(row Row) {
	since, readable := row.since(b.source.cfg.Now())
	if !readable {
		b.unknown.Times = note(b.unknown.Times, row[Since])
	}
	id := b.id(row.kind(), row.id())
	switch row.kind() {
	case rules.KindContact:
		company := b.company(row, rules.Link{Via: rules.ViaContact, Since: since, Record: id})
		b.contact(row, id, since, company)
	case rules.KindLead:
		company := b.company(row, rules.Link{Via: rules.ViaLead, Since: since, Record: id})
		b.lead(row, id, since, company)
	default:
		own := Row{CompanyID: row.id(), CompanyName: row[Name], CompanyOwner: row[Owner], CompanyStatus: row[Status],
			Team: row[Team], CompanyURL: row[URL]}
		b.company(own, rules.Link{Via: rules.ViaDirect, Since: since})
	}
}

// company adds a way from the number to the company of a row, and returns the company's id; 0 for none. Rows that name
// different owners of one company are different companies: the agent may be foreign to one of them.
func (b *builder) company(row Row, link rules.Link) int64 {
	theirs := row.company()
	if theirs == "" {
		return 0
	}
	id := b.id(rules.KindCompany, theirs, row[CompanyOwner])
	at := slices.IndexFunc(b.match.Companies, func(c lookup.Company) bool { return c.ID == id })
	if at < 0 {
		at = len(b.match.Companies)
		owner, stranger := b.owner(row[CompanyOwner])
		c := lookup.Company{ID: id, Name: row[CompanyName], Owner: owner, Status: b.status(row[CompanyStatus]),
			Origin: &lookup.Origin{Source: b.source.cfg.Name, ID: theirs, URL: webLink(row[CompanyURL]),
				Owner: stranger, Local: b.known[theirs]}}
		if c.Name == "" {
			c.Name = theirs
		}
		b.match.Companies = append(b.match.Companies, c)
	}
	c := &b.match.Companies[at]
	for _, name := range row.team() {
		if user, _ := b.owner(name); user != 0 && !slices.Contains(c.Team, user) {
			c.Team = append(c.Team, user)
		}
	}
	if !slices.Contains(c.Links, link) {
		c.Links = append(c.Links, link)
	}
	return id
}

func (b *builder) contact(row Row, id, since, company int64) {
	at := slices.IndexFunc(b.match.Contacts, func(c lookup.Contact) bool { return c.ID == id })
	if at < 0 {
		at = len(b.match.Contacts)
		owner, stranger := b.owner(row[Owner])
		b.match.Contacts = append(b.match.Contacts, lookup.Contact{ID: id, Name: row.title(), Owner: owner,
			Since: since, Origin: b.origin(row, stranger)})
	}
	c := &b.match.Contacts[at]
	c.Since = min(c.Since, since)
	isNew := !slices.ContainsFunc(c.Companies, func(link rules.ContactCompany) bool { return link.ID == company })
	if company != 0 && isNew {
		c.Companies = append(c.Companies, rules.ContactCompany{ID: company, Primary: len(c.Companies) == 0})
	}
}

func (b *builder) lead(row Row, id, since, company int64) {
	if slices.ContainsFunc(b.match.Leads, func(l lookup.Lead) bool { return l.ID == id }) {
		return
	}
	owner, stranger := b.owner(row[Owner])
	b.match.Leads = append(b.match.Leads, lookup.Lead{ID: id, Name: row.title(), Owner: owner, Since: since,
		Company: company, Changed: since, Created: since, Origin: b.origin(row, stranger)})
}

func (r Row) title() string {
	if r[Name] != "" {
		return r[Name]
	}
	return r[ID]
}

func (b *builder) origin(row Row, stranger string) *lookup.Origin {
	return &lookup.Origin{Source: b.source.cfg.Name, ID: row.id(), URL: webLink(row[URL]), Owner: stranger}
}

// webLink returns an address that may be shown as a link; "" for any other text.
func webLink(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}

// idBits is how many bits of an id tell records of one priority apart. A number has a few records, so that two of them
// practically never have the same.
const idBits = 52

// id returns the id of a record for the rules: stable, different from every id of our own, and in the order of the
// priority among those of other places.
func (b *builder) id(kind rules.Kind, parts ...string) int64 {
	hash := fnv.New64a()
	for _, part := range append([]string{b.source.cfg.Name, string(kind)}, parts...) {
		hash.Write(binary.AppendUvarint(nil, uint64(len(part)))) // a hash never fails
		hash.Write([]byte(part))
	}
	return int64(b.source.cfg.Priority)<<idBits + int64(hash.Sum64()>>(64-idBits)) + 1
}

// owner returns the user that an owner's name means; the name itself when no user has it. "" is no owner.
func (b *builder) owner(name string) (user int64, stranger string) {
	if name == "" || name == "0" {
		return 0, ""
	}
	if u := b.org.ByIdentity(b.source.cfg.Name, name); u != nil {
		return u.ID, ""
	}
	if u := b.org.Holder(b.source.cfg.Name, name); u != nil { // one who has left
		return u.ID, ""
	}
	if u := b.org.ByLogin(name); u != nil {
		return u.ID, ""
	}
	if id := b.names[foldName(name)]; id > 0 {
		return id, ""
	}
	b.unknown.Owners = note(b.unknown.Owners, name)
	return 0, name
}

// status returns what a status there is here: what the mapping says, else the status of the same code or name. One that
// is neither counts as a status that was removed.
func (b *builder) status(value string) lookup.Status {
	if value == "" {
		return lookup.Status{State: rules.StatusMissing, Effect: b.set.Default().CardEffect}
	}
	code := b.source.cfg.Statuses[FoldStatus(value)]
	if code == "" {
		code = value
	}
	if s := b.set.ByCode(code); s != nil {
		return lookup.StatusOf(b.set, s)
	}
	for _, s := range b.set.All() {
		if FoldStatus(s.Name) == FoldStatus(code) || FoldStatus(s.Code) == FoldStatus(code) {
			return lookup.StatusOf(b.set, s)
		}
	}
	b.unknown.Statuses = note(b.unknown.Statuses, value)
	return lookup.Status{State: rules.StatusUnknown, Effect: b.set.Default().CardEffect, Name: value}
}

// FoldStatus returns a status as it is compared: case and blanks do not matter.
func FoldStatus(value string) string { return strings.Join(strings.Fields(store.Fold(value)), " ") }

func note(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

// foldName returns a person's name as it is compared: the order of the words does not matter.
func foldName(name string) string {
	words := strings.Fields(store.Fold(name))
	slices.Sort(words)
	return strings.Join(words, " ")
}

// indexed is the index of names of an organisation.
type indexed struct {
	org   *staff.Org
	names map[string]int64 // -1: of several users
}

// nameIndex keeps the index of the organisation that was seen last; it is made again when the organisation has changed.
type nameIndex struct{ last atomic.Pointer[indexed] }

func (x *nameIndex) of(org *staff.Org) map[string]int64 {
	if i := x.last.Load(); i != nil && i.org == org {
		return i.names
	}
	names := map[string]int64{}
	for _, u := range org.Users() {
		name := foldName(u.Name)
		switch before := names[name]; {
		case before == 0:
			names[name] = u.ID
		default:
			names[name] = -1
		}
	}
	x.last.Store(&indexed{org, names})
	return names
}
