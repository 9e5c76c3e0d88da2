package crmsync

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/staff"
)

// How a user of theirs was found to be one of ours.
const (
	howChosen    = "chosen" // by an admin
	howEmail     = "email"  // it is his login
	howExtension = "extension"
	howName      = "name"
	howMade      = "made"
	howNone      = "none"
)

// person is a user of theirs as he was seen last, and how he was found.
type person struct {
	User User   `json:"user"`
	How  string `json:"how"`
}

// people brings departments, users and heads. Each is a change of the organisation
// by itself, and one that is refused changes nothing else: an extension that somebody
// has, an admin who would be the last.
func (w *work) people(ctx context.Context) error {
	all, err := w.source.Portal.Staff(ctx)
	if err != nil {
		return err
	}
	places, err := w.departments(ctx, all.Departments)
	if err != nil {
		return err
	}
	links, err := allLinks(w.DB.Read(ctx), w.source.ID, kindUser)
	if err != nil {
		return err
	}
	first := w.row.StaffAt == 0
	for _, u := range all.Users {
		if u.ID == "" || len(u.ID) > longestID {
			continue
		}
		p := &bringing{work: w, theirs: u, first: first, department: places[u.Department],
			heads: slices.ContainsFunc(all.Departments, func(d Department) bool { return d.HeadID == u.ID })}
		at := slices.IndexFunc(links, func(l linkRow) bool { return l.TheirID == u.ID })
		if at >= 0 {
			p.link = &links[at]
		}
		if err := p.bring(ctx); err != nil {
			return err
		}
	}
	if err := w.heads(ctx, all.Departments, places); err != nil {
		return err
	}
	w.row.StaffAt, w.known.Users = store.Millis(w.DB.Clock()), nil
	return w.saveNow(ctx)
}

// refusal tells what one user or department was refused from an error of
// everything, which it gives.
func (w *work) refusal(err error, what, id string) (fatal error) {
	if err == nil {
		return nil
	}
	switch fault.Of(err).Kind {
	case fault.KindInvalid, fault.KindConflict, fault.KindForbidden, fault.KindMissing:
		w.Log.Warn("a change of a CRM's staff was not taken", "source", w.source.Name, "what", what, "id", id, "error", err)
		return nil
	}
	return err
}

// bringing is one user of theirs on his way.
type bringing struct {
	*work
	theirs     User
	first      bool // nobody of them was here before
	heads      bool // he heads a department there
	department int64
	link       *linkRow
	seen       person
}

