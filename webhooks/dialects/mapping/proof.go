package mapping

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// proof is one way to prove that a request comes from the PBX: it carries the source's secret, or is signed with it.
type proof struct {
	by       string
	of       value // of header and field, and where a signature stands
	prefix   string
	user     string // of basic
	hash     func() hash.Hash
	decode   func(text string) ([]byte, error) // of a signature
	over     template
	at       timed // when it was signed
	isSigned bool
}

// signatureAge is how far the time of a signature may be from ours.
const signatureAge = 5 * time.Minute

var hashes = map[string]func() hash.Hash{"": sha256.New, "sha256": sha256.New, "sha1": sha1.New, "sha512": sha512.New,
	"md5": md5.New}

// proofs reads one proof, or a list of them that must all hold.
func (d *decoder) proofs(at string, raw any) (list []proof) {
	switch raw := raw.(type) {
	case nil:
		return []proof{{by: "path"}}
	case []any:
		for n, one := range raw {
			list = append(list, d.proof(below(at, strconv.Itoa(n)), one))
		}
		if list == nil {
			d.refuse(at, "required")
		}
		return list
	}
	return []proof{d.proof(at, raw)}
}

func (d *decoder) proof(at string, raw any) (p proof) {
	fields := d.object(at, raw)
	d.known(at, fields, "by", "of", "prefix", "user", "alg", "encoding", "over", "time")
	p.by = d.choice(below(at, "by"), fields["by"], "path", "basic", "header", "field", "hmac", "ed25519", "jwt",
		"plivo_v3")
	p.of = d.value(below(at, "of"), fields["of"])
	p.prefix = d.text(below(at, "prefix"), fields["prefix"])
	p.user = d.text(below(at, "user"), fields["user"])
	p.hash = hashes[d.choice(below(at, "alg"), fields["alg"], "sha256", "sha1", "sha512", "md5")]
	if p.hash == nil {
		p.hash = sha256.New
	}
	p.decode = decoderOf(d.choice(below(at, "encoding"), fields["encoding"], "hex", "base64"), p.by)
	d.signing = true
	p.over = d.template(below(at, "over"), d.text(below(at, "over"), fields["over"]))
	d.signing = false
	p.at = d.timed(below(at, "time"), fields["time"], momentUnits)
	p.isSigned = p.by == "hmac" || p.by == "ed25519"
	switch {
	case p.by == "":
		d.refuse(below(at, "by"), "required")
	case p.of == nil && (p.isSigned || p.by == "header" || p.by == "field"):
		d.refuse(below(at, "of"), "required")
	case p.isSigned && len(p.over) == 0:
		d.refuse(below(at, "over"), "required")
	case p.by == "header" && !isHeader(p.of):
		d.refuse(below(at, "of"), "malformed_path")
	}
	return p
}

// isHeader reports whether a value is the path of a header.
func isHeader(v value) bool {
	p, ok := v.(path)
	return ok && p.root == '$' && p.named == "header"
}

// decoderOf returns how a signature is spelled: hex unless it says base64, which Ed25519 always is.
func decoderOf(encoding, by string) func(string) ([]byte, error) {
	if encoding == "base64" || by == "ed25519" {
		return decodeBase64
	}
	return func(text string) ([]byte, error) { return hex.DecodeString(strings.ToLower(text)) }
}

// decodeBase64 reads both alphabets, with and without padding.
func decodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}

// Authenticate returns nil when a request holds every proof of the document, with one of the valid secrets. It returns
// the part of the path behind the secret. Faults are unauthorised with the reason, and invalid for a body that cannot
// be read.
func (m *Mapping) Authenticate(req *Request, valid secrets.Set) (rest string, err error) {
	root, err := m.tree(req)
	if err != nil {
		return "", err
	}
	s := m.scope(req, root)
	rest = req.Rest
	for i := range m.proofs {
		p := &m.proofs[i]
		if p.by == "path" {
			rest, err = bySecretPath(req.Rest, valid)
		} else {
			err = p.check(s, valid)
		}
		if err != nil {
			return "", err
		}
	}
	return rest, nil
}

// maxPathParts is how many parts of a path may be a secret that contains slashes.
const maxPathParts = 10

func bySecretPath(path string, valid secrets.Set) (rest string, err error) {
	if path == "" {
		return "", fault.Unauthorised("secret_missing")
	}
	parts := strings.SplitN(path, "/", maxPathParts)
	for n := range parts {
		if valid.Has(strings.Join(parts[:n+1], "/")) {
			return strings.Join(parts[n+1:], "/"), nil
		}
	}
	return "", fault.Unauthorised("wrong_secret")
}

