package rules

// Enforcement is what the policy wants of an agent who sees red on a call of his
// own and goes on. It changes no colour, and nothing ever drops a
// call: it asks, and what was not given is seen by his head.
type Enforcement struct {
	Mode        EnforcementMode `json:"mode"`
	PermitHours int             `json:"permit_hours"` // how long a permit lasts when its head says no time
}

// EnforcementMode says how much is wanted.
type EnforcementMode string

// The modes. On a card the empty one says that nothing is red for this agent.
const (
	EnforceWarn   EnforcementMode = "warn"   // he is told, and decides
	EnforceReason EnforcementMode = "reason" // he has to say why
	EnforcePermit EnforcementMode = "permit" // he needs a permit of the owner's head
)

// Values lists the modes, for the API reference.
func (EnforcementMode) Values() []string {
	return []string{string(EnforceWarn), string(EnforceReason), string(EnforcePermit)}
}

// Met reports whether an agent who sees red has done what a mode wants. A permit
// never shows here: with one the card is not red.
func (m EnforcementMode) Met(reason string) bool {
	return m == EnforceWarn || m == EnforceReason && reason != ""
}

// Words says in the agent's language (as Words does) what a mode still wants of
// him; "" for warn.
func (m EnforcementMode) Words(lang string) string {
	switch {
	case m == EnforceReason && isRussian(lang):
		return "Напишите, почему вы всё же продолжаете."
	case m == EnforceReason:
		return "Say why you go on all the same."
	case m == EnforcePermit && isRussian(lang):
		return "Чтобы работать с этим клиентом, нужно разрешение: попросите его у руководителя ответственного."
	case m == EnforcePermit:
		return "You need a permit to work this client: ask the owner's head for one."
	}
	return ""
}

// maxPermitHours is a week, the longest permit that can be given.
const maxPermitHours = 7 * 24
