package calls

// moves is how a call, and each agent's part of it, changes its state. An event that is not in the table leaves the
// state as it is: events may come in any order, and a late ringing does not undo an end.
var moves = map[State]map[EventKind]State{
	"": {Ringing: StateRinging, Stopped: StateRinging, Answered: StateTalking, Ended: StateEnded,
		Summary: StateEnded},
	StateRinging: {Answered: StateTalking, Ended: StateEnded, Summary: StateEnded},
	StateTalking: {Ended: StateEnded, Summary: StateEnded},
	StateEnded:   {},
}

// next returns the state after an event.
func (s State) next(k EventKind) State {
	if to, moves := moves[s][k]; moves {
		return to
	}
	return s
}
