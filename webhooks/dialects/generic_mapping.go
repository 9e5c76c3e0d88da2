package dialects

import (
	"slices"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/webhooks/dialects/mapping"
)

// mappingSetting makes a generic source read the webhooks of a PBX as they are: a document says where in a request each
// field stands. See package mapping.
var mappingSetting = Setting{Name: "mapping", Kind: KindMapping, Topic: TopicCalls,
	Label: web.Say("Соответствие полей", "Field mapping"),
	Hint: web.Say("Документ JSON: где в запросе АТС стоит каждое поле звонка; пусто — наши поля под нашими именами.",
		"A JSON document: where in the PBX's request each field of a call stands; empty: our fields by our names.")}

// mappingZone is the zone of a PBX's times that name none.
var mappingZone = Setting{Name: "timezone", Kind: KindText, Topic: TopicRare,
	Label: web.Say("Часовой пояс времени в запросах", "Time zone of the times in requests"),
	Hint: web.Say("Например Europe/Moscow; нужен, если АТС присылает местное время.",
		"Such as Europe/Moscow; needed when the PBX sends local times."),
	valid: isZone}

// mappedRequest returns a request as its mapping sees it, and the mapping.
func mappedRequest(req *Request) (*mapping.Mapping, *mapping.Request, error) {
	m, _ := req.Prepared.(*mapping.Mapping)
	if m == nil {
		var err error
		if m, err = mapping.Parse(req.Setting(mappingSetting.Name)); err != nil {
			// It was checked when it was stored: this version of the server reads it in another way.
			return nil, nil, fault.Invalid("mapping", "malformed").Because(err)
		}
	}
	seen := &mapping.Request{
		Method: req.Method,
		Rest:   req.Rest,
		Query:  req.Query,
		Header: req.Header,
		Body:   req.Body,
		At:     req.At,
		Zone:   zoneOf(req.Setting(mappingZone.Name)),
	}
	if req.URL != nil {
		seen.URL = req.URL()
	}
	return m, seen, nil
}

// prepareMapping returns the mapping of a source; nil when it has none that can be read.
func prepareMapping(settings map[string]string) any {
	if settings[mappingSetting.Name] == "" {
		return nil
	}
	m, err := mapping.Parse(settings[mappingSetting.Name])
	if err != nil {
		return nil
	}
	return m
}

// MappingZone returns the zone of the times of a generic source that name none; nil when none is set.
func MappingZone(settings map[string]string) *time.Location {
	return zoneOf(settings[mappingZone.Name])
}

// zoneOf returns a time zone; nil when none is set.
func zoneOf(name string) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

func authenticateMapped(req *Request, valid secrets.Set) error {
	m, seen, err := mappedRequest(req)
	if err != nil {
		return err
	}
	rest, err := m.Authenticate(seen, valid)
	if err != nil {
		return err
	}
	req.Rest = rest
	if len(valid) > 0 {
		req.secret = valid[0]
	}
	return nil
}

func parseMapped(req *Request) (Parsed, error) {
	m, seen, err := mappedRequest(req)
	if err != nil {
		return Parsed{}, err
	}
	result, err := m.Apply(seen, req.secret, req.Memory)
	if err != nil {
		return Parsed{}, err
	}
	parsed := Parsed{
		Events:  result.Events,
		Aliases: result.Aliases,
		Ignored: result.Ignored,
		Note:    strings.Join(result.Notes, "; "),
	}
	if r := result.Reply; r != nil {
		parsed.Reply = &Reply{Status: r.Status, Type: r.Type, Body: r.Body, Headers: r.Headers}
	}
	return parsed, nil
}

// published is said of a mapping that was made by what a vendor publishes.
var published = note("Сделано по опубликованным описаниям, на настоящем сервисе не проверено: посмотрите на первые "+
	"запросы в журнале источника.",
	"By the published facts, not tried on the real service: look at the first requests in the source's log.")

func setupMapped(a Address) Setup {
	m, err := mapping.Parse(a.Settings[mappingSetting.Name])
	if err != nil {
		return Setup{URL: a.Hook(a.Secret), Steps: []Step{note("Соответствие полей не читается.",
			"The mapping cannot be read.")}}
	}
	address := a.Hook()
	if m.SecretInPath() {
		address = a.Hook(a.Secret)
	}
	setup := Setup{URL: address, Steps: []Step{
		enter(address, "Вставьте в АТС адрес, на который она шлёт события звонков:",
			"In the PBX, paste the URL to which it sends the events of calls:"),
	}}
	if m.About.RU != "" {
		setup.Steps = append(setup.Steps, note(m.About.RU, m.About.EN))
	}
	if m.SecretInPath() {
		setup.Steps = append(setup.Steps, secretInURL)
	}
	if m.Published {
		setup.Steps = append(setup.Steps, published)
	}
	return setup
}

// MappingPreset is a mapping that comes with the product.
type MappingPreset struct {
	Name    string    `json:"name"`
	Title   web.Words `json:"title"`           // of the PBX
	About   web.Words `json:"about"`           // what an administrator does there
	Secret  bool      `json:"secret_required"` // the vendor chooses the secret
	Mapping string    `json:"mapping"`
}

// MappingPresets returns the mappings that come with the product, by name. All were made by what the vendors publish,
// and not tried on the real services.
func MappingPresets() []MappingPreset {
	list := []MappingPreset{}
	for _, name := range mapping.Presets() {
		text := mapping.Preset(name)
		m, err := mapping.Parse(text)
		if err != nil {
			panic("dialects: a preset that cannot be read: " + name + ": " + err.Error())
		}
		list = append(list, MappingPreset{Name: name, Title: m.Title, About: m.About, Secret: m.Theirs, Mapping: text})
	}
	return list
}

// UsePreset returns settings with the mapping of a preset, unless they have one. It is fault.Invalid of preset:
// unknown_value for a name that is none, and for a dialect without mappings.
func UsePreset(d *Dialect, settings map[string]string, preset string) (map[string]string, error) {
	if preset == "" {
		return settings, nil
	}
	found := mapping.Preset(preset)
	if d == nil || d.Setting(mappingSetting.Name) == nil || found == "" {
		return nil, fault.Invalid("preset", "unknown_value")
	}
	with := map[string]string{}
	for name, value := range settings {
		with[name] = value
	}
	if with[mappingSetting.Name] == "" {
		with[mappingSetting.Name] = found
	}
	return with, nil
}

// TheirSecret reports whether the other side chooses the secret of a source with these settings.
func (d *Dialect) TheirSecret(settings map[string]string) bool {
	hasMapping := slices.ContainsFunc(d.Settings, func(s Setting) bool { return s.Kind == KindMapping })
	if d.VendorSecret || !hasMapping || settings[mappingSetting.Name] == "" {
		return d.VendorSecret
	}
	m, err := mapping.Parse(settings[mappingSetting.Name])
	return err == nil && m.Theirs
}
