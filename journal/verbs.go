package journal

import "slices"

// Verb says what happened. The list is closed: each verb has a sentence.
type Verb string

// The verbs.
const (
	DepartmentAdded   Verb = "department.added"
	DepartmentChanged Verb = "department.changed"
	DepartmentRemoved Verb = "department.removed"
	UserAdded         Verb = "user.added"
	UserChanged       Verb = "user.changed"
	IdentityAdded     Verb = "identity.added"
	IdentityRemoved   Verb = "identity.removed"
	DeputyAdded       Verb = "deputy.added"
	DeputyRemoved     Verb = "deputy.removed"
	PasswordSet       Verb = "user.password_set"
	LinkMade          Verb = "user.link_made"
	SignedIn          Verb = "user.signed_in"
	SignedOut         Verb = "user.signed_out"
	TokenAdded        Verb = "token.added"
	TokenRevoked      Verb = "token.revoked"

	StatusAdded   Verb = "status.added"
	StatusChanged Verb = "status.changed"
	StatusRemoved Verb = "status.removed"

	RecordAdded    Verb = "record.added"
	RecordChanged  Verb = "record.changed"
	RecordRemoved  Verb = "record.removed"
	RecordErased   Verb = "record.erased"
	RecordMerged   Verb = "record.merged"
	OwnerChanged   Verb = "owner.changed"
	CompanyStatus  Verb = "company.status"
	LeadConverted  Verb = "lead.converted"
	ChangeRefused  Verb = "change.refused"
	NumbersChanged Verb = "numbers.changed"

	DoNotCallAdded   Verb = "dnc.added"
	DoNotCallRemoved Verb = "dnc.removed"

	CallStarted   Verb = "call.started"
	CallAnswered  Verb = "call.answered"
	CallEnded     Verb = "call.ended"
	CallNoted     Verb = "call.noted"
	CardShown     Verb = "card.shown"
	CardChanged   Verb = "card.changed"
	CardClosed    Verb = "card.closed"
	CardDismissed Verb = "card.put_away"

	IncidentRecorded     Verb = "incident.recorded"
	IncidentAcknowledged Verb = "incident.acknowledged"

	PolicyChanged Verb = "policy.changed"

	AskMade       Verb = "ask.made"
	AskDecided    Verb = "ask.decided"
	PermitGranted Verb = "permit.granted"
	PermitEnded   Verb = "permit.ended"

	SourceAdded   Verb = "source.added"
	SourceChanged Verb = "source.changed"
	SourceRemoved Verb = "source.removed"

	SyncMapped        Verb = "sync.mapped"
	SyncImported      Verb = "sync.imported"
	DifferenceDecided Verb = "sync.settled"

	HookOutAdded   Verb = "hook_out.added"
	HookOutChanged Verb = "hook_out.changed"
	HookOutRemoved Verb = "hook_out.removed"
	HookOutTested  Verb = "hook_out.tested"

	ProfileAdded    Verb = "kpi_profile.added"
	ProfileChanged  Verb = "kpi_profile.changed"
	ProfileRemoved  Verb = "kpi_profile.removed"
	ProfileAssigned Verb = "kpi_profile.assigned"
	FactEntered     Verb = "kpi.fact_entered"
	MonthCalculated Verb = "kpi.calculated"
	MonthClosed     Verb = "kpi.closed"

	DemoBegun  Verb = "demo.begun"
	DemoLoaded Verb = "demo.loaded"
)

// VerbSentence is a verb with its meaning, for the API reference.
type VerbSentence struct {
	Verb     Verb   `json:"verb"`
	Sentence string `json:"sentence"`
}

// Verbs lists every verb with its sentence, in the order of the rooms.
func Verbs() []VerbSentence { return slices.Clone(verbs[:]) }

