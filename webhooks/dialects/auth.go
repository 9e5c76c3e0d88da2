package dialects

import (
	"encoding/base64"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// maxPathParts is how many parts of a path may be a secret that contains slashes.
const maxPathParts = 10

// authenticateByPath accepts a request whose path begins with a valid secret; what follows stays in Rest. A secret may
// contain slashes itself: the path arrives without its escapes.
func authenticateByPath(req *Request, valid secrets.Set) error {
	if req.Rest == "" {
		return fault.Unauthorised("secret_missing")
	}
	parts := strings.SplitN(req.Rest, "/", maxPathParts)
	for n := range parts {
		if valid.Has(strings.Join(parts[:n+1], "/")) {
			req.Rest = strings.Join(parts[n+1:], "/")
			return nil
		}
	}
	return fault.Unauthorised("wrong_secret")
}

// BasicAuth reads an Authorization header of HTTP Basic; both are "" when it is none.
func BasicAuth(header string) (user, password string) {
	const scheme = "basic "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", ""
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(header[len(scheme):]))
	if err != nil {
		return "", ""
	}
	user, password, _ = strings.Cut(string(raw), ":")
	return user, password
}
