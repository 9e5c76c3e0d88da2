package crmsync

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/staff"
)

// How a user of the CRM was matched with one of ours.
const (
	howChosen    = "chosen" // by an admin
	howEmail     = "email"  // equal to the login
	howExtension = "extension"
	howName      = "name"
	howMade      = "made"
	howNone      = "none"
	howOutside   = "outside" // no employee of the CRM, and never a user here
)

// userSnapshot is a user of the CRM as last read, and how they were matched.
type userSnapshot struct {
	User User   `json:"user"`
	How  string `json:"how"`
}

// syncStaff imports departments, users and heads. Each is a separate change of the organisation, and a
// refused one stops no other, such as an extension that is taken or the disabling of the last admin.
func (w *work) syncStaff(ctx context.Context) error {
	all, err := w.source.Portal.Staff(ctx)
	if err != nil {
		return err
	}
	departmentIDs, err := w.syncDepartments(ctx, all.Departments)
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
		s := &userSync{work: w, theirs: u, first: first, department: departmentIDs[u.Department]}
		at := slices.IndexFunc(links, func(l linkRow) bool { return l.TheirID == u.ID })
		if at >= 0 {
			s.link = &links[at]
		}
		if err := s.run(ctx); err != nil {
			return err
		}
	}
	if err := w.syncHeads(ctx, all.Departments, departmentIDs); err != nil {
		return err
	}
	w.row.StaffAt, w.portal.Users = store.Millis(w.DB.Clock()), nil
	return w.saveNow(ctx)
}

// ignoreRefusal logs an error that concerns one user or department and returns nil; it returns every other
// error.
func (w *work) ignoreRefusal(err error, what, id string) (fatal error) {
	if err == nil {
		return nil
	}
	switch fault.Of(err).Kind {
	case fault.KindInvalid, fault.KindConflict, fault.KindForbidden, fault.KindMissing:
		w.Log.Warn(
			"a change of the CRM's staff was refused",
			"source",
			w.source.Name,
			"what",
			what,
			"id",
			id,
			"error",
			err,
		)
		return nil
	}
	return err
}

// userSync imports one user of the CRM.
type userSync struct {
	*work
	theirs     User
	first      bool // no user of this CRM was imported before
	department int64
	link       *linkRow
	previous   userSnapshot
}

// run finds, adds or updates our user and stores the link.
func (s *userSync) run(ctx context.Context) error {
	if s.link != nil {
		if err := json.Unmarshal([]byte(s.link.Snapshot), &s.previous); err != nil {
			return fault.Internal(err)
		}
	}
	s.theirs = s.theirs.completed(s.link != nil, s.previous.User)
	ours, how, err := s.resolve(ctx)
	if err != nil {
		return err
	}
	now := userSnapshot{User: s.theirs, How: how}
	switch {
	case ours == nil && (how == howNone || how == howOutside):
	case ours == nil:
		if ours, err = s.add(ctx); err != nil || ours == nil {
			return s.ignoreRefusal(err, "user", s.theirs.ID)
		}
		s.counts.of(kindUser).Added++
	default:
		if err := s.ignoreRefusal(s.update(ctx, ours), "user", s.theirs.ID); err != nil {
			return err
		}
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	row := linkRow{Kind: int64(kindUser), TheirID: s.theirs.ID, Snapshot: string(text), Mark: s.full.Number}
	if ours != nil {
		row.OurID = ours.ID
	}
	if s.link != nil && s.link.Snapshot == row.Snapshot && s.link.OurID == row.OurID {
		return nil
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := putLink(tx, s.source.ID, row); err != nil {
			return err
		}
		return s.save(tx)
	})
}

// completed returns a user with what the CRM withheld as it was last read. A user who was never read is taken as
// active.
func (u User) completed(read bool, before User) User {
	if u.Withheld.Active {
		u.Active = !read || before.Active
	}
	if u.Withheld.Extension {
		u.Extension = before.Extension
	}
	return u
}

