package webhooks

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/fault"
	amo "callhue/mirror/amocrm"
)

// linesSetting of every dialect that tells of calls: users ask to leave out the
// lines of another department or company on the same PBX.
var linesSetting = Setting{"lines", "our own numbers or lines whose calls count, with commas between; all of them unless set"}

// showCallsSetting of CRMs that can be told of calls.
var showCallsSetting = Setting{"show_calls", "true: calls of our other sources are shown to the CRM's users there, and written down there"}

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
func (d *Door) sealSettings(s *Source, before map[string]string) error {
	dialect := d.dialects[s.Dialect]
	if dialect == nil {
		return nil
	}
	s.Settings = maps.Clone(s.Settings)
	for _, name := range dialect.hidden {
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
func (d *Door) openSettings(dialect *Dialect, s Source) map[string]string {
	if dialect == nil {
		return s.Settings
	}
	opened := maps.Clone(s.Settings)
	for _, name := range dialect.hidden {
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

// veiled is the source as people see it.
func (d *Door) veiled(s Source) Source {
	dialect := d.dialects[s.Dialect]
	if dialect == nil || len(dialect.hidden) == 0 {
		return s
	}
	s.Settings = maps.Clone(s.Settings)
	for _, name := range dialect.hidden {
		if s.Settings[name] != "" {
			s.Settings[name] = hiddenSetting
		}
	}
	return s
}

// isHidden says whether a setting of the dialect is a secret.
func (d *Dialect) isHidden(setting string) bool { return slices.Contains(d.hidden, setting) }

// The longest value of a setting in bytes, and of one that is a secret: tokens of
// CRMs are long.
const (
	maxSetting = 500
	maxHidden  = 4000
)

// longest is how long a setting may be.
func (d *Dialect) longest(setting string) int {
	if d.isHidden(setting) {
		return maxHidden
	}
	return maxSetting
}

// checkSettings adds what is wrong with settings; before are those that are stored
// already.
func (d *Door) checkSettings(wrong *fault.Error, dialect *Dialect, settings, before map[string]string) *fault.Error {
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
		if value != "" && (value == before[name] || value == hiddenSetting && dialect.isHidden(name)) {
			continue // it stays as it is
		}
		known := slices.ContainsFunc(dialect.Settings, func(s Setting) bool { return s.Name == name })
		switch {
		case !known:
			wrong = wrong.And("settings."+name, "unknown_field")
		case len(value) > dialect.longest(name) || fault.OneLine(value) != value:
			wrong = wrong.And("settings."+name, "malformed")
		case !settingFits(name, value):
			wrong = wrong.And("settings."+name, "unknown_value")
		}
	}
	return wrong
}

// settingFits checks the settings that are read by a machine.
func settingFits(name, value string) bool {
	switch name {
	case pathSecret, "ascii", showCallsSetting.Name:
		return value == "true" || value == "false" || value == ""
	case "language":
		return value == "ru" || value == "en" || value == ""
	case "max":
		_, ok := nameLength(value)
		return value == "" || ok
	case amiNumbers:
		return slices.Contains([]string{"", "digits", "plus", "national"}, value)
	case apiURL, dialURL, bitrix24Webhook, bitrix24OAuth, amocrmRedirect:
		return value == "" || isAddress(value)
	case bitrix24Portal:
		return value == "" || portalHost.MatchString(bitrix24Host(value)) && (isAddress(value) || !strings.Contains(value, "/"))
	case amocrmHost:
		_, err := amo.Address(value)
		return value == "" || err == nil
	case bitrix24Lists:
		return slices.Contains([]string{"", "classic", "items"}, value)
	case bitrix24Rate:
		n, err := strconv.Atoi(value)
		return value == "" || err == nil && n >= 1 && n <= 50
	case amiAddress:
		_, err := amiHost(value)
		return err == nil
	case zadarmaZone:
		_, err := time.LoadLocation(value)
		return err == nil && value != "Local"
	}
	return true
}

// portalHost is what may stand in a header as a host.
var portalHost = regexp.MustCompile(`^[a-z0-9.-]+(:[0-9]{1,5})?$`)

// isAddress says whether a text is an address of the web.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
