package web

import (
	"context"
	"encoding/json"
	"iter"
	"reflect"
	"strings"

	"callhue/internal/access"
)

// masked returns an answer as a user may see it.
func (s *Server) masked(ctx context.Context, user *access.User, asked, answer []byte) ([]byte, error) {
	if s.opt.Mask == nil || user == nil || len(answer) == 0 {
		return answer, nil
	}
	return s.opt.Mask(ctx, user, asked, answer)
}

// mask hides what the user may not see in the answer of a route. Files are masked row by row, streams event by event.
func (r *Request) mask(route Route) error {
	response := r.C.Response()
	if r.server.opt.Mask == nil || r.User == nil || response.IsBodyStream() ||
		!strings.Contains(string(response.Header.ContentType()), "json") {
		return nil
	}
	var asked []byte
	if route.Upload == nil {
		asked = r.C.Request().Body() // no copy: it is only looked at
	}
	before := response.Body()
	answer, err := r.server.masked(r.Context(), r.User, asked, before)
	if err != nil {
		response.ResetBody()
		return err
	}
	if len(answer) != len(before) || len(answer) > 0 && &answer[0] != &before[0] {
		response.SetBody(answer)
	}
	return nil
}

// maskedAtOnce is how many rows of a file are masked together.
const maskedAtOnce = 100

// maskedRows returns the rows of a file as the user may see them.
func (r *Request) maskedRows(rows rowsOf) rowsOf {
	server, user := r.server, r.User
	if server.opt.Mask == nil || user == nil {
		return rows
	}
	return func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			part := make([][]any, 0, maskedAtOnce)
			flush := func() bool {
				err := server.maskCells(ctx, user, part)
				for _, row := range part {
					if !yield(row, err) || err != nil {
						return false
					}
				}
				part = part[:0]
				return true
			}
			for row, err := range rows(ctx) {
				if err != nil {
					if flush() {
						yield(nil, err)
					}
					return
				}
				if part = append(part, row); len(part) == maskedAtOnce && !flush() {
					return
				}
			}
			flush()
		}
	}
}

// maskCells masks the texts of some rows.
func (s *Server) maskCells(ctx context.Context, user *access.User, rows [][]any) error {
	var texts []string
	eachText(rows, func(text string) any { texts = append(texts, text); return text })
	raw, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	if raw, err = s.masked(ctx, user, nil, raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &texts); err != nil {
		return err
	}
	next := 0
	eachText(rows, func(string) any { next++; return texts[next-1] })
	return nil
}

// eachText replaces the texts among the cells of some rows.
func eachText(rows [][]any, by func(text string) any) {
	for _, row := range rows {
		for i, cell := range row {
			if v := reflect.ValueOf(cell); cell != nil && v.Kind() == reflect.String {
				row[i] = by(v.String())
			}
		}
	}
}
