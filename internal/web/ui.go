package web

import (
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
	"callhue/ui"
)

// serveUI serves the browser application: files of the build as they are,
// index.html for every other page. Hashed assets may be kept for a year. It
// comes last and is no route: any other request is answered as not found,
// or as not allowed when the path has other methods.
func (s *Server) serveUI() error {
	files := s.opt.Pages
	if files == nil {
		var err error
		if files, err = fs.Sub(ui.Files, "dist"); err != nil {
			return err
		}
	}
	s.app.Use(func(c *fiber.Ctx) error {
		name := strings.TrimPrefix(path.Clean("/"+c.Path()), "/")
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead || isMachinePath(name) {
			return c.Next()
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			if path.Ext(name) != "" {
				return c.Next()
			}
			if name, body, err = documentOf(files, name); err != nil {
				return fault.Missing("page").Because(err).With("hint",
					"this binary was built without its browser application: make build")
			}
		}
		return sendFile(c, name, body)
	})
	return nil
}

// isMachinePath reports whether a path belongs to programs, which must never get a page.
func isMachinePath(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"api", "bitrix24", "hooks", "cid", "lookup", "route"}, first)
}

func sendFile(c *fiber.Ctx, name string, body []byte) error {
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = fiber.MIMEOctetStream
	}
	c.Set(fiber.HeaderContentType, kind)
	if strings.HasPrefix(name, "assets/") {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if strings.HasPrefix(name, "embed/") {
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // a module for any page
	}
	return c.Send(body)
}

// documentOf returns the document of a page: its own (embed/card.html for
// /embed/card), else the application's.
func documentOf(files fs.FS, name string) (string, []byte, error) {
	if own, err := fs.ReadFile(files, name+".html"); err == nil {
		return name + ".html", own, nil
	}
	body, err := fs.ReadFile(files, "index.html")
	return "index.html", body, err
}
