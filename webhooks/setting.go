package webhooks

import (
	"maps"
	"slices"
	"strings"
)

// linesSetting of every dialect that tells of calls: users ask to leave out the
// lines of another department or company on the same PBX.
var linesSetting = Setting{"lines", "our own numbers or lines whose calls count, with commas between; all of them unless set"}

// showCallsSetting of CRMs that can be told of calls.
var showCallsSetting = Setting{"show_calls", "true: calls of our other sources are shown to the CRM's users there, and written down there"}

// lines reads linesSetting.
func lines(settings map[string]string) (list []string) {
	for line := range strings.SplitSeq(settings[linesSetting.Name], ",") {
		if line = tidy(line); line != "" {
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
