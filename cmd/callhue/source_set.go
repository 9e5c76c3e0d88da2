package main

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/webhooks/sources"
)

// settings returns the settings of the flags and of the files that they name.
func (f *settingFlags) settings() (map[string]string, error) {
	all := maps.Clone(f.Set)
	if all == nil {
		all = map[string]string{}
	}
	for name, file := range f.SetFile {
		value, err := os.ReadFile(file)
		if err != nil {
			return nil, fault.Invalid("set-file", "not_readable").Because(err)
		}
		all[name] = strings.TrimSpace(string(value))
	}
	return all, nil
}

type sourceSetCmd struct {
	bySource
	settingFlags
	On  bool `help:"Switch the source on."`
	Off bool `help:"Switch the source off."`
}

func (sourceSetCmd) Help() string {
	return "Example: callhue source set crm --set-file query=crm.sql --set fresh=10"
}

// Run changes the settings that are given; an empty one is removed.
func (c *sourceSetCmd) Run(e *env) error {
	changed, err := c.settings()
	if err != nil {
		return err
	}
	return e.withApp(shipped, func(a *app) error {
		s, err := c.find(e, a)
		if err != nil {
			return err
		}
		settings := maps.Clone(map[string]string(s.Settings)) // secret ones are masked, and stay as they are
		maps.Copy(settings, changed)
		change := sources.SourceChange{Settings: &settings, Version: s.Version}
		if c.On || c.Off {
			active := c.On
			change.Active = &active
		}
		if s, err = a.sources.Change(e.ctx, access.System(), s.ID, change); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "source %s is changed\n", s.Name)
		return nil
	})
}
