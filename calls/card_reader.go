package calls

import "callhue/rules"

// A card is stored with its words in the language of its agent, for the agent's own screen and for machines; anyone
// else reads it gets them in a language of theirs, made again from the reason code and the names.

// sayTo puts a stored verdict into the language of a reader, in the words of a policy. One of an older version, which
// was stored without its names, keeps its words.
func (v *VerdictPart) sayTo(language string, direction rules.Direction, policy *rules.Policy) {
	v.Says = rules.RuleText(v.Says, language)
	if v.Names == nil {
		return
	}
	verdict := rules.Verdict{Color: v.Color, Why: v.Why, Relation: v.Relation, Banner: v.Banner, Direction: direction}
	v.Title, v.Text = policy.Words(verdict, language, *v.Names)
}

// sayTo puts what the agents of a call have seen into the language of a reader.
func (call *Call) sayTo(language string, policy *rules.Policy) {
	for i := range call.Agents {
		call.Agents[i].Verdict.sayTo(language, call.Direction, policy)
		shown := call.Agents[i].Shown
		for n := range shown {
			shown[n].Verdict.sayTo(language, call.Direction, policy)
		}
	}
}
