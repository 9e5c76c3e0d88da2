package bitrix24

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// perBatch is the most commands in one batch (ERROR_BATCH_LENGTH_EXCEEDED).
const perBatch = 50

// command is one part of a batch.
type command struct {
	method string
	params map[string]any
}

// batchResult is the result of a batch.
type batchResult struct {
	Result dict[json.RawMessage] `json:"result"`
	Errors dict[commandError]    `json:"result_error"`
	Totals dict[number]          `json:"result_total"`
	Times  dict[timing]          `json:"result_time"`
}

// commandError is why a command failed: an object, in some versions only its text.
type commandError struct{ code, message string }

// UnmarshalJSON accepts both.
func (e *commandError) UnmarshalJSON(raw []byte) error {
	var full struct {
		Code  text `json:"error"`
		Words text `json:"error_description"`
	}
	if raw[0] == '{' {
		if err := json.Unmarshal(raw, &full); err != nil {
			return err
		}
		e.code, e.message = string(full.Code), string(full.Words)
		return nil
	}
	var words text
	err := json.Unmarshal(raw, &words)
	e.message = string(words)
	return err
}

// matches reports whether the error has a code, or a text if it has no code.
func (e commandError) matches(code, words string) bool {
	return strings.EqualFold(e.code, code) || e.code == "" && strings.Contains(strings.ToLower(e.message), words)
}

func (e commandError) refusal(method string, t timing) *refusal {
	return &refusal{status: 200, code: e.code, message: e.message, method: method, resetAt: t.resetAt()}
}

// commandName returns the key of a command, by which later ones refer to it. JSON object keys are written
// in order, and that is the order of the commands.
func commandName(i int) string { return fmt.Sprintf("c%02d", i) }

// batch runs up to fifty commands in one request, in order, and stops at the first failure: the commands
// after it would lack its result, and an empty filter filters nothing. The failure of a command is that of
// the batch.
func (p *Portal) batch(ctx context.Context, commands []command) ([]answer, error) {
	results, err := p.runBatch(ctx, commands, true)
	if err != nil {
		return nil, err
	}
	out := make([]answer, len(commands))
	for i, c := range commands {
		name := commandName(i)
		if failed, ok := results.Errors[name]; ok {
			failed.message = p.mask(failed.message, "")
			return nil, failed.refusal(c.method, results.Times[name]).fault()
		}
		out[i] = answer{Result: results.Result[name], Total: results.Totals[name]} // no result: decode says it
	}
	return out, nil
}

// runBatch runs up to fifty commands in one request and returns the result of each. With halt it stops at
// the first failure.
func (p *Portal) runBatch(ctx context.Context, commands []command, halt bool) (*batchResult, error) {
	cmd := make(map[string]any, len(commands))
	for i, c := range commands {
		if !mayBatch(c.method) {
			return nil, fmt.Errorf("bitrix24: %s is not allowed in a batch", c.method)
		}
		cmd[commandName(i)] = c.method + "?" + encodeQuery(c.params)
	}
	params := map[string]any{"halt": 0, "cmd": cmd}
	if halt {
		params["halt"] = 1
	}
	got, err := p.request(ctx, p.rest, p.signer(), "batch", params)
	if err != nil {
		return nil, err
	}
	return got.batch, nil
}

// decodeBatch decodes a batch's result and observes the limits reported in it: the batch as a whole was
// accepted, its commands perhaps not.
func (p *Portal) decodeBatch(got *answer, params map[string]any) error {
	results := &batchResult{}
	if err := got.decode(results); err != nil {
		return err
	}
	cmd := params["cmd"].(map[string]any)
	for name, t := range results.Times {
		p.limits.observe(p.opt.Now(), methodOf(cmd[name]), t)
	}
	for name, failed := range results.Errors {
		if refused := failed.refusal(methodOf(cmd[name]), results.Times[name]); refused.is(tooMany...) ||
			refused.is(tooLong...) {
			return refused
		}
	}
	got.batch = results
	return nil
}

// methodOf returns the method of a command in a batch.
func methodOf(cmd any) string {
	written, _ := cmd.(string)
	method, _, _ := strings.Cut(written, "?")
	return method
}

// methodsIn returns the distinct methods of a batch.
func methodsIn(cmd map[string]any) (results []string) {
	for _, c := range cmd {
		if method := methodOf(c); !slices.Contains(results, method) {
			results = append(results, method)
		}
	}
	return results
}
