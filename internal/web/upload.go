package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
	"callhue/internal/text"
)

// Form is what a route with a file takes beside the field "file", for the API reference: names and what they mean.
type Form struct{ Fields [][2]string }

func (f *Form) schema() *schema {
	form := &schema{Type: "object", Required: []string{"file"}}
	form.Properties = properties{{"file", &schema{Type: "string", Format: "binary"}}}
	for _, field := range f.Fields {
		form.Properties = append(form.Properties, property{field[0], &schema{Type: "string", Description: field[1]}})
	}
	return form
}

// Upload is a file that a request brought. It is on disk: a file may be longer than memory.
type Upload struct {
	Path   string // of the stored file; the caller removes it
	Name   string // as the sender calls it, without folders
	Size   int64  // bytes
	Values map[string]string
}

const (
	uploadTime  = time.Hour        // how long a file may take to arrive
	uploadPause = 30 * time.Second // how long its sender may be silent
	maxValue    = 64 << 10         // bytes of a form field beside the file
	maxValues   = 20
	maxFileName = 200 // characters
)

// SaveUpload stores the field "file" of a multipart form in a folder while it arrives, and returns the other fields as
// Values. It is for routes with Upload set. Faults: invalid_input (file: required, too_large; body: multipart_expected,
// malformed).
func (r *Request) SaveUpload(folder string, most int64) (up Upload, err error) {
	form, err := r.form()
	if err != nil {
		return up, err
	}
	up.Values = map[string]string{}
	defer func() {
		if err != nil && up.Path != "" {
			_ = os.Remove(up.Path)
			up.Path = ""
		}
	}()
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return up, fault.Invalid("body", "malformed").Because(err)
		}
		switch {
		case part.FormName() == "file" && up.Path == "":
			err = up.save(part, folder, most)
		case len(up.Values) == maxValues:
			err = fault.Invalid("body", "too_many")
		default:
			err = up.addValue(part)
		}
		if err != nil {
			return up, err
		}
	}
	if up.Path == "" {
		return up, fault.Invalid("file", "required")
	}
	return up, nil
}

// form returns the parts of the body as they arrive.
func (r *Request) form() (*multipart.Reader, error) {
	kind, params, err := mime.ParseMediaType(r.C.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEMultipartForm || params["boundary"] == "" {
		return nil, fault.Invalid("body", "multipart_expected")
	}
	var body io.Reader = bytes.NewReader(nil)
	if stream := r.C.Context().RequestBodyStream(); stream != nil {
		body = pausing{stream, r.C}
	} else {
		body = bytes.NewReader(r.C.BodyRaw())
	}
	return multipart.NewReader(body, params["boundary"]), nil
}

// save writes the file to disk.
func (up *Upload) save(part *multipart.Part, folder string, most int64) error {
	up.Name = fileName(part.FileName())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault.Internal(err)
	}
	file, err := os.CreateTemp(folder, "upload-*")
	if err != nil {
		return fault.Internal(err)
	}
	up.Path = file.Name()
	up.Size, err = io.Copy(file, io.LimitReader(part, most+1))
	if closed := file.Close(); err == nil && closed != nil {
		return fault.Internal(closed)
	}
	var disk *os.PathError
	switch {
	case errors.As(err, &disk):
		return fault.Internal(err)
	case err != nil:
		return fault.Invalid("body", "malformed").Because(err)
	case up.Size > most:
		return fault.Invalid("file", "too_large").With("most", most)
	}
	return nil
}

func (up *Upload) addValue(part *multipart.Part) error {
	value, err := io.ReadAll(io.LimitReader(part, maxValue+1))
	switch {
	case err != nil:
		return fault.Invalid("body", "malformed").Because(err)
	case len(value) > maxValue:
		return fault.Invalid(part.FormName(), "too_long")
	case text.Check(string(value), maxValue) != "":
		return fault.Invalid(part.FormName(), "malformed")
	}
	up.Values[part.FormName()] = string(value)
	return nil
}

// fileName returns the name of a file without folders of either kind of system.
func fileName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = text.Tidy(strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > maxFileName {
		name = string(runes[len(runes)-maxFileName:])
	}
	if name == "." || name == "/" || name == "" || text.Check(name, maxFileName) != "" {
		return "file"
	}
	return name
}

// pausing reads a body whose sender may be silent for a while, but not for long.
type pausing struct {
	body io.Reader
	c    *fiber.Ctx
}

// wholeBody is the local of a request whose body was read to its end: fasthttp must not be asked for more.
type wholeBody struct{}

func (p pausing) Read(to []byte) (int, error) {
	if p.c.Locals(wholeBody{}) != nil {
		return 0, io.EOF
	}
	// The server sets the deadline again for the next request.
	_ = p.c.Context().Conn().SetReadDeadline(time.Now().Add(uploadPause))
	n, err := p.body.Read(to)
	if err == io.EOF {
		p.c.Locals(wholeBody{}, true)
	}
	return n, err
}

// prefetched is how many bytes of a body fasthttp reads before the handler.
const prefetched = 8 << 10

// readBody reads a whole body, unless it is longer than most bytes. fasthttp would read one of any length.
func readBody(c *fiber.Ctx, most int) error {
	request := c.Request()
	if length := request.Header.ContentLength(); length >= 0 && length <= prefetched {
		return nil
	}
	stream := c.Context().RequestBodyStream()
	var body bytes.Buffer
	n, err := io.Copy(&body, io.LimitReader(stream, int64(most)+1))
	if err != nil {
		c.Context().SetConnectionClose()
		return fiber.NewError(fiber.StatusRequestTimeout)
	}
	if n > int64(most) {
		drain(c, max(0, drainedBody-n))
		return fiber.ErrRequestEntityTooLarge
	}
	request.SetBodyRaw(body.Bytes())
	return nil
}

// drain reads what a client still sends, up to a limit, and has the connection closed after the answer: a client that
// is cut off while it sends sees a reset instead of an answer.
func drain(c *fiber.Ctx, most int64) {
	c.Context().SetConnectionClose()
	if stream := c.Context().RequestBodyStream(); stream != nil && c.Locals(wholeBody{}) == nil {
		_ = c.Context().Conn().SetReadDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.CopyN(io.Discard, stream, most)
	}
}