var verbs = [...]VerbSentence{
	{DepartmentAdded, "A department was added."},
	{DepartmentChanged, "A department got another name, parent or head."},
	{DepartmentRemoved, "A department was removed."},
	{UserAdded, "A user was added."},
	{UserChanged, "A user's login, name, roles, department, language, own phones or activity changed."},
	{IdentityAdded, "A name that a PBX or CRM calls a user by was added."},
	{IdentityRemoved, "A name that a PBX or CRM calls a user by was taken away."},
	{DeputyAdded, "A user got a deputy for a period."},
	{DeputyRemoved, "A user's deputy was taken away."},
	{PasswordSet, "A user got another password; his sessions ended."},
	{LinkMade, "A one-time sign-in link was made for a user."},
	{SignedIn, "A user signed in."},
	{SignedOut, "A user signed out."},
	{TokenAdded, "An API token was given to a user."},
	{TokenRevoked, "An API token was revoked."},
	{StatusAdded, "An entry of the status directory was added."},
	{StatusChanged, "An entry of the status directory changed."},
	{StatusRemoved, "An entry of the status directory was removed."},
	{RecordAdded, "A lead, contact or company was added."},
	{RecordChanged, "A lead, contact or company changed."},
	{RecordRemoved, "A lead, contact or company was removed."},
	{RecordErased, "A person asked for it: everything personal was taken out of his lead or contact."},
	{RecordMerged, "A contact or company was merged into another one."},
	{OwnerChanged, "A lead, contact or company got another owner."},
	{CompanyStatus, "A company's status changed."},
	{LeadConverted, "A lead was converted."},
	{ChangeRefused, "A change was refused: the user had no right to it."},
	{NumbersChanged, "Numbers were put on a record or taken off it."},
	{DoNotCallAdded, "A number was put on the do-not-call list."},
	{DoNotCallRemoved, "A number was taken off the do-not-call list."},
	{CallStarted, "A call began."},
	{CallAnswered, "A call was answered."},
	{CallEnded, "A call ended."},
	{CallNoted, "Somebody wrote down what was said in a call."},
	{CardShown, "A card appeared before an agent."},
	{CardChanged, "A card that an agent sees changed."},
	{CardClosed, "A card was closed."},
	{IncidentRecorded, "An agent talked to a client although his card was red."},
	{IncidentAcknowledged, "A head acknowledged an incident."},
	{PolicyChanged, "The policy of the rules got a new version."},
	{CardDismissed, "An agent put a card away before the call ended."},
	{AskMade, "Somebody asked a head for a permit or an owner, or the house noted that an owner has left."},
	{AskDecided, "An ask was granted, refused or settled."},
	{PermitGranted, "An agent may work with a colleague's company for a while."},
	{PermitEnded, "A permit ended."},
	{SourceAdded, "A PBX or CRM was connected."},
	{SourceChanged, "A source's settings or secret changed."},
	{SourceRemoved, "A source was removed."},
	{SyncMapped, "Somebody decided how the words of a connected CRM are understood here."},
	{SyncImported, "Everything of a connected CRM was brought in."},
	{DifferenceDecided, "Somebody decided about a difference between a connected CRM and our records."},
	{HookOutAdded, "Somebody subscribed to what happens."},
	{HookOutChanged, "A subscription's address, verbs, secret or activity changed."},
	{HookOutRemoved, "A subscription was removed."},
	{HookOutTested, "A subscription was sent a test delivery."},
	{ProfileAdded, "A profile of indicators was added."},
	{ProfileChanged, "A profile of indicators got another version."},
	{ProfileRemoved, "A profile of indicators was removed."},
	{ProfileAssigned, "A user got another profile of indicators, or none."},
	{FactEntered, "A fact of a user's month was entered."},
	{MonthCalculated, "Scores and bonuses of a month were calculated and kept."},
	{MonthClosed, "A month was closed: its scores and bonuses do not change any more."},
	{DemoBegun, "The making of the demo data began."},
	{DemoLoaded, "The demo data were complete."},
}

// Values lists the verbs, for the API reference.
func (Verb) Values() []string {
	list := make([]string, len(verbs))
	for i, v := range verbs {
		list[i] = string(v.Verb)
	}
	return list
}

func (v Verb) known() bool {
	return slices.ContainsFunc(verbs[:], func(s VerbSentence) bool { return s.Verb == v })
}