func (p *proof) check(s *scope, valid secrets.Set) error {
	switch p.by {
	case "basic":
		return p.checkBasic(s.req, valid)
	case "jwt":
		return p.checkJWT(s, valid)
	case "plivo_v3":
		return checkPlivo(s.req, valid)
	}
	sent := textOf(p.of, s)
	if sent == "" {
		return fault.Unauthorised(map[bool]string{true: "signature_missing", false: "token_missing"}[p.isSigned])
	}
	if !p.isSigned {
		token, found := strings.CutPrefix(sent, p.prefix)
		if !found || !valid.Has(token) {
			return fault.Unauthorised("wrong_token")
		}
		return nil
	}
	if err := p.checkAge(s); err != nil {
		return err
	}
	for one := range strings.SplitSeq(sent, ",") {
		if p.isSignature(s, strings.TrimSpace(one), valid) {
			return nil
		}
	}
	return fault.Unauthorised("wrong_signature")
}

// checkAge checks the time of a signature, where the document says where it stands.
func (p *proof) checkAge(s *scope) error {
	if p.at.value == nil {
		return nil
	}
	at, ok := moment(p.at.value.in(s), p.at.as, s.req.Zone)
	if age := s.req.At.Sub(at); !ok || age > signatureAge || age < -signatureAge {
		return fault.Unauthorised("signature_too_old")
	}
	return nil
}

func (p *proof) isSignature(s *scope, sent string, valid secrets.Set) bool {
	text, found := strings.CutPrefix(sent, p.prefix)
	if !found {
		return false
	}
	signature, err := p.decode(text)
	if err != nil {
		return false
	}
	for _, secret := range valid {
		over := []byte(p.over.fill(s, secret))
		if p.by == "ed25519" {
			key, err := decodeBase64(secret)
			if err == nil && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, over, signature) {
				return true
			}
			continue
		}
		if hmac.Equal(sumOf(p.hash, secret, over), signature) {
			return true
		}
	}
	return false
}

func sumOf(hash func() hash.Hash, secret string, over []byte) []byte {
	mac := hmac.New(hash, []byte(secret))
	mac.Write(over)
	return mac.Sum(nil)
}

func (p *proof) checkBasic(req *Request, valid secrets.Set) error {
	const scheme = "basic "
	header := req.Header("Authorization")
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return fault.Unauthorised("token_missing")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(header[len(scheme):]))
	user, password, _ := strings.Cut(string(raw), ":")
	if err != nil || !valid.Has(password) || p.user != "" && p.user != user {
		return fault.Unauthorised("wrong_token")
	}
	return nil
}

// checkJWT checks a token of HMAC with SHA-256: the body, or what of finds. Other algorithms are refused, "none" above
// all.
func (p *proof) checkJWT(s *scope, valid secrets.Set) error {
	text := string(s.req.Body)
	if p.of != nil {
		text = strings.TrimPrefix(p.of.in(s), p.prefix)
	}
	signed, _, signature, ok := splitJWT(text)
	if !ok {
		return fault.Unauthorised("signature_missing")
	}
	head, _, _ := strings.Cut(signed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(head, "="))
	var header struct {
		Algorithm string `json:"alg"`
	}
	if err != nil || json.Unmarshal(raw, &header) != nil || header.Algorithm != "HS256" {
		return fault.Unauthorised("wrong_signature")
	}
	for _, secret := range valid {
		if hmac.Equal(sumOf(sha256.New, secret, []byte(signed)), signature) {
			return nil
		}
	}
	return fault.Unauthorised("wrong_signature")
}

// checkPlivo checks the third version of Plivo's signatures: over the URL, the sorted fields and a nonce.
func checkPlivo(req *Request, valid secrets.Set) error {
	const header = "X-Plivo-Signature-V3"
	sent := req.Header(header)
	if sent == "" {
		return fault.Unauthorised("signature_missing")
	}
	over := []byte(plivoBase(req) + "." + req.Header(header+"-Nonce"))
	for one := range strings.SplitSeq(sent, ",") {
		signature, err := decodeBase64(strings.TrimSpace(one))
		if err != nil {
			continue
		}
		for _, secret := range valid {
			if hmac.Equal(sumOf(sha256.New, secret, over), signature) {
				return nil
			}
		}
	}
	return fault.Unauthorised("wrong_signature")
}

// plivoBase returns the URL without its query, then the sorted fields: k=v of the query, kv of the form.
func plivoBase(req *Request) string {
	base, _, _ := strings.Cut(req.URL, "?")
	query := sortedPairs(req.Query, "=", "&")
	form := ""
	if req.Method == "POST" {
		values, _ := url.ParseQuery(string(req.Body))
		form = sortedPairs(values, "", "")
	}
	switch {
	case query == "" && form == "":
		return base
	case form == "":
		return base + "?" + query
	case query == "":
		return base + "?" + form
	}
	return base + "?" + query + "." + form
}

func sortedPairs(values url.Values, equals, between string) string {
	var pairs []string
	for name, texts := range values {
		for _, text := range slices.Sorted(slices.Values(texts)) {
			pairs = append(pairs, name+equals+text)
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, between)
}
