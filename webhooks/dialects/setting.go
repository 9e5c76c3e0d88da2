package dialects

import (
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/lookup/query"
	"callhue/webhooks/dialects/mapping"
)

// Setting is one further setting of a source.
type Setting struct {
	Name    string
	Kind    SettingKind
	Topic   Topic
	Label   web.Words
	Hint    web.Words // what it is for, where the label does not tell
	Default string    // what counts when it is not set; "" is nothing
	Choices []string  // the values of a KindChoice
	Sealed  bool      // it may contain a key: like a KindSecret it is sealed at rest and never shown again

	// valid reports whether a value that is not empty can be used; without it any can.
	valid func(value string) bool
}

// SettingKind is what a setting may hold.
type SettingKind string

// The kinds of settings.
const (
	KindText    SettingKind = "text"
	KindSecret  SettingKind = "secret"  // sealed at rest, never shown again
	KindSwitch  SettingKind = "switch"  // "true", "false"
	KindChoice  SettingKind = "choice"  // one of a few words
	KindAddress SettingKind = "address" // an http or https URL
	KindMapping SettingKind = "mapping" // a JSON document of package mapping
	KindQuery   SettingKind = "query"   // a query or the template of a body: a text of several lines
	KindLines   SettingKind = "lines"   // lines of "name = value"
)

// Values lists the kinds, for the API reference.
func (SettingKind) Values() []string {
	return []string{string(KindText), string(KindSecret), string(KindSwitch), string(KindChoice), string(KindAddress),
		string(KindMapping), string(KindQuery), string(KindLines)}
}

// Topic is the heading under which people find a setting.
type Topic string

// The topics of settings.
const (
	TopicConnection Topic = "connection" // who the other side is
	TopicCalls      Topic = "calls"      // which calls count, and what becomes of them
	TopicNames      Topic = "names"      // names on the displays of phones
	TopicDial       Topic = "dial"       // calls that begin in the browser
	TopicFields     Topic = "fields"     // where the fields of a record stand in an answer
	TopicRare       Topic = "rare"       // what most installations never need
)

// Values lists the topics, for the API reference.
func (Topic) Values() []string {
	return []string{string(TopicConnection), string(TopicCalls), string(TopicNames), string(TopicDial), string(TopicFields),
		string(TopicRare)}
}

// The longest value of a setting in bytes, and of one that is a secret: tokens of CRMs are long.
const (
	maxSetting       = 500
	maxSecretSetting = 4000
)

// MaxLength returns how long a value may be, in bytes.
func (s *Setting) MaxLength() int {
	switch s.Kind {
	case KindSecret:
		return maxSecretSetting
	case KindMapping:
		return mapping.MaxLength
	case KindQuery, KindLines:
		return query.MaxLength
	}
	return maxSetting
}

// HasLines reports whether a value may have several lines.
func (s *Setting) HasLines() bool {
	return s.Kind == KindMapping || s.Kind == KindQuery || s.Kind == KindLines
}

// Faults returns what is wrong inside of a value that is a document: the place in it and a code. It is nil for other
// kinds of settings.
func (s *Setting) Faults(value string) []fault.Field {
	if s.Kind != KindMapping || value == "" {
		return nil
	}
	if _, err := mapping.Parse(value); err != nil {
		return fault.Of(err).Fields
	}
	return nil
}

// Accepts reports whether the setting can hold a value; an empty one is always accepted.
func (s *Setting) Accepts(value string) bool {
	switch {
	case value == "":
		return true
	case s.Kind == KindSwitch:
		return value == "true" || value == "false"
	case s.Kind == KindChoice:
		return slices.Contains(s.Choices, value)
	case s.Kind == KindAddress:
		return isWebAddress(value)
	}
	return s.valid == nil || s.valid(value)
}

// Setting returns the dialect's setting of a name; nil when there is none.
func (d *Dialect) Setting(name string) *Setting {
	for i := range d.Settings {
		if d.Settings[i].Name == name {
			return &d.Settings[i]
		}
	}
	return nil
}

