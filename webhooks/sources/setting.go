package sources

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/text"
	"callhue/webhooks/dialects"
)

// hiddenSetting stands for a secret setting: its value is never shown again, and sent back it stays as it was.
const hiddenSetting = "••••••"

// withoutEmpty drops the settings that were set to nothing.
func withoutEmpty(settings map[string]string) map[string]string {
	kept := map[string]string{}
	for name, value := range settings {
		if value != "" {
			kept[name] = value
		}
	}
	return kept
}

// sealSettings seals the secret settings of a source; before are those that are stored already, sealed.
func (r *Registry) sealSettings(s *Source, before map[string]string) error {
	dialect := r.dialects[s.Dialect]
	if dialect == nil {
		return nil
	}
	s.Settings = maps.Clone(s.Settings)
	for name := range dialect.SecretSettings() {
		switch value := s.Settings[name]; value {
		case "", before[name]:
		case hiddenSetting:
			s.Settings[name] = before[name]
			if before[name] == "" {
				delete(s.Settings, name)
			}
		default:
			sealed, err := r.Seal.Close([]byte(value), settingContext(s.Name, name))
			if err != nil {
				return err
			}
			s.Settings[name] = sealed
		}
	}
	return nil
}

// openSettings returns the settings as they were entered. One that cannot be opened, because the key of the
// installation was changed, is missing. One that an earlier version stored as it was entered is opened too.
func (r *Registry) openSettings(dialect *dialects.Dialect, s Source) map[string]string {
	if dialect == nil {
		return s.Settings
	}
	opened := maps.Clone(s.Settings)
	for name := range dialect.SecretSettings() {
		if opened[name] == "" || !secrets.IsSealed(opened[name]) {
			continue
		}
		plain, err := r.Seal.Open(opened[name], settingContext(s.Name, name))
		if err != nil {
			r.Log.Error("a setting of a source cannot be read: set it again", "source", s.Name, "setting", name, "error", err)
			delete(opened, name)
			continue
		}
		opened[name] = string(plain)
	}
	return opened
}

// settingContext binds a sealed setting to its place: it cannot be opened elsewhere.
func settingContext(source, setting string) string { return source + "/" + setting }

// redacted returns the source as people see it, secret settings masked.
func (r *Registry) redacted(s Source) Source {
	dialect := r.dialects[s.Dialect]
	if dialect == nil {
		return s
	}
	s.Settings = maps.Clone(s.Settings)
	for name := range dialect.SecretSettings() {
		if s.Settings[name] != "" {
			s.Settings[name] = hiddenSetting
		}
	}
	return s
}

// checkSettings adds what is wrong with settings to a fault; before are those that are stored already.
func checkSettings(wrong *fault.Error, dialect *dialects.Dialect, settings, before map[string]string) *fault.Error {
	if dialect == nil {
		return wrong
	}
	for _, required := range dialect.Required {
		names := strings.Split(required, "|")
		if !slices.ContainsFunc(names, func(name string) bool { return settings[name] != "" }) {
			wrong = wrong.And("settings."+names[0], "required")
		}
	}
	for name, value := range settings {
		if code := checkSetting(dialect.Setting(name), value, before[name]); code != "" {
			wrong = wrong.And("settings."+name, code)
			continue
		}
		if setting := dialect.Setting(name); setting != nil {
			for _, f := range setting.Faults(value) {
				wrong = wrong.And(strings.TrimSuffix("settings."+name+"."+f.Field, "."), f.Code)
			}
		}
	}
	if dialect.Check != nil {
		for _, f := range dialect.Check(settings) {
			wrong = wrong.And("settings."+f.Field, f.Code)
		}
	}
	return wrong
}

// checkSetting returns the code of what is wrong with a value; "" when nothing is.
func checkSetting(setting *dialects.Setting, value, before string) string {
	switch {
	case value != "" && value == before:
		return "" // it stays as it is
	case setting == nil:
		return "unknown_field"
	case value == hiddenSetting && setting.IsSecret():
		return "" // it stays as it is
	case setting.IsSecret() && strings.Contains(value, hiddenSetting), len(value) > setting.MaxLength():
		return "malformed"
	case setting.Kind == dialects.KindMapping:
		return "" // Faults tells more
	case !setting.HasLines() && text.OneLine(value) != value:
		return "malformed"
	case setting.HasLines() && !isPlainText(value):
		return "malformed"
	case !setting.Accepts(value):
		return "unknown_value"
	}
	return ""
}

// isPlainText reports whether a text of several lines can be stored: it is UTF-8 without control characters.
func isPlainText(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsFunc(value, func(c rune) bool {
		return c == utf8.RuneError || c < ' ' && c != '\n' && c != '\r' && c != '\t'
	})
}
