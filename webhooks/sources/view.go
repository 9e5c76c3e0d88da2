package sources

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"callhue/internal/web"
	"callhue/lookup/external"
	"callhue/webhooks/dialects"
)

// DialectView is a dialect as the API shows it.
type DialectView struct {
	Name     string        `json:"name"`
	Title    web.Words     `json:"title"`
	Secret   bool          `json:"secret_required"` // the other side chooses the secret
	Settings []SettingView `json:"settings"`
	Speaks   Ability       `json:"speaks"`
	// Return is where the other side has to redirect an administrator's browser; "" where it does not.
	Return string `json:"return_url"`
}

// Ability is what sources of a dialect can do, once they are set up for it.
type Ability struct {
	Calls bool `json:"calls"` // it reports calls
	Names bool `json:"names"` // it shows names on desk phones
	Dials bool `json:"dials"` // it can place calls
	// Answers is whose a number is, asked during a call.
	Answers bool `json:"answers"`
	CRM     bool `json:"crm"` // its records are synced, or it reports changes of them
}

func abilityOf(d *dialects.Dialect) Ability {
	showsNames := func(s dialects.Setting) bool { return s.Topic == dialects.TopicNames }
	return Ability{
		Calls:   d.ReportsCalls(),
		Names:   slices.ContainsFunc(d.Settings, showsNames),
		Dials:   d.CanDial(),
		Answers: d.Answers,
		CRM:     d.Connection == dialects.CRMConnection || d.NoCalls && !d.Answers,
	}
}

// SettingView is a setting as the API shows it.
type SettingView struct {
	Name     string               `json:"name"`
	Kind     dialects.SettingKind `json:"kind"` // a secret is never shown again; sent back as it is shown, it stays
	Topic    dialects.Topic       `json:"topic"`
	Label    web.Words            `json:"label"`
	Hint     web.Words            `json:"hint"`  // what it is for, where the label does not tell; "" otherwise
	Usual    string               `json:"usual"` // what counts when it is not set
	Values   []string             `json:"values"`
	Required bool                 `json:"required"`
}

func viewDialect(d *dialects.Dialect, publicURL string) DialectView {
	v := DialectView{
		Name:     d.Name,
		Title:    d.Title,
		Secret:   d.VendorSecret,
		Settings: make([]SettingView, len(d.Settings)),
		Speaks:   abilityOf(d),
	}
	if d.ReturnPath != "" {
		v.Return = publicURL + d.ReturnPath
	}
	for i, s := range d.Settings {
		v.Settings[i] = SettingView{
			Name:     s.Name,
			Kind:     s.Kind,
			Topic:    s.Topic,
			Label:    s.Label,
			Hint:     s.Hint,
			Usual:    s.Default,
			Values:   append([]string{}, s.Choices...),
			Required: slices.Contains(d.Required, s.Name),
		}
	}
	return v
}

// SetupView is what an administrator has to do at the PBX or CRM, as the API shows it.
type SetupView struct {
	URL   string          `json:"url"`   // to enter there, or the one that we connect to
	Steps []StepView      `json:"steps"` // to do there, in order
	Files []dialects.File `json:"files"` // to upload there
}

// StepView is a step as the API shows it.
type StepView struct {
	Text web.Words `json:"text"`
	Copy string    `json:"copy"` // what to enter there, to the letter; "" when there is nothing to copy
	// Redacted is set when SECRET in it stands for the secret, which is not shown again.
	Redacted bool `json:"veiled"`
}

// Setup returns the steps for a source at the other side. secret is "" when it is no longer known; SECRET then stands
// for it. publicURL is what the other side calls this server by.
func (r *Registry) Setup(s Source, secret, publicURL string) SetupView {
	v := SetupView{Steps: []StepView{}, Files: []dialects.File{}}
	dialect := r.dialects[s.Dialect]
	if dialect == nil {
		return v
	}
	setup := dialect.Setup(dialects.Address{
		Source:    s.Name,
		Settings:  s.Settings,
		Secret:    cmp.Or(secret, dialects.SecretPlaceholder),
		PublicURL: strings.TrimRight(publicURL, "/"),
	})
	v.URL = setup.URL
	v.Files = append(v.Files, setup.Files...)
	for _, step := range setup.Steps {
		redacted := secret == "" && strings.Contains(step.Copy, dialects.SecretPlaceholder)
		v.Steps = append(v.Steps, StepView{step.Text, step.Copy, redacted})
	}
	return v
}

// SourceView is a source as the API shows it. SECRET stands in addresses for a secret that is not shown again.
type SourceView struct {
	Source
	SetupView
	Counts  []RequestCount `json:"counts"`   // of its requests by outcome, most frequent first
	HeardAt *time.Time     `json:"heard_at"` // when it last sent something that was understood
	Link    *LinkStatus    `json:"link"`     // our connection to it; null where it only connects to us
	// Lookup is how a lookup source has done since this server was started; null for other sources.
	Lookup *external.Stats `json:"lookup"`
	// Problems are what is wrong with a source that works otherwise.
	Problems []Problem `json:"problems"`
}

func (r *Registry) view(ctx context.Context, s Source, publicURL string, counts []RequestCount) (SourceView, error) {
	link, err := r.runtime.LinkStatus(ctx, s)
	if err != nil {
		return SourceView{}, err
	}
	v := SourceView{
		Source:    s,
		SetupView: r.Setup(s, "", publicURL),
		Counts:    append([]RequestCount{}, counts...),
		HeardAt:   lastUnderstood(counts),
		Link:      link,
	}
	if v.Lookup, err = r.runtime.LookupStats(ctx, s); err != nil {
		return SourceView{}, err
	}
	v.Problems, err = r.problems(ctx, v)
	return v, err
}

// viewOne is view of a source by itself.
func (r *Registry) viewOne(ctx context.Context, s Source, publicURL string) (SourceView, error) {
	counts, err := r.runtime.Counts(ctx)
	if err != nil {
		return SourceView{}, err
	}
	return r.view(ctx, s, publicURL, counts[s.ID])
}

// SourceWithSecret is a source that has just got a secret.
type SourceWithSecret struct {
	Source Source `json:"source"`
	Secret string `json:"secret"` // when it was generated here; shown this once
	SetupView
}

// withSecret shows a secret that was generated here. One that was given is only a part of the addresses that contain
// it.
func (r *Registry) withSecret(s Source, generated, given, publicURL string) SourceWithSecret {
	return SourceWithSecret{s, generated, r.Setup(s, cmp.Or(generated, given), publicURL)}
}