func (p *bringing) bring(ctx context.Context) error {
	if p.link != nil {
		if err := json.Unmarshal([]byte(p.link.Seen), &p.seen); err != nil {
			return fault.Internal(err)
		}
	}
	ours, how, err := p.find(ctx)
	if err != nil {
		return err
	}
	now := person{User: p.theirs, How: how}
	switch {
	case ours == nil && how == howNone:
	case ours == nil:
		if ours, err = p.make(ctx); err != nil || ours == nil {
			return p.refusal(err, "user", p.theirs.ID)
		}
		p.counts.of(kindUser).Added++
	default:
		if err := p.refusal(p.change(ctx, ours), "user", p.theirs.ID); err != nil {
			return err
		}
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	row := linkRow{Kind: int64(kindUser), TheirID: p.theirs.ID, Seen: string(text), Mark: p.whole.Number}
	if ours != nil {
		row.OurID = ours.ID
	}
	if p.link != nil && p.link.Seen == row.Seen && p.link.OurID == row.OurID {
		return nil
	}
	return p.DB.Write(ctx, func(tx *store.Tx) error {
		if err := putLink(tx, p.source.ID, row); err != nil {
			return err
		}
		return p.save(tx)
	})
}

// find gives our user, with the identity that says so; nil when there is none, and
// how is howMade when one is to be made.
func (p *bringing) find(ctx context.Context) (ours *staff.User, how string, err error) {
	org, err := p.Roster.Org(ctx)
	if err != nil {
		return nil, "", err
	}
	ours, how = p.expect(org)
	holder := org.Holder(p.source.Name, p.theirs.ID)
	if holder != nil && holder != ours {
		if err := p.part(ctx, holder); err != nil {
			return nil, "", err
		}
	}
	if ours == nil || holder == ours {
		return ours, how, nil
	}
	_, err = p.Roster.AddIdentity(ctx, 0, ours.ID, p.source.Name, p.theirs.ID)
	if err != nil {
		return nil, howNone, p.refusal(err, "identity", p.theirs.ID)
	}
	return ours, how, nil
}

// expect says who he is, or would be: it changes nothing.
func (p *bringing) expect(org *staff.Org) (ours *staff.User, how string) {
	if id, chosen := p.mapping.Users[p.theirs.ID]; chosen {
		if ours = org.User(id); ours == nil {
			return nil, howNone
		}
		return ours, howChosen
	}
	if holder := org.Holder(p.source.Name, p.theirs.ID); holder != nil {
		if how = p.seen.How; how == "" || how == howNone {
			how = howChosen // an admin gave him the identity
		}
		return holder, how
	}
	if ours, how = p.match(org); ours == nil {
		return nil, p.unmatched()
	}
	return ours, how
}

// unmatched is how somebody comes who is nobody's here.
func (p *bringing) unmatched() string {
	if p.mapping.MakeUsers {
		return howMade
	}
	return howNone
}

// part takes the identity of the source away from a user.
func (p *bringing) part(ctx context.Context, u *staff.User) error {
	list, err := p.Roster.Identities(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.Source == p.source.Name && i.Value == foldMail(p.theirs.ID) {
			return p.refusal(p.Roster.RemoveIdentity(ctx, 0, u.ID, i.ID), "identity", p.theirs.ID)
		}
	}
	return nil
}

// match finds a user of ours whom nobody there is yet. People can write their own
// names and extensions in a CRM: so after the first import these lead to nobody who
// may more than an agent.
func (p *bringing) match(org *staff.Org) (*staff.User, string) {
	free := func(u *staff.User) bool {
		if u == nil {
			return false
		}
		_, named := org.NameIn(p.source.Name, u.ID)
		return !named
	}
	plain := func(u *staff.User) bool {
		return p.first || len(org.TeamsOf(u.ID)) == 0 && len(u.Roles) == 1 && u.Roles[0] == access.Agent
	}
	if u := org.ByLogin(p.theirs.Email); p.theirs.Email != "" && free(u) {
		return u, howEmail
	}
	if u := org.Holder("", p.theirs.Extension); p.theirs.Extension != "" && free(u) && u.Active && plain(u) {
		return u, howExtension
	}
	var same []*staff.User
	for _, u := range org.Users() {
		if u.Active && store.Fold(u.Name) == store.Fold(p.theirs.Name) {
			same = append(same, u)
		}
	}
	if len(same) == 1 && free(same[0]) && plain(same[0]) {
		return same[0], howName
	}
	if u := org.ByLogin(p.ownLogin()); free(u) { // made before a crash
		return u, howMade
	}
	return nil, ""
}

// ownLogin is the login of a user who has no e-mail that can be one.
func (p *bringing) ownLogin() string { return p.source.Name + "-" + p.theirs.ID }

// make adds a user without a password; one who has left there is one who has left.
func (p *bringing) make(ctx context.Context) (*staff.User, error) {
	org, err := p.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	fit, _ := crm.NewCompany{Name: p.theirs.Name}.Fit()
	in := staff.NewUser{Login: p.theirs.Email, Name: cut(fit.Name, 200), Roles: access.Roles{access.Agent}, DepartmentID: p.department}
	if in.Name == "" {
		in.Name = p.ownLogin()
	}
	if p.heads && p.theirs.Active {
		in.Roles = append(in.Roles, access.Supervisor)
	}
	if p.theirs.Active && p.vacant(org, nil, p.theirs.Extension) {
		in.Extension = p.theirs.Extension
	}
	if in.Login == "" || org.ByLogin(in.Login) != nil || p.Roster.Check(org, in) != nil {
		in.Login = p.ownLogin()
	}
	u, err := p.Roster.AddUser(ctx, 0, in)
	if err != nil {
		return nil, err
	}
	if _, err := p.Roster.AddIdentity(ctx, 0, u.ID, p.source.Name, p.theirs.ID); err != nil {
		return nil, err
	}
	if !p.theirs.Active {
		err = p.Roster.Disable(ctx, 0, u.ID)
	}
	return u, err
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// vacant says that an extension is nobody's but perhaps the user's own.
func (p *bringing) vacant(org *staff.Org, own *staff.User, extension string) bool {
	if extension == "" || len(extension) > 200 {
		return false
	}
	holder := org.Holder("", extension)
	return holder == nil || !holder.Active || holder == own
}

// change takes over what changed there since he was seen last. Whom we meet for the
// first time keeps what he has here; an admin is never dismissed from outside.
func (p *bringing) change(ctx context.Context, ours *staff.User) error {
	org, err := p.Roster.Org(ctx)
	if err != nil {
		return err
	}
	met := p.link != nil && p.link.OurID == ours.ID
	had, is := p.seen.User, p.theirs
	in := staff.UserChange{Version: ours.Version}
	if met && had.Active != is.Active && ours.Active != is.Active && (is.Active || !org.IsAdmin(ours.ID)) {
		in.Active = &is.Active
	}
	if name := cut(fault.Tidy(is.Name), 200); met && had.Name != is.Name && name != "" && name != ours.Name {
		in.Name = &name
	}
	if (met && had.Department != is.Department || !met && ours.DepartmentID == 0) && p.department != 0 && p.department != ours.DepartmentID {
		in.DepartmentID = &p.department
	}
	if list := p.extensions(org, ours, met); !slices.Equal(list, ours.Extensions) && is.Active {
		in.Extensions = &list
	}
	if in == (staff.UserChange{Version: ours.Version}) {
		return nil
	}
	if _, err = p.Roster.Change(ctx, 0, ours.ID, in); err == nil {
		p.counts.of(kindUser).Changed++
	}
	return err
}

// extensions are those of a user with the one that he has there.
func (p *bringing) extensions(org *staff.Org, ours *staff.User, met bool) []string {
	list := slices.Clone(ours.Extensions)
	if met && p.seen.User.Extension == p.theirs.Extension || !p.vacant(org, ours, p.theirs.Extension) || slices.Contains(list, foldMail(p.theirs.Extension)) {
		return list
	}
	if met {
		list = without(list, []string{foldMail(p.seen.User.Extension)})
	}
	return append(list, foldMail(p.theirs.Extension))
}
