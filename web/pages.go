package web

import (
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/fault"
	"callhue/web/ui"
)

// mountPages serves the browser application: files of the build as they are,
// index.html for every other page. Hashed assets may be kept for a year.
func (s *Server) mountPages() error {
	files, err := fs.Sub(ui.Files, "dist")
	if err != nil {
		return err
	}
	s.app.Get("/*", func(c *fiber.Ctx) error {
		name := strings.TrimPrefix(path.Clean("/"+c.Params("*")), "/")
		body, err := fs.ReadFile(files, name)
		if err != nil {
			if strings.Contains(path.Base(name), ".") || strings.HasPrefix(name, "api/") || strings.HasPrefix(name, "hooks/") {
				return fiber.ErrNotFound
			}
			if name, body, err = pageOf(files, name); err != nil {
				return (&fault.Error{Kind: fault.KindMissing, Key: "ui_not_built"}).Because(err)
			}
		}
		kind := mime.TypeByExtension(path.Ext(name))
		if kind == "" {
			kind = "application/octet-stream"
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
	})
	return nil
}

// pageOf gives the document of a page: its own one (embed/card.html for
// /embed/card), else the application's.
func pageOf(files fs.FS, name string) (string, []byte, error) {
	if own, err := fs.ReadFile(files, name+".html"); err == nil {
		return name + ".html", own, nil
	}
	body, err := fs.ReadFile(files, "index.html")
	return "index.html", body, err
}
