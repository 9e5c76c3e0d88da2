package web

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
	"callhue/ui"
)

// pages are the files of the browser application's build. Beside a file stand its compressed forms, name.br and
// name.gz, which the build has written.
type pages struct {
	files fs.FS
	tags  map[string]string // ETag by the name of a file
}

func newPages(files fs.FS) (*pages, error) {
	p := &pages{files: files, tags: map[string]string{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(body)
		p.tags[name] = fmt.Sprintf(`"%x"`, sum[:8])
		return err
	})
	return p, err
}

// serveUI serves the browser application: files of the build as they are,
// index.html for every other page. Hashed assets may be kept for a year, other
// files are asked for again by their ETag. It comes last and is no route: any
// other request is answered as not found, or as not allowed when the path has
// other methods.
func (s *Server) serveUI() error {
	files := s.opt.Pages
	if files == nil {
		var err error
		if files, err = fs.Sub(ui.Files, "dist"); err != nil {
			return err
		}
	}
	p, err := newPages(files)
	if err != nil {
		return err
	}
	s.app.Use(func(c *fiber.Ctx) error {
		name := strings.TrimPrefix(path.Clean("/"+c.Path()), "/")
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead || isMachinePath(name) {
			return c.Next()
		}
		if p.tags[name] == "" {
			if path.Ext(name) != "" {
				return c.Next()
			}
			if name = p.documentOf(name); name == "" {
				return fault.Missing("page").With("hint",
					"this binary was built without its browser application: make build")
			}
		}
		return p.send(c, name)
	})
	return nil
}

// isMachinePath reports whether a path belongs to programs, which must never get a page.
func isMachinePath(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"api", "bitrix24", "hooks", "cid", "lookup", "route"}, first)
}

// send answers with a file in the smallest form that the browser reads.
func (p *pages) send(c *fiber.Ctx, name string) error {
	kind := mime.TypeByExtension(path.Ext(name))
	switch {
	case path.Ext(name) == ".woff2": // not every system knows it
		kind = "font/woff2"
	case kind == "":
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
	form := name
	if p.tags[name+".br"] != "" {
		c.Vary(fiber.HeaderAcceptEncoding)
		switch {
		case c.Get(fiber.HeaderAcceptEncoding) == "":
		case c.AcceptsEncodings("br") != "":
			form = name + ".br"
			c.Set(fiber.HeaderContentEncoding, "br")
		case c.AcceptsEncodings("gzip") != "":
			form = name + ".gz"
			c.Set(fiber.HeaderContentEncoding, "gzip")
		}
	}
	c.Set(fiber.HeaderETag, p.tags[form])
	if c.Get(fiber.HeaderIfNoneMatch) == p.tags[form] {
		return c.SendStatus(fiber.StatusNotModified)
	}
	body, err := fs.ReadFile(p.files, form)
	if err != nil {
		return err
	}
	return c.Send(body)
}

// documentOf returns the document of a page: its own (embed/card.html for
// /embed/card), else the application's, and "" without a build.
func (p *pages) documentOf(name string) string {
	for _, document := range []string{name + ".html", "index.html"} {
		if p.tags[document] != "" {
			return document
		}
	}
	return ""
}