// resolve returns our user, now with the identity of the CRM; nil if there is none, with how set to howMade
// if one has to be added.
func (s *userSync) resolve(ctx context.Context) (ours *staff.User, how string, err error) {
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return nil, "", err
	}
	ours, how = s.candidate(org)
	holder := org.Holder(s.source.Name, s.theirs.ID)
	if holder != nil && holder != ours {
		if err := s.removeIdentity(ctx, holder); err != nil {
			return nil, "", err
		}
	}
	if ours == nil || holder == ours {
		return ours, how, nil
	}
	_, err = s.Roster.AddIdentity(ctx, access.System(), ours.ID,
		staff.NewIdentity{Source: s.source.Name, Value: s.theirs.ID})
	if err != nil {
		return nil, howNone, s.ignoreRefusal(err, "identity", s.theirs.ID)
	}
	return ours, how, nil
}

// candidate returns who the user is or would be here, without changing anything.
func (s *userSync) candidate(org *staff.Org) (ours *staff.User, how string) {
	if id, chosen := s.mapping.Users[s.theirs.ID]; chosen {
		if ours = org.User(id); ours == nil {
			return nil, howNone
		}
		return ours, howChosen
	}
	if holder := org.Holder(s.source.Name, s.theirs.ID); holder != nil {
		if how = s.previous.How; how == "" || how == howNone {
			how = howChosen // an admin added the identity
		}
		return holder, how
	}
	if s.theirs.Outside {
		return nil, howOutside
	}
	if ours, how = s.match(org); ours == nil {
		return nil, s.defaultHow()
	}
	return ours, how
}

// defaultHow is how a user without a counterpart is imported.
func (s *userSync) defaultHow() string {
	if s.mapping.MakeUsers {
		return howMade
	}
	return howNone
}

// removeIdentity removes the identity of the source from a user.
func (s *userSync) removeIdentity(ctx context.Context, u *staff.User) error {
	list, err := s.Roster.Identities(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.Source == s.source.Name && i.Value == foldEmail(s.theirs.ID) {
			return s.ignoreRefusal(s.Roster.RemoveIdentity(ctx, access.System(), u.ID, i.ID), "identity", s.theirs.ID)
		}
	}
	return nil
}

// match finds a user of ours that no user of the CRM is linked to. People can edit their own names and
// extensions in a CRM, so after the first import these match plain agents only.
func (s *userSync) match(org *staff.Org) (*staff.User, string) {
	free := func(u *staff.User) bool {
		if u == nil {
			return false
		}
		_, named := org.NameIn(s.source.Name, u.ID)
		return !named
	}
	plain := func(u *staff.User) bool {
		return s.first || len(org.TeamsOf(u.ID)) == 0 && len(u.Roles) == 1 && u.Roles[0] == access.Agent
	}
	if u := org.ByLogin(s.theirs.Email); s.theirs.Email != "" && free(u) {
		return u, howEmail
	}
	if u := org.Holder("", s.theirs.Extension); s.theirs.Extension != "" && free(u) && u.Active && plain(u) {
		return u, howExtension
	}
	var same []*staff.User
	for _, u := range org.Users() {
		if u.Active && store.Fold(u.Name) == store.Fold(s.theirs.Name) {
			same = append(same, u)
		}
	}
	if len(same) == 1 && free(same[0]) && plain(same[0]) {
		return same[0], howName
	}
	if u := org.ByLogin(s.generatedLogin()); free(u) { // added before a crash
		return u, howMade
	}
	return nil, ""
}

// generatedLogin is the login of a user without a usable e-mail.
func (s *userSync) generatedLogin() string { return s.source.Name + "-" + s.theirs.ID }

