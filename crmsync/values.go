package crmsync

// SyncState is how a source stands: one of the states above.
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
	for _, kind := range records {
		phases = append(phases, phaseOf(kind))
	}
	return append(phases, phaseGone)
}

// UserMatch is how a user of theirs was matched with one of ours.
type UserMatch string

// Values lists the ways, for the API reference.
func (UserMatch) Values() []string {
	return []string{howChosen, howEmail, howExtension, howName, howMade, howNone}
}

// OwnersMode is whose word counts when an owner or a status changes in the CRM.
type OwnersMode string

// Values lists the modes, for the API reference.
func (OwnersMode) Values() []string { return []string{ownersGuarded, ownersCRM} }

// DifferencePart is the part of a record in which it differs from the CRM's.
type DifferencePart string

// The parts that several changes of a record share.
const (
	differsNumber DifferencePart = "number"
	differsLink   DifferencePart = "link"
)

// Values lists the parts, for the API reference.
func (DifferencePart) Values() []string {
	return []string{string(partOwner), string(partStatus), string(differsNumber), string(differsLink), string(partRemoval), string(partFields),
		string(partBecame), string(partInvalid)}
}
