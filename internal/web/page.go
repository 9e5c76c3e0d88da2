package web

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/gofiber/fiber/v2"
)

// Page answers an HTML page without script that is not kept by anyone. Its style is part of it: the policy allows that
// very text by its hash, and nothing else but forms that are sent to us.
func (r *Request) Page(status int, style string, page []byte) error {
	r.C.Set(fiber.HeaderContentSecurityPolicy, pagePolicy(style, "'self'"))
	r.C.Set(fiber.HeaderCacheControl, "no-store")
	r.C.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return r.C.Status(status).Send(page)
}

// pagePolicy is the policy of a page that consists of HTML and one style. forms is where its forms may be sent.
func pagePolicy(style, forms string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action " + forms + "; frame-ancestors 'none'"
}
