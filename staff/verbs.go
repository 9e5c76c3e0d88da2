package staff

import (
	"encoding/json"

	"callhue/journal"
)

// The verbs of this package.
const (
	DepartmentAdded   journal.Verb = "department.added"
	DepartmentChanged journal.Verb = "department.changed"
	DepartmentRemoved journal.Verb = "department.removed"
	UserAdded         journal.Verb = "user.added"
	UserChanged       journal.Verb = "user.changed"
	IdentityAdded     journal.Verb = "identity.added"
	IdentityRemoved   journal.Verb = "identity.removed"
	DeputyAdded       journal.Verb = "deputy.added"
	DeputyRemoved     journal.Verb = "deputy.removed"
	PasswordSet       journal.Verb = "user.password_set"
	LinkMade          journal.Verb = "user.link_made"
	SignedIn          journal.Verb = "user.signed_in"
	SignInFailed      journal.Verb = "user.sign_in_failed"
	SignedOut         journal.Verb = "user.signed_out"
	SessionsEnded     journal.Verb = "user.sessions_ended"
	TokenAdded        journal.Verb = "token.added"
	TokenRevoked      journal.Verb = "token.revoked"
	ReadingLimited    journal.Verb = "reading.limited"
)

// Verbs returns what this package records in the journal.
func Verbs() []journal.VerbInfo {
	return []journal.VerbInfo{
		{Verb: DepartmentAdded, Common: true, Sentence: "A department was added.", Ends: movesHeads},
		{Verb: DepartmentChanged, Common: true, Sentence: "A department got another name, parent or head.",
			Ends: movesHeads},
		{Verb: DepartmentRemoved, Common: true, Sentence: "A department was removed.", Ends: movesHeads},
		{Verb: UserAdded, Sentence: "A user was added."},
		{Verb: UserChanged, Sentence: "A user's login, name, roles, department, language, own phones or activity changed.",
			Ends: movesUser},
		{Verb: IdentityAdded, Sentence: "A name that a PBX or CRM calls a user by was added."},
		{Verb: IdentityRemoved, Sentence: "A name that a PBX or CRM calls a user by was removed."},
		{Verb: DeputyAdded, Sentence: "A user got a deputy for a period.", Ends: namedDeputy},
		{Verb: DeputyRemoved, Sentence: "A user's deputy was removed.", Ends: namedDeputy},
		{Verb: PasswordSet, Sentence: "A user got another password, and their sessions ended.", Ends: aboutUser},
		{Verb: LinkMade, Sentence: "A one-time sign-in link was made for a user."},
		{Verb: SignedIn, Sentence: "A user signed in."},
		{Verb: SignInFailed, Sentence: "A sign-in failed: wrong password or login, or too many tries."},
		{Verb: SignedOut, Sentence: "A user signed out.", Ends: aboutUser},
		{Verb: SessionsEnded, Sentence: "Sessions of a user were ended, by them or by an administrator.",
			Ends: aboutUser},
		{Verb: TokenAdded, Sentence: "An API token was given to a user."},
		{Verb: TokenRevoked, Sentence: "An API token was revoked.", Ends: aboutUser},
		{Verb: ReadingLimited, Sentence: "A user read as many records as they may in ten minutes.",
			Audience: ownHeads},
	}
}

// aboutUser returns the user that the entry is about: their rights or their sign-in changed.
func aboutUser(e journal.Entry) journal.Audience {
	if e.Subject.Kind != "user" {
		return journal.Audience{}
	}
	return journal.Audience{Users: []int64{e.Subject.ID}}
}

// movesUser returns the user that the entry is about, and with another department all heads: whose events they receive
// has changed.
func movesUser(e journal.Entry) journal.Audience {
	to := aboutUser(e)
	var details struct {
		Changed struct {
			Department *json.RawMessage `json:"department_id"`
		} `json:"changed"`
	}
	to.AllHeads = json.Unmarshal(e.Details, &details) == nil && details.Changed.Department != nil
	return to
}

// namedDeputy returns the deputy that the entry names, who sees other things from now on.
func namedDeputy(e journal.Entry) journal.Audience {
	var details struct {
		DeputyID int64 `json:"deputy_id"`
	}
	if json.Unmarshal(e.Details, &details) != nil || details.DeputyID == 0 {
		return journal.Audience{}
	}
	return journal.Audience{Users: []int64{details.DeputyID}}
}

// movesHeads returns those who may receive the events of other departments after the entry: who heads one already,
// opened a stream for whole departments, or is the new head.
func movesHeads(e journal.Entry) journal.Audience {
	return journal.Audience{AllHeads: true, Users: []int64{headIn(e)}}
}

// headIn returns the new head that a department's entry names, 0 for none.
func headIn(e journal.Entry) int64 {
	var details struct {
		HeadID  int64 `json:"head_id"` // of a department that was added
		Changed struct {
			HeadID struct {
				To int64 `json:"to"`
			} `json:"head_id"`
		} `json:"changed"`
	}
	if json.Unmarshal(e.Details, &details) != nil {
		return 0
	}
	return max(details.HeadID, details.Changed.HeadID.To)
}
