package rules

// The values of each string type that the API shows, for its reference and for
// the types of its clients.

// texts returns the values as plain strings.
func texts[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, value := range values {
		list[i] = string(value)
	}
	return list
}

// Values lists the colours.
func (Color) Values() []string { return texts(Red, Yellow, Blue, None, Grey) }

// Values lists the kinds of number.
func (NumberKind) Values() []string { return texts(External, Internal, Hidden, Invalid) }

// Values lists the directions.
func (Direction) Values() []string { return texts(In, Out) }

// Values lists the kinds of record.
func (Kind) Values() []string { return texts(KindCompany, KindContact, KindLead) }

// Values lists the relations.
func (Relation) Values() []string {
	return texts(Own, Team, Deputy, Permit, Supervisor, Admin, Foreign, NoOwner)
}

// Values lists the effects.
func (Effect) Values() []string { return texts(EffectNone, EffectBanner, EffectYellow, EffectRed) }

// Values lists the ways from a number to a record.
func (Via) Values() []string { return texts(ViaDirect, ViaContact, ViaLead) }

// Values lists the actions.
func (Action) Values() []string {
	return texts(ActionOpen, ActionPassToOwner, ActionAskHead, ActionAskPermit, ActionCreateLead, ActionCreateContact)
}

// Values lists the choices.
func (MissingPolicy) Values() []string { return texts(MissingAsDefault, MissingAsProtected) }

// Values lists the choices.
func (SharedPolicy) Values() []string {
	return texts(SharedOldestLink, SharedStrictest, SharedOwnFirst)
}

// Values lists the choices.
func (LeadPolicy) Values() []string { return texts(LeadsOpenAndLost, LeadsOpen) }

// Values lists the choices.
func (CountsAs) Values() []string { return texts(CountsAsOwn, CountsAsForeign) }

// Values lists the modes.
func (DoNotCallMode) Values() []string { return texts(DoNotCallWarn, DoNotCallBlock) }

// Values lists the reason codes in the order of the decision table.
func (Why) Values() []string {
	return texts(
		WhyInternal, WhyHidden, WhyInvalid, WhyCheckFailed,
		WhyUnknown, WhyMaybe, WhyEmployee, WhyAgentUnknown,
		WhyAnsweredElsewhere, WhyForeignInWork, WhyForeignInWorkViaContact, WhyForeignInWorkViaContactMulti,
		WhyLeadCompany, WhySharedNumber, WhyOwnerInactive, WhyForeignIdle, WhyStatusMissing,
		WhyStatusUnknown, WhySupervisor, WhyAdmin, WhyOwn,
		WhyTeam, WhyDeputy, WhyPermit, WhyForeignFree,
		WhyUnassigned, WhyContactOwnCompany, WhyContactOwnCompanyMulti, WhyContactForeignFree,
		WhyContactForeignFreeMulti, WhyContactUnassigned, WhyContactUnassignedMulti, WhyContactNoCompany,
		WhyContactOverLead, WhyLeadOnly,
	)
}
