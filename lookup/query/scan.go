package query

import "strings"

// tokenKind is what a piece of a query is.
type tokenKind int

const (
	isOther       tokenKind = iota // blanks, numbers, signs
	isWord                         // a keyword or a name without quotes
	isQuoted                       // a text or a name in quotes
	isComment                      //
	isPlaceholder                  // text is its name, without the colon
	isEnd                          // a semicolon
)

type token struct {
	kind tokenKind
	text string
}

// scanner reads a query piece by piece, by the rules of its engine.
type scanner struct {
	engine Engine
	text   string
	at     int
	tokens []token
}

// scan splits a query. Nothing is lost: the texts of the tokens are the query, but for the colons of placeholders.
func scan(engine Engine, text string) ([]token, error) {
	s := &scanner{engine: engine, text: text}
	for s.at < len(s.text) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	return s.tokens, nil
}

func (s *scanner) next() error {
	c := s.text[s.at]
	switch {
	case s.has("--"):
		return s.lineComment()
	case s.has("/*"):
		return s.blockComment()
	case c == '#' && s.engine == MySQL:
		s.take(isComment, s.lineEnd())
	case c == '\'' || c == '"' || c == '`' && s.engine != PostgreSQL:
		return s.quoted(c)
	case c == '[' && (s.engine == SQLServer || s.engine == SQLite):
		return s.quoted(']')
	case c == '$' && s.engine == PostgreSQL:
		return s.dollars()
	case c == ';':
		s.take(isEnd, s.at+1)
	case c == ':':
		return s.colon()
	case isLetter(c):
		end := s.at
		for end < len(s.text) && (isLetter(s.text[end]) || isDigit(s.text[end]) || s.text[end] == '$') {
			end++
		}
		s.take(isWord, end)
	case isDigit(c): // with what sticks to it: 1e5, 0x1F
		end := s.at
		for end < len(s.text) && (isLetter(s.text[end]) || isDigit(s.text[end])) {
			end++
		}
		s.take(isOther, end)
	default:
		s.take(isOther, s.at+1)
	}
	return nil
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.text[s.at:], prefix) }

// take makes a token of the text up to a place.
func (s *scanner) take(kind tokenKind, end int) {
	s.tokens = append(s.tokens, token{kind, s.text[s.at:end]})
	s.at = end
}

func (s *scanner) lineEnd() int {
	if end := strings.IndexByte(s.text[s.at:], '\n'); end >= 0 {
		return s.at + end
	}
	return len(s.text)
}

// lineComment reads "-- text". MySQL wants a blank behind the hyphens and reads an expression otherwise; what is a
// comment to one and code to another is refused.
func (s *scanner) lineComment() error {
	if s.engine == MySQL && s.at+2 < len(s.text) && s.text[s.at+2] > ' ' {
		return refuse("ambiguous_comment", "--")
	}
	s.take(isComment, s.lineEnd())
	return nil
}

// blockComment reads "/* text */". Comments that a server executes, and a comment in a comment, which only some engines
// know, are refused.
func (s *scanner) blockComment() error {
	if s.has("/*!") || s.has("/*M!") {
		return refuse("could_write", "/*!")
	}
	length := strings.Index(s.text[s.at+2:], "*/")
	if length < 0 {
		return refuse("unclosed_quote", "/*")
	}
	if strings.Contains(s.text[s.at+2:s.at+2+length], "/*") {
		return refuse("ambiguous_comment", "/*")
	}
	s.take(isComment, s.at+2+length+2)
	return nil
}

// quoted reads a text or a name that ends with a quote; a doubled quote is one in the text. Whether a backslash before
// a quote escapes it depends on a server's settings, and is refused.
func (s *scanner) quoted(quote byte) error {
	for end := s.at + 1; end < len(s.text); end++ {
		if s.text[end] != quote {
			continue
		}
		if quote != ']' && s.text[end-1] == '\\' && end-1 > s.at {
			return refuse("ambiguous_quote", `\`+string(quote))
		}
		if end+1 < len(s.text) && s.text[end+1] == quote {
			end++
			continue
		}
		if name := placeholderIn(s.text[s.at:end]); name != "" && quote == '\'' {
			return refuse("quoted_placeholder", ":"+name)
		}
		s.take(isQuoted, end+1)
		return nil
	}
	return refuse("unclosed_quote", string(s.text[s.at]))
}

// placeholderIn returns the name of a placeholder that stands inside a text, where it is none: '%:number' is a common
// slip.
func placeholderIn(text string) string {
	for _, name := range append(Forms(), nameAll, nameNumber) {
		if strings.Contains(text, ":"+name) {
			return name
		}
	}
	return ""
}

// dollars reads $tag$ text $tag$ of PostgreSQL, or a single sign.
func (s *scanner) dollars() error {
	end := s.at + 1
	for end < len(s.text) && (isLetter(s.text[end]) || isDigit(s.text[end])) {
		end++
	}
	if end == len(s.text) || s.text[end] != '$' {
		// $1 is a placeholder of the server's own.
		return refuse("unknown_placeholder", s.text[s.at:end])
	}
	tag := s.text[s.at : end+1]
	length := strings.Index(s.text[end+1:], tag)
	if length < 0 {
		return refuse("unclosed_quote", tag)
	}
	s.take(isQuoted, end+1+length+len(tag))
	return nil
}

// colon reads a placeholder, or the signs :: and := of some engines. An assignment changes a variable of the session.
func (s *scanner) colon() error {
	switch {
	case s.has("::"):
		s.take(isOther, s.at+2)
		return nil
	case s.has(":="):
		return refuse("could_write", ":=")
	}
	end := s.at + 1
	for end < len(s.text) && (isLetter(s.text[end]) || isDigit(s.text[end])) {
		end++
	}
	if end == s.at+1 || isDigit(s.text[s.at+1]) { // a slice of an array
		s.take(isOther, end)
		return nil
	}
	s.at++
	s.take(isPlaceholder, end)
	return nil
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
