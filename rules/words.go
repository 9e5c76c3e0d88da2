package rules

import "strings"

// Names fill the words of a verdict. Whatever is empty is left out, together
// with the part of the sentence that needs it.
type Names struct {
	Agent     string `json:"agent,omitempty"` // what the PBX called an agent that we do not know
	Owner     string `json:"owner,omitempty"` // the owner in the sentences
	OwnerHead string `json:"head,omitempty"`  // the head of that owner
	Company   string `json:"company,omitempty"`
	Contact   string `json:"contact,omitempty"`
	Lead      string `json:"lead,omitempty"`
	Status    string `json:"status,omitempty"`    // of the company
	Until     string `json:"until,omitempty"`     // when the agent's permit ends
	Days      string `json:"days,omitempty"`      // for how long the owner's side has not been in touch
	Colleague string `json:"colleague,omitempty"` // whose extension or own phone the number is, or who took the call
	Since     string `json:"since,omitempty"`     // of an entry of the do-not-call list, as Reason
	Reason    string `json:"reason,omitempty"`
}

// phrase is the text of a reason. A phrase with a relation goes before the one without.
type phrase struct {
	why      Why
	relation Relation // empty: any
	out      say
	in       say // empty: as out
}

// say is a title and a text. "{owner}" stands for a name; a part in square
// brackets is left out when a name in it is missing.
type say struct{ title, text string }

// Words puts a verdict into the agent's language: "ru" (also "ru-RU" and the
// like) is Russian, anything else English. Both parts are plain text. These are
// the words that ship with the product; a policy may have others (Policy.Words).
func Words(v Verdict, lang string, n Names) (title, text string) {
	s, _ := shipped(v, isRussian(lang))
	return fill(s.title, &n), fill(s.text, &n)
}

func isRussian(lang string) bool { return strings.HasPrefix(strings.ToLower(lang), "ru") }

// shipped returns the phrase for a verdict, and whether it is one for
// incoming calls only. A reason without one would be a gap that the completeness
// test finds.
func shipped(v Verdict, inRussian bool) (s say, incoming bool) {
	phrases := english
	if inRussian {
		phrases = russian
	}
	for i := range phrases {
		p := &phrases[i]
		if p.why != v.Why || p.relation != "" && p.relation != v.Relation {
			continue
		}
		if v.Direction == In && p.in.title != "" {
			return p.in, true
		}
		return p.out, false
	}
	return say{}, false
}

// fill puts the names into a template.
func fill(template string, n *Names) string {
	var b strings.Builder
	b.Grow(len(template) + 64) // room for a name or two
	for {
		plain, rest, optional := strings.Cut(template, "[")
		n.put(&b, plain)
		if !optional {
			return b.String()
		}
		part, after, _ := strings.Cut(rest, "]")
		if n.know(part) {
			n.put(&b, part)
		}
		template = after
	}
}

// put writes a part of a template with its names.
func (n *Names) put(b *strings.Builder, part string) {
	for {
		plain, rest, more := strings.Cut(part, "{")
		b.WriteString(plain)
		if !more {
			return
		}
		key, after, _ := strings.Cut(rest, "}")
		b.WriteString(n.get(key))
		part = after
	}
}

// know reports whether no name of a part is missing.
func (n *Names) know(part string) bool {
	for {
		_, rest, more := strings.Cut(part, "{")
		if !more {
			return true
		}
		key, after, _ := strings.Cut(rest, "}")
		if n.get(key) == "" {
			return false
		}
		part = after
	}
}

func (n *Names) get(key string) string {
	switch key {
	case "agent":
		return n.Agent
	case "owner":
		return n.Owner
	case "head":
		return n.OwnerHead
	case "company":
		return n.Company
	case "contact":
		return n.Contact
	case "lead":
		return n.Lead
	case "status":
		return n.Status
	case "until":
		return n.Until
	case "days":
		return n.Days
	case "colleague":
		return n.Colleague
	case "since":
		return n.Since
	case "reason":
		return n.Reason
	}
	return ""
}
