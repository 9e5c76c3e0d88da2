package webhooks

import (
	"iter"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/web"
)

// Setting is one further setting of a source.
type Setting struct {
	Name  string
	Kind  settingKind
	Topic topic
	Label web.Words
	Hint  web.Words // what it is for, where the label does not say it
	Usual string    // what counts when it is not set; "" is nothing
	// Of are the values of a choice.
	Of []string
	// fits says whether a value that is not empty can be read; without it any can.
	fits func(value string) bool
}

// settingKind is what may stand in a setting.
type settingKind string

// The kinds.
const (
	kindText    settingKind = "text"
	kindSecret  settingKind = "secret"  // sealed at rest, never shown again
	kindSwitch  settingKind = "switch"  // "true", "false"
	kindChoice  settingKind = "choice"  // one of a few words
	kindAddress settingKind = "address" // of the web
)

// Values lists the kinds, for the API reference.
func (settingKind) Values() []string {
	return []string{string(kindText), string(kindSecret), string(kindSwitch), string(kindChoice), string(kindAddress)}
}

// topic is what a setting is about; people look for it under that.
type topic string

// The topics.
const (
	topicConnection topic = "connection" // who the other side is
	topicCalls      topic = "calls"      // which calls count, and what becomes of them
	topicNames      topic = "names"      // on the displays of telephones
	topicDial       topic = "dial"       // calls that begin in the browser
	topicRare       topic = "rare"       // what most never need
)

// Values lists the topics, for the API reference.
func (topic) Values() []string {
	return []string{string(topicConnection), string(topicCalls), string(topicNames), string(topicDial), string(topicRare)}
}

// Settings of dialects that show names on desk phones.
var (
	asciiSetting = Setting{Name: "ascii", Kind: kindSwitch, Topic: topicNames, Label: web.Say("Писать имена латиницей", "Spell names in Latin letters"),
		Hint: web.Say("Для телефонов, которые не показывают кириллицу.", "For phones that show nothing else.")}
	languageSetting = Setting{Name: "language", Kind: kindChoice, Of: []string{"ru", "en"}, Topic: topicNames, Label: web.Say("Язык пояснений в ответе /lookup", "Language of the words that /lookup answers"),
		Hint: web.Say("Пусто — язык сотрудника, о чьём звонке спрашивают.", "Empty: that of the agent whose call is asked about.")}
)

// lengthSetting is how much of a name a phone shows.
func lengthSetting(usual int) Setting {
	return Setting{Name: "max", Kind: kindText, Topic: topicNames, Usual: strconv.Itoa(usual), Label: web.Say("Длина имени, знаков", "Length of the name, characters"),
		Hint: web.Say("Сколько помещается на дисплее; что не поместилось, отрезается.", "As much as the display shows; the rest is cut off."),
		fits: func(value string) bool { _, ok := nameLength(value); return ok }}
}

// linesSetting of every dialect that tells of calls: users ask to leave out the
// lines of another department or company on the same PBX.
var linesSetting = Setting{Name: "lines", Kind: kindText, Topic: topicCalls, Label: web.Say("Только звонки этих линий", "Only the calls of these lines"),
	Hint: web.Say("Свои номера или линии через запятую; пусто — все.", "Our own numbers or lines, with commas between; empty: all of them.")}

// showCallsSetting of CRMs that can be told of calls.
var showCallsSetting = Setting{Name: "show_calls", Kind: kindSwitch, Topic: topicCalls, Label: web.Say("Показывать в CRM звонки других источников", "Show the calls of other sources in the CRM"),
	Hint: web.Say("Карточка появляется у её пользователей, звонок записывается у клиента.", "They stand before its users, and are written down at the client.")}

// apiURLSetting is the address of a PBX's API that dials.
func apiURLSetting(usual, example string) Setting {
	s := Setting{Name: apiURL, Kind: kindAddress, Topic: topicDial, Usual: usual, Label: web.Say("Адрес API АТС", "Address of the PBX's API")}
	if example != "" {
		s.Hint = web.Say("Например "+example, "Such as "+example)
	}
	return s
}

