package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"callhue/crmsync"
)

// perBatch is how many commands one batch takes (ERROR_BATCH_LENGTH_EXCEEDED).
const perBatch = 50

// command is one part of a batch.
type command struct {
	method string
	params map[string]any
}

// parts is the result of a batch.
type parts struct {
	Result dict[json.RawMessage] `json:"result"`
	Errors dict[partError]       `json:"result_error"`
	Totals dict[int64]           `json:"result_total"`
	Times  dict[timing]          `json:"result_time"`
}

// partError is why a command failed: an object, in some versions its words alone.
type partError struct{ code, words string }

// UnmarshalJSON takes both.
func (e *partError) UnmarshalJSON(raw []byte) error {
	var full struct {
		Code  text `json:"error"`
		Words text `json:"error_description"`
	}
	if raw[0] == '{' {
		if err := json.Unmarshal(raw, &full); err != nil {
			return err
		}
		e.code, e.words = string(full.Code), string(full.Words)
		return nil
	}
	var words text
	err := json.Unmarshal(raw, &words)
	e.words = string(words)
	return err
}

// says whether it has a code, or such words where it has none.
func (e partError) says(code, words string) bool {
	return strings.EqualFold(e.code, code) || e.code == "" && strings.Contains(strings.ToLower(e.words), words)
}

func (e partError) refusal(method string, t timing) *refusal {
	return &refusal{status: 200, code: e.code, words: e.words, method: method, resetAt: t.resetAt()}
}

// nameOf is the key of a command, by which later ones mean it. The keys of a JSON
// object are written in their order, and that is the order of the commands.
func nameOf(i int) string { return fmt.Sprintf("c%02d", i) }

// batch asks for up to fifty commands in one request. They are done in their order,
// and none behind one that failed: what it gives is then missing in those behind it,
// and an empty filter is none. The failure of a command is that of the batch.
func (p *Portal) batch(ctx context.Context, commands []command) ([]answer, error) {
	all, err := p.each(ctx, commands, true)
	if err != nil {
		return nil, err
	}
	out := make([]answer, len(commands))
	for i, c := range commands {
		name := nameOf(i)
		if failed, ok := all.Errors[name]; ok {
			failed.words = p.mask(failed.words, "")
			return nil, failed.refusal(c.method, all.Times[name]).fault()
		}
		result, ok := all.Result[name]
		if !ok {
			return nil, crmsync.NotUnderstood(fmt.Errorf("batch: nothing of %s", name))
		}
		out[i] = answer{Result: result, Total: all.Totals[name]}
	}
	return out, nil
}

// each asks for up to fifty commands in one request, and gives what came of each of
// them. With halt none is done behind one that failed.
func (p *Portal) each(ctx context.Context, commands []command, halt bool) (*parts, error) {
	cmd := make(map[string]any, len(commands))
	for i, c := range commands {
		if !mayBatch(c.method) {
			return nil, fmt.Errorf("bitrix24: %s is none of the methods that a batch may hold", c.method)
		}
		cmd[nameOf(i)] = c.method + "?" + query(c.params)
	}
	params := map[string]any{"halt": 0, "cmd": cmd}
	if halt {
		params["halt"] = 1
	}
	got, err := p.request(ctx, p.rest, p.signer(), "batch", params)
	if err != nil {
		return nil, err
	}
	return got.parts, nil
}

// readParts reads a batch's result, and heeds what the portal says of its limits in
// there: the batch as a whole was accepted, its commands may not have been.
func (p *Portal) readParts(got *answer, params map[string]any) error {
	all := &parts{}
	if err := got.read(all); err != nil {
		return err
	}
	cmd := params["cmd"].(map[string]any)
	for name, t := range all.Times {
		p.limits.heed(p.opt.Now(), methodOf(cmd[name]), t)
	}
	for name, failed := range all.Errors {
		if no := failed.refusal(methodOf(cmd[name]), all.Times[name]); no.is(tooMany...) || no.is(tooLong...) {
			return no
		}
	}
	got.parts = all
	return nil
}

// methodOf gives the method of a command as it stands in a batch.
func methodOf(cmd any) string {
	written, _ := cmd.(string)
	method, _, _ := strings.Cut(written, "?")
	return method
}

// methodsOf gives the methods in a batch.
func methodsOf(cmd map[string]any) (all []string) {
	for _, c := range cmd {
		if method := methodOf(c); !slices.Contains(all, method) {
			all = append(all, method)
		}
	}
	return all
}