// IsSecret reports whether the value is sealed at rest and never shown again.
func (s *Setting) IsSecret() bool { return s.Kind == KindSecret || s.Sealed }

// SecretSettings returns the names of the dialect's settings that are secrets.
func (d *Dialect) SecretSettings() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range d.Settings {
			if s.IsSecret() && !yield(s.Name) {
				return
			}
		}
	}
}

// Settings of dialects with CallerID.
var (
	asciiSetting = Setting{Name: "ascii", Kind: KindSwitch, Topic: TopicNames,
		Label: web.Say("Писать имена латиницей", "Spell names in Latin letters"),
		Hint:  web.Say("Для телефонов, которые не показывают кириллицу.", "For phones that cannot show Cyrillic.")}
	languageSetting = Setting{Name: "language", Kind: KindChoice, Choices: []string{"ru", "en"}, Topic: TopicNames,
		Label: web.Say("Язык пояснений в ответе /lookup", "Language of the texts in answers of /lookup"),
		Hint: web.Say("Пусто — язык сотрудника, о чьём звонке запрос.",
			"Empty: the language of the agent whose call it is.")}
)

// lengthSetting is how much of a name a phone shows.
func lengthSetting(usual int) Setting {
	return Setting{Name: "max", Kind: KindText, Topic: TopicNames, Default: strconv.Itoa(usual),
		Label: web.Say("Длина имени, знаков", "Name length, characters"),
		Hint: web.Say("Сколько помещается на дисплее; остальное отрезается.",
			"As much as the display shows; the rest is cut off."),
		valid: func(value string) bool { _, ok := ParseNameLength(value); return ok }}
}

// linesSetting belongs to every dialect that reports calls: it leaves out the lines of another department or company
// on the same PBX.
var linesSetting = Setting{Name: "lines", Kind: KindText, Topic: TopicCalls,
	Label: web.Say("Только звонки этих линий", "Only calls on these lines"),
	Hint: web.Say("Свои номера или линии через запятую; пусто — все.",
		"Your own numbers or lines, separated by commas; empty: all.")}

// Lines returns the lines whose calls count; nil for all.
func Lines(settings map[string]string) (lines []string) {
	for line := range strings.SplitSeq(settings[linesSetting.Name], ",") {
		if line = text.OneLine(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// showCallsSetting belongs to CRMs in which calls of other sources can be logged.
var showCallsSetting = Setting{Name: "show_calls", Kind: KindSwitch, Topic: TopicCalls,
	Label: web.Say("Показывать в CRM звонки других источников", "Log calls of other sources in the CRM"),
	Hint: web.Say("Карточка появляется у пользователей CRM, звонок записывается у клиента.",
		"The card appears to the CRM's users, and the call is logged at the client.")}

// ShowsCalls reports whether the calls of other sources are logged in the CRM.
func ShowsCalls(settings map[string]string) bool { return settings[showCallsSetting.Name] == "true" }

// routeSetting belongs to dialects whose reply can tell where to ring; usual is its default.
func routeSetting(usual string) Setting {
	return Setting{Name: routeName, Kind: KindSwitch, Topic: TopicCalls, Default: usual,
		Label: web.Say("Входящие — сначала ответственному за клиента", "Route incoming calls to the client's owner first")}
}

const routeName = "route"

// apiURLSetting is the address of the API through which a PBX places calls.
func apiURLSetting(usual, example string) Setting {
	s := Setting{Name: apiURL, Kind: KindAddress, Topic: TopicDial, Default: usual,
		Label: web.Say("Адрес API АТС", "Address of the PBX API")}
	if example != "" {
		s.Hint = web.Say("Например "+example, "Such as "+example)
	}
	return s
}

// hostPattern matches what may stand in a header as a host.
var hostPattern = regexp.MustCompile(`^[a-z0-9.-]+(:[0-9]{1,5})?$`)

// isWebAddress reports whether a text is an http or https URL without a user in it.
func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