// lines reads linesSetting.
func lines(settings map[string]string) (list []string) {
	for line := range strings.SplitSeq(settings[linesSetting.Name], ",") {
		if line = fault.OneLine(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// hiddenSetting stands for a setting that is a secret: it is never shown again,
// and sent back it stays as it was.
const hiddenSetting = "••••••"

// sealSettings seals the settings that are secrets. before are those that are
// stored already, sealed.
func (d *Receiver) sealSettings(s *Source, before map[string]string) error {
	dialect := d.dialects[s.Dialect]
	if dialect == nil {
		return nil
	}
	s.Settings = maps.Clone(s.Settings)
	for name := range dialect.hidden() {
		switch value := s.Settings[name]; value {
		case "", before[name]:
		case hiddenSetting:
			s.Settings[name] = before[name]
			if before[name] == "" {
				delete(s.Settings, name)
			}
		default:
			sealed, err := d.opt.Seal.Close([]byte(value), settingPlace(s.Name, name))
			if err != nil {
				return err
			}
			s.Settings[name] = sealed
		}
	}
	return nil
}

// openSettings gives the settings as they were typed. One that cannot be opened
// (the key of the installation was changed) is missing.
func (d *Receiver) openSettings(dialect *Dialect, s Source) map[string]string {
	if dialect == nil {
		return s.Settings
	}
	opened := maps.Clone(s.Settings)
	for name := range dialect.hidden() {
		if opened[name] == "" {
			continue
		}
		plain, err := d.opt.Seal.Open(opened[name], settingPlace(s.Name, name))
		if err != nil {
			d.opt.Log.Error("a setting of a source cannot be read: set it again", "source", s.Name, "setting", name, "error", err)
			delete(opened, name)
			continue
		}
		opened[name] = string(plain)
	}
	return opened
}

func settingPlace(source, setting string) string { return source + "/" + setting }

// redacted is the source as people see it.
func (d *Receiver) redacted(s Source) Source {
	dialect := d.dialects[s.Dialect]
	if dialect == nil {
		return s
	}
	s.Settings = maps.Clone(s.Settings)
	for name := range dialect.hidden() {
		if s.Settings[name] != "" {
			s.Settings[name] = hiddenSetting
		}
	}
	return s
}

// hidden gives the settings of the dialect that are secrets.
func (d *Dialect) hidden() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range d.Settings {
			if s.Kind == kindSecret && !yield(s.Name) {
				return
			}
		}
	}
}

// setting gives a setting of the dialect; nil when it has none of that name.
func (d *Dialect) setting(name string) *Setting {
	for i := range d.Settings {
		if d.Settings[i].Name == name {
			return &d.Settings[i]
		}
	}
	return nil
}

// The longest value of a setting in bytes, and of one that is a secret: tokens of
// CRMs are long.
const (
	maxSetting = 500
	maxHidden  = 4000
)

// longest is how long the value may be.
func (s *Setting) longest() int {
	if s.Kind == kindSecret {
		return maxHidden
	}
	return maxSetting
}

// checkSettings adds what is wrong with settings; before are those that are stored
// already.
func (d *Receiver) checkSettings(wrong *fault.Error, dialect *Dialect, settings, before map[string]string) *fault.Error {
	if dialect == nil {
		return wrong
	}
	for _, need := range dialect.needs {
		names := strings.Split(need, "|")
		if !slices.ContainsFunc(names, func(name string) bool { return settings[name] != "" }) {
			wrong = wrong.And("settings."+names[0], "required")
		}
	}
	for name, value := range settings {
		of := dialect.setting(name)
		switch {
		case value != "" && (value == before[name] || value == hiddenSetting && of != nil && of.Kind == kindSecret): // it stays as it is
		case of == nil:
			wrong = wrong.And("settings."+name, "unknown_field")
		case len(value) > of.longest() || fault.OneLine(value) != value:
			wrong = wrong.And("settings."+name, "malformed")
		case !of.takes(value):
			wrong = wrong.And("settings."+name, "unknown_value")
		}
	}
	return wrong
}

// takes says whether a value can stand in the setting; an empty one always can.
func (s *Setting) takes(value string) bool {
	switch {
	case value == "":
		return true
	case s.Kind == kindSwitch:
		return value == "true" || value == "false"
	case s.Kind == kindChoice:
		return slices.Contains(s.Of, value)
	case s.Kind == kindAddress:
		return isAddress(value)
	}
	return s.fits == nil || s.fits(value)
}

// portalHost is what may stand in a header as a host.
var portalHost = regexp.MustCompile(`^[a-z0-9.-]+(:[0-9]{1,5})?$`)

// isAddress says whether a text is an address of the web.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
