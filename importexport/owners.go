package importexport

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/staff"
)

// ownerIndex finds the users that other systems name: by login, extension, e-mail, or their name as a set of words,
// where the first name may be an initial. Names that users have mapped come before all of these.
type ownerIndex struct {
	org    *staff.Org
	mapped map[string]int64 // by ownerKey; 0 for no owner
	names  map[string][]*staff.User
	mail   map[string][]*staff.User // by the part of a login before the @
}

func newOwnerIndex(org *staff.Org, mapped map[string]int64) *ownerIndex {
	o := &ownerIndex{org: org, mapped: mapped, names: map[string][]*staff.User{}, mail: map[string][]*staff.User{}}
	for _, u := range org.Users() {
		for _, key := range nameKeys(u.Name) {
			o.names[key] = append(o.names[key], u)
		}
		local, _, _ := strings.Cut(store.Fold(u.Login), "@")
		o.mail[local] = append(o.mail[local], u)
	}
	return o
}

// ownersOf returns the index of an organisation, made once while it stays the same.
func (r *run) ownersOf(org *staff.Org) *ownerIndex {
	if r.owners == nil || r.owners.org != org {
		r.owners = newOwnerIndex(org, r.mapped)
	}
	return r.owners
}

// ownerKey returns the form in which the names of owners are mapped.
func ownerKey(name string) string { return store.Fold(name) }

// noOwners are what other systems write where there is no owner, folded.
var noOwners = []string{"unassigned", "no owner", "nobody", "не назначен", "не назначена", "без ответственного",
	"не указан", "(не указан)", "(no owner)", "not assigned"}

// find returns the user with a name, 0 with the code "" for a name that means none. The codes are unknown_owner and
// several_owners.
func (o *ownerIndex) find(name string) (user int64, code string) {
	if id, mapped := o.mapped[ownerKey(name)]; mapped {
		return id, ""
	}
	if codeIn(name) == "" || slices.Contains(noOwners, store.Fold(name)) {
		return 0, ""
	}
	if u := o.org.ByLogin(name); u != nil {
		return u.ID, ""
	}
	if u := o.org.ByIdentity("", name); u != nil {
		return u.ID, ""
	}
	bare := strings.TrimSpace(addition.ReplaceAllString(name, " "))
	var found []*staff.User
	if address := ownerAddress.FindString(name); address != "" {
		if u := o.org.ByLogin(address); u != nil {
			return u.ID, ""
		}
		local, _, _ := strings.Cut(store.Fold(address), "@")
		found = o.mail[local]
		bare = strings.TrimSpace(strings.ReplaceAll(bare, address, " "))
	} else if !strings.ContainsFunc(bare, unicode.IsSpace) {
		found = o.mail[store.Fold(bare)]
	}
	if len(found) == 0 {
		found = o.called(bare)
	}
	if active := activeAmong(found); len(active) > 0 {
		found = active
	}
	switch len(found) {
	case 0:
		return 0, "unknown_owner"
	case 1:
		return found[0].ID, ""
	}
	return 0, "several_owners"
}

// addition is what stands behind a name: an id or an address in brackets.
var addition = regexp.MustCompile(`\[\d+\]|\((?i:id)?\s*\d+\)|[<(][^<>()]*@[^<>()]*[>)]`)

// ownerAddress finds an e-mail address.
var ownerAddress = regexp.MustCompile(`[^\s<>()\[\],;"']+@[^\s<>()\[\],;"']+`)

// called returns the users with a name, also without the patronymic that only the other system has.
func (o *ownerIndex) called(name string) []*staff.User {
	key := crm.IdentityOf(name)
	if key == "" {
		return nil
	}
	if found := o.names[key]; len(found) > 0 {
		return found
	}
	words := strings.Fields(key)
	if len(words) != 3 {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(words), isPatronymic)
	if len(rest) != 2 {
		return nil
	}
	return o.names[strings.Join(rest, " ")]
}

func isPatronymic(word string) bool {
	for _, ending := range []string{"вич", "вна", "чна", "оглы", "кызы", "ulı", "vich", "vna"} {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	return false
}

func activeAmong(users []*staff.User) []*staff.User {
	return slices.DeleteFunc(slices.Clone(users), func(u *staff.User) bool { return !u.Active })
}

// nameKeys returns what a user may be called: all words of the name, any two of three, and one word with the initials
// of the others.
func nameKeys(name string) (keys []string) {
	words := strings.Fields(crm.IdentityOf(name))
	add := func(words ...string) {
		if key := crm.IdentityOf(strings.Join(words, " ")); key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	add(words...)
	if len(words) < 2 || len(words) > 4 {
		return keys
	}
	for i, last := range words {
		others := slices.Delete(slices.Clone(words), i, i+1)
		initials := []string{last}
		for n, other := range others {
			add(last, initial(other))
			initials = append(initials, initial(other))
			if len(words) == 3 && isPatronymic(others[1-n]) {
				add(last, other)
			}
		}
		add(initials...)
	}
	return keys
}

func initial(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	if first == utf8.RuneError {
		return word
	}
	return word[:size]
}

// UnknownOwner is a name in a file that is no user's.
type UnknownOwner struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// mostOwners limits the unknown owners that are remembered.
const mostOwners = 1000

// countOwners counts the unknown owners of a batch.
func (a *attempt) countOwners() {
	for _, name := range a.unknown {
		if _, known := a.noOwners[name]; known || len(a.noOwners) < mostOwners {
			a.noOwners[name]++
		}
	}
}

// unknownOwners returns the names that were no users, the most frequent first.
func (r *run) unknownOwners() []UnknownOwner {
	list := []UnknownOwner{}
	for name, rows := range r.noOwners {
		list = append(list, UnknownOwner{name, rows})
	}
	slices.SortFunc(list, func(a, b UnknownOwner) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// mapOwners reads the names of owners that were mapped before and adds those of this import.
func (r *run) mapOwners(tx *store.Tx) (err error) {
	if r.mapped, err = findOwnerNames(tx); err != nil {
		return err
	}
	for name, id := range r.options.Owners {
		r.mapped[ownerKey(name)] = id
	}
	return nil
}

// keepOwners keeps the names that an admin has mapped, for later imports. What others map counts for their own import:
// else agents could direct the clients of the next file to themselves.
func (r *run) keepOwners(tx *store.Tx) error {
	if !r.options.By.Has(access.Admin) {
		return nil
	}
	names := map[string]int64{}
	for name, id := range r.options.Owners {
		if key := ownerKey(name); len(key) > 0 && len(key) <= longestCode {
			names[key] = id
		}
	}
	return keepOwnerNames(tx, names)
}

// OwnersByLogin returns users by the names that other systems have for them. Each pair is NAME=LOGIN; without a login
// the name means no owner. Faults: invalid_input (owner: malformed, unknown_user).
func (c *Importer) OwnersByLogin(ctx context.Context, pairs []string) (map[string]int64, error) {
	owners := map[string]int64{}
	org, err := c.roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	for _, pair := range pairs {
		at := strings.LastIndexByte(pair, '=')
		if at <= 0 {
			return nil, fault.Invalid("owner", "malformed").With("owner", pair)
		}
		name, login := ownerKey(pair[:at]), strings.TrimSpace(pair[at+1:])
		if login == "" || login == "-" {
			owners[name] = 0
			continue
		}
		u := org.ByLogin(login)
		if u == nil {
			return nil, fault.Invalid("owner", "unknown_user").With("login", login)
		}
		owners[name] = u.ID
	}
	return owners, nil
}
