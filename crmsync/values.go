package crmsync

// SyncState is the state of a source.
type SyncState string

// Values lists the states, for the API reference.
func (SyncState) Values() []string {
	return []string{stateOff, stateNotInstalled, stateConnecting, stateImporting, stateFollowing, stateFailed}
}

// Phase is a phase of a full sync.
type Phase string

// Values lists the phases in their order, for the API reference.
func (Phase) Values() []string {
	phases := []string{phaseStaff}
	for _, kind := range recordKinds {
		phases = append(phases, phaseOf(kind))
	}
	return append(phases, phaseDeletions)
}

// UserMatch is how a user of theirs was matched with one of ours.
type UserMatch string

// Values lists the ways, for the API reference.
func (UserMatch) Values() []string {
	return []string{howChosen, howEmail, howExtension, howName, howMade, howNone, howOutside}
}

// OwnersMode is who decides when an owner or a status changes in the CRM.
type OwnersMode string

// Values lists the modes, for the API reference.
func (OwnersMode) Values() []string { return []string{ownersGuarded, ownersCRM} }

// ConflictPart is the part of a record that is in conflict.
type ConflictPart string

// The parts that several changes of a record share.
const (
	conflictNumber ConflictPart = "number"
	conflictLink   ConflictPart = "link"
)

// Values lists the parts, for the API reference.
func (ConflictPart) Values() []string {
	return []string{
		string(partOwner),
		string(partStatus),
		string(conflictNumber),
		string(conflictLink),
		string(partRemoval),
		string(partFields),
		string(partConverted),
		string(partInvalid),
	}
}
