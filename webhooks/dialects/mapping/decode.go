package mapping

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// decoder reads a document and collects what is wrong with it, by place.
type decoder struct {
	wrong   *fault.Error
	depth   int
	signing bool // templates may contain the secret
}

// maxNesting is how deep values may stand in each other.
const maxNesting = 8

func (d *decoder) refuse(at, code string) { d.wrong = d.wrong.And(at, code) }

// below returns the name of a place inside another one.
func below(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// object returns what an object holds; nil, with a fault, when it is none.
func (d *decoder) object(at string, raw any) map[string]any {
	fields, ok := raw.(map[string]any)
	if !ok {
		d.refuse(at, "wrong_type")
	}
	return fields
}

// known refuses the fields of an object that none of the names allows.
func (d *decoder) known(at string, fields map[string]any, names ...string) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(names, name) {
			d.refuse(below(at, name), "unknown_field")
		}
	}
}

// text returns a text or a number; "" when it is missing.
func (d *decoder) text(at string, raw any) string {
	switch raw := raw.(type) {
	case nil:
		return ""
	case string:
		return raw
	case json.Number:
		return raw.String()
	case bool:
		return strconv.FormatBool(raw)
	}
	d.refuse(at, "wrong_type")
	return ""
}

// choice returns a text that must be one of a few; "" when it is missing.
func (d *decoder) choice(at string, raw any, words ...string) string {
	text := d.text(at, raw)
	if text != "" && !slices.Contains(words, text) {
		d.refuse(at, "unknown_value")
	}
	return text
}

// texts returns a list of texts, or one text as a list of one.
func (d *decoder) texts(at string, raw any) (list []string) {
	items, ok := raw.([]any)
	if !ok {
		if raw == nil {
			return nil
		}
		return []string{d.text(at, raw)}
	}
	for n, item := range items {
		list = append(list, d.text(below(at, strconv.Itoa(n)), item))
	}
	return list
}

// say returns a text in both languages: {"ru": ..., "en": ...}, or one text for both.
func (d *decoder) say(at string, raw any) web.Words {
	fields, ok := raw.(map[string]any)
	if !ok {
		text := d.text(at, raw)
		return web.Say(text, text)
	}
	d.known(at, fields, "ru", "en")
	return web.Say(d.text(below(at, "ru"), fields["ru"]), d.text(below(at, "en"), fields["en"]))
}

func (d *decoder) flag(at string, raw any) bool {
	on, ok := raw.(bool)
	if !ok && raw != nil {
		d.refuse(at, "wrong_type")
	}
	return on
}

// zone returns a time zone; nil when it is missing.
func (d *decoder) zone(at string, raw any) *time.Location {
	name := d.text(at, raw)
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		d.refuse(at, "unknown_value")
		return nil
	}
	return zone
}

// fieldNames are the fields of a document.
var fieldNames = []string{"title", "about", "basis", "secret", "read", "each", "zone", "nothing", "skip", "proof",
	"probe", "reply",
	"event", "call_id", "leg", "next_call_id", "sequence", "direction", "number", "agent", "aliases", "line", "at",
	"duration", "result", "recording_url"}

func (d *decoder) mapping(doc map[string]any) *Mapping {
	d.known("", doc, fieldNames...)
	for _, required := range []string{"event", "call_id"} {
		if doc[required] == nil {
			d.refuse(required, "required")
		}
	}
	m := &Mapping{
		Title:     d.say("title", doc["title"]),
		About:     d.say("about", doc["about"]),
		Published: d.choice("basis", doc["basis"], "published") != "",
		Theirs:    d.choice("secret", doc["secret"], "ours", "theirs") == "theirs",
		read:      d.choice("read", doc["read"], "json", "form", "xml", "jwt"),
		zone:      d.zone("zone", doc["zone"]),
		nothing:   d.texts("nothing", doc["nothing"]),
		skip:      d.conditions("skip", doc["skip"]),
		proofs:    d.proofs("proof", doc["proof"]),
		probes:    d.probes("probe", doc["probe"]),
		event:     d.value("event", doc["event"]),
		callID:    d.value("call_id", doc["call_id"]),
		leg:       d.value("leg", doc["leg"]),
		nextCall:  d.value("next_call_id", doc["next_call_id"]),
		direction: d.value("direction", doc["direction"]),
		number:    d.value("number", doc["number"]),
		agent:     d.value("agent", doc["agent"]),
		line:      d.value("line", doc["line"]),
		result:    d.value("result", doc["result"]),
		recording: d.value("recording_url", doc["recording_url"]),
		sequence:  timed{value: d.value("sequence", doc["sequence"])},
		at:        d.timed("at", doc["at"], momentUnits),
		duration:  d.timed("duration", doc["duration"], durationUnits),
	}
	if doc["each"] != nil {
		m.each = d.path("each", d.text("each", doc["each"]))
	}
	if doc["reply"] != nil {
		m.reply = d.reply("reply", doc["reply"])
	}
	if aliases, ok := doc["aliases"].([]any); ok {
		for n, raw := range aliases {
			m.aliases = append(m.aliases, d.value(below("aliases", strconv.Itoa(n)), raw))
		}
	} else if doc["aliases"] != nil {
		m.aliases = []value{d.value("aliases", doc["aliases"])}
	}
	d.targets("event", m.event, slices.Concat(kindWords, []string{skip}))
	d.targets("direction", m.direction, []string{"in", "out", skip})
	d.targets("result", m.result, resultWords())
	return m
}

// resultWords returns the results of a call; "" is none.
func resultWords() (words []string) { return calls.Result("").Values() }

// targets refuses the words of a value's map that its field does not know.
func (d *decoder) targets(at string, v value, words []string) {
	switch v := v.(type) {
	case firstOf:
		for n, one := range v {
			d.targets(below(at, strconv.Itoa(n)), one, words)
		}
	case *piece:
		if v.words == nil {
			d.targets(below(at, "of"), v.of[0], words)
			return
		}
		for _, from := range slices.Sorted(maps.Keys(v.words)) {
			if !slices.Contains(words, v.words[from]) {
				d.refuse(below(at, "map."+from), "unknown_value")
			}
		}
	}
}

// timed reads a value that may say in which unit it is.
func (d *decoder) timed(at string, raw any, units []string) (t timed) {
	fields, ok := raw.(map[string]any)
	if !ok {
		t.value = d.value(at, raw)
		return t
	}
	fields = maps.Clone(fields)
	t.as = d.choice(below(at, "as"), fields["as"], units...)
	delete(fields, "as")
	if len(fields) == 0 {
		d.refuse(at, "required")
		return t
	}
	t.value = d.value(at, fields)
	return t
}
