package rules

// Enforcement is what the policy demands of agents who see red on an outgoing call and continue. It changes no colour and
// never drops a call: it asks, and the head sees what was not given.
type Enforcement struct {
	Mode        EnforcementMode `json:"mode"`
	PermitHours int             `json:"permit_hours"` // how long a permit lasts by default
}

// EnforcementMode is how much is wanted.
type EnforcementMode string

// The modes. On a card the empty one means that nothing is red for this agent.
const (
	EnforceWarn   EnforcementMode = "warn"   // a warning; the agent decides
	EnforceReason EnforcementMode = "reason" // the agent must give a reason
	EnforcePermit EnforcementMode = "permit" // the agent needs a permit of the owner's head
	// EnforceBlock is EnforcePermit, and no call is dialled for the agent meanwhile, whatever reason they give.
	EnforceBlock EnforcementMode = "block"
)

// Values lists the modes, for the API reference.
func (EnforcementMode) Values() []string {
	return []string{string(EnforceWarn), string(EnforceReason), string(EnforcePermit), string(EnforceBlock)}
}

// Met reports whether an agent who sees red has done what a mode wants. A permit
// never shows here: with one the card is not red.
func (m EnforcementMode) Met(reason string) bool {
	return m == EnforceWarn || m == EnforceReason && reason != ""
}

// Words returns in the agent's language what a mode still demands; "" for warn.
func (m EnforcementMode) Words(lang string) string {
	switch {
	case m == EnforceReason && isRussian(lang):
		return "Напишите, почему вы всё же продолжаете."
	case m == EnforceReason:
		return "Say why you go on all the same."
	case m == EnforcePermit && isRussian(lang):
		return "Чтобы работать с этим клиентом, нужно разрешение: попросите его у руководителя ответственного."
	case m == EnforceBlock && isRussian(lang):
		return "Программа не набирает этот номер: нужно разрешение руководителя ответственного."
	case m == EnforceBlock:
		return "The program does not dial this number: you need a permit of the owner's head."
	case m == EnforcePermit:
		return "You need a permit to work this client: ask the owner's head for one."
	}
	return ""
}

// maxPermitHours is a week, the longest permit that can be given.
const maxPermitHours = 7 * 24
