package webhooks

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"callhue/internal/web"
)

// DialectView is a dialect as the API shows it.
type DialectView struct {
	Name     string        `json:"name"`
	Title    web.Words     `json:"title"`
	Secret   bool          `json:"secret_required"` // the other side chooses the secret
	Settings []SettingView `json:"settings"`
	Speaks   Ability       `json:"speaks"`
	Return   string        `json:"return_url"` // where the other side has to lead an administrator's browser back to; "" where it does not
}

// Ability is what sources of a dialect can do, once they are set up for it.
type Ability struct {
	Calls bool `json:"calls"` // it tells of calls
	Names bool `json:"names"` // it shows names on desk phones
	Dials bool `json:"dials"` // it can be told to make a call
	CRM   bool `json:"crm"`   // its records are mirrored, or it tells of them
}

func (d *Dialect) ability() Ability {
	return Ability{Calls: d.tellsCalls(), Names: slices.ContainsFunc(d.Settings, func(s Setting) bool { return s.Topic == topicNames }),
		Dials: d.dials || d.order != nil, CRM: d.portal != nil || d.mute}
}

// SettingView is a setting as the API shows it.
type SettingView struct {
	Name     string      `json:"name"`
	Kind     settingKind `json:"kind"`  // text, secret (never shown again; sent back as it is shown, it stays), switch, choice, address
	Topic    topic       `json:"topic"` // connection, calls, names, dial, rare
	Label    web.Words   `json:"label"`
	Hint     web.Words   `json:"hint"`  // what it is for, where the label does not say it; "" otherwise
	Usual    string      `json:"usual"` // what counts when it is not set
	Values   []string    `json:"values"`
	Required bool        `json:"required"`
}

func (d *Dialect) view(publicURL string) DialectView {
	v := DialectView{Name: d.Name, Title: d.Title, Secret: d.Theirs, Settings: make([]SettingView, len(d.Settings)), Speaks: d.ability()}
	if d.returns != "" {
		v.Return = publicURL + d.returns
	}
	for i, s := range d.Settings {
		v.Settings[i] = SettingView{s.Name, s.Kind, s.Topic, s.Label, s.Hint, s.Usual, append([]string{}, s.Of...), slices.Contains(d.needs, s.Name)}
	}
	return v
}

// SourceView is a source as the API shows it, with where to paste what; the
// address has SECRET where a secret belongs that is not shown again.
type SourceView struct {
	Source
	URL     string     `json:"url"`
	Steps   []StepView `json:"steps"`    // to do at the PBX or CRM
	Files   []File     `json:"files"`    // to upload there
	Counts  []Count    `json:"counts"`   // what became of its requests, most frequent first
	HeardAt *time.Time `json:"heard_at"` // when it last said something that was understood
	Link    *Standing  `json:"link"`     // how it is with our connection to it; null where it only speaks to us
}

// Connected is a source that has just got a secret.
type Connected struct {
	Source Source     `json:"source"`
	Secret string     `json:"secret"` // when it was made here; shown this once
	URL    string     `json:"url"`
	Steps  []StepView `json:"steps"` // to do at the PBX or CRM
	Files  []File     `json:"files"` // to upload there
}

// StepView is a step as the API shows it.
type StepView struct {
	Text web.Words `json:"text"`
	Copy string    `json:"copy"` // what goes there, to the letter; "" when there is nothing to copy
	// Veiled says that SECRET stands in it for the secret, which is not shown again.
	Veiled bool `json:"veiled"`
}

// View gives the steps as the API shows them.
func (p Setup) View() []StepView {
	steps := make([]StepView, len(p.Steps))
	for i, s := range p.Steps {
		steps[i] = StepView{s.Says, s.Copy, p.veiled && strings.Contains(s.Copy, secretMark)}
	}
	return steps
}

func (d *Receiver) view(r *web.Request, s Source, counts []Count) (v SourceView, err error) {
	p := d.Setup(s, "", r.PublicURL())
	v = SourceView{Source: s, URL: p.URL, Steps: p.View(), Files: files(p), Counts: append([]Count{}, counts...), HeardAt: heardAt(counts)}
	v.Link, err = d.standing(r.Context(), s)
	return v, err
}

// viewOne is view of a source without the others.
func (d *Receiver) viewOne(r *web.Request, s Source) (SourceView, error) {
	counts, err := d.counts(r.Context())
	if err != nil {
		return SourceView{}, err
	}
	return d.view(r, s, counts[s.ID])
}

// connected shows a secret that was made here; one that was given is only a part
// of the address, where it belongs there.
func (d *Receiver) connected(r *web.Request, s Source, made, given string) Connected {
	p := d.Setup(s, cmp.Or(made, given), r.PublicURL())
	return Connected{s, made, p.URL, p.View(), files(p)}
}

func files(p Setup) []File { return append([]File{}, p.Files...) }
