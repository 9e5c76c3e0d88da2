package mapping

import (
	"embed"
	"strings"
)

//go:embed presets/*.json
var presetFiles embed.FS

// Presets returns the names of the documents that come with the product, sorted: one for each vendor.
func Presets() (names []string) {
	files, err := presetFiles.ReadDir("presets")
	if err != nil {
		panic("mapping: the presets are not embedded: " + err.Error())
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), ".json"))
	}
	return names
}

// Preset returns a document that comes with the product; "" when there is none of the name.
func Preset(name string) string {
	if strings.ContainsAny(name, "/\\") {
		return ""
	}
	text, err := presetFiles.ReadFile("presets/" + name + ".json")
	if err != nil {
		return ""
	}
	return string(text)
}
