package calls

// A call and each agent's part of it move by the same table; what is not in it
// leaves the state as it is. Events may come in any order: an end that was
// heard is not taken back by a ringing that was late.
var moves = map[State]map[EventKind]State{
	"":           {Ringing: StateRinging, Answered: StateTalking, Ended: StateEnded, Summary: StateEnded},
	StateRinging: {Answered: StateTalking, Ended: StateEnded, Summary: StateEnded},
	StateTalking: {Ended: StateEnded, Summary: StateEnded},
	StateEnded:   {},
}

// next is the state after an event.
func (s State) next(k EventKind) State {
	if to, moves := moves[s][k]; moves {
		return to
	}
	return s
}
