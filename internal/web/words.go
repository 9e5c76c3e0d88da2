package web

// Words is a text in the languages of our users.
type Words struct {
	RU string `json:"ru"`
	EN string `json:"en"`
}

// Say returns the words of a text.
func Say(russian, english string) Words { return Words{RU: russian, EN: english} }
