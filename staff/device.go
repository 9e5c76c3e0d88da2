package staff

import (
	"strings"

	"callhue/internal/text"
)

// Browser is where a sign-in comes from.
type Browser struct {
	Address   string
	UserAgent string // the header
}

// mark is a part of a User-Agent and what it means. The first one that is found counts: Edge calls itself Chrome too,
// and Chrome Safari.
type mark struct{ part, name string }

func browserMarks() []mark {
	return []mark{{"YaBrowser/", "Yandex Browser"}, {"Edg", "Edge"}, {"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
}

func systemMarks() []mark {
	return []mark{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
}

// device returns the browser and the system in plain words, "Firefox, Windows"; for another program the name that it
// goes by, and "" for one without.
func (b Browser) device() string {
	parts := []string{find(b.UserAgent, browserMarks()), find(b.UserAgent, systemMarks())}
	if parts[0] == "" {
		name, _, _ := strings.Cut(text.OneLine(b.UserAgent), "/")
		parts[0] = text.Cut(name, 40)
	}
	return strings.Trim(strings.Join(parts, ", "), ", ")
}

func find(userAgent string, marks []mark) string {
	for _, m := range marks {
		if strings.Contains(userAgent, m.part) {
			return m.name
		}
	}
	return ""
}