// add adds a user without a password; one who is inactive in the CRM is inactive here.
func (s *userSync) add(ctx context.Context) (*staff.User, error) {
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return nil, err
	}
	fit, _ := crm.NewCompany{Name: s.theirs.Name}.Fit()
	in := staff.NewUser{
		Login:        s.theirs.Email,
		Name:         truncate(fit.Name, 200),
		Roles:        access.Roles{access.Agent},
		DepartmentID: s.department,
	}
	if in.Name == "" {
		in.Name = s.generatedLogin()
	}
	if s.theirs.Active && s.extensionFree(org, nil, s.theirs.Extension) {
		in.Extension = s.theirs.Extension
	}
	if in.Login == "" || org.ByLogin(in.Login) != nil || s.Roster.Check(org, in) != nil {
		in.Login = s.generatedLogin()
	}
	u, err := s.Roster.AddUser(ctx, access.System(), in)
	if err != nil {
		return nil, err
	}
	if _, err := s.Roster.AddIdentity(ctx, access.System(), u.ID,
		staff.NewIdentity{Source: s.source.Name, Value: s.theirs.ID}); err != nil {
		return nil, err
	}
	if !s.theirs.Active {
		err = s.Roster.Disable(ctx, access.System(), u.ID)
	}
	return u, err
}

func truncate(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit])
	}
	return text
}

// extensionFree reports whether an extension is not taken by another active user.
func (s *userSync) extensionFree(org *staff.Org, own *staff.User, extension string) bool {
	if extension == "" || len(extension) > 200 {
		return false
	}
	holder := org.Holder("", extension)
	return holder == nil || !holder.Active || holder == own
}

// update applies what changed in the CRM since the user was last read. A user who was just matched keeps
// their values here; an admin is never disabled from outside.
func (s *userSync) update(ctx context.Context, ours *staff.User) error {
	org, err := s.Roster.Org(ctx)
	if err != nil {
		return err
	}
	linked := s.link != nil && s.link.OurID == ours.ID
	before, now := s.previous.User, s.theirs
	in := staff.UserChange{Version: ours.Version}
	if linked && before.Active != now.Active && ours.Active != now.Active && (now.Active || !org.IsAdmin(ours.ID)) {
		in.Active = &now.Active
		if roles := withoutLeading(ours.Roles); now.Active && !slices.Equal(roles, ours.Roles) {
			in.Roles = &roles
		}
	}
	if name := truncate(text.Tidy(now.Name), 200); linked && before.Name != now.Name && name != "" &&
		name != ours.Name {
		in.Name = &name
	}
	if (linked && before.Department != now.Department || !linked && ours.DepartmentID == 0) && s.department != 0 &&
		s.department != ours.DepartmentID {
		in.DepartmentID = &s.department
	}
	if list := s.extensions(org, ours, linked); !slices.Equal(list, ours.Extensions) && now.Active {
		in.Extensions = &list
	}
	if in == (staff.UserChange{Version: ours.Version}) {
		return nil
	}
	if _, err = s.Roster.Change(ctx, access.System(), ours.ID, in); err == nil {
		s.counts.of(kindUser).Changed++
	}
	return err
}

// withoutLeading returns roles without supervisor and admin, which no CRM gives: a user who comes back there is an
// agent here until an administrator gives them more.
func withoutLeading(roles access.Roles) access.Roles {
	kept := slices.DeleteFunc(slices.Clone(roles), func(role access.Role) bool {
		return role == access.Supervisor || role == access.Admin
	})
	if len(kept) == 0 {
		return access.Roles{access.Agent}
	}
	return kept
}

// extensions returns the extensions of a user including the one in the CRM.
func (s *userSync) extensions(org *staff.Org, ours *staff.User, linked bool) []string {
	list := slices.Clone(ours.Extensions)
	if linked && s.previous.User.Extension == s.theirs.Extension || !s.extensionFree(org, ours, s.theirs.Extension) ||
		slices.Contains(list, foldEmail(s.theirs.Extension)) {
		return list
	}
	if linked {
		list = without(list, []string{foldEmail(s.previous.User.Extension)})
	}
	return append(list, foldEmail(s.theirs.Extension))
}
