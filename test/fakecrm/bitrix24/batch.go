package bitrix24

import (
	"net/http"
	"regexp"
	"strings"
)

// maxBatch is how many commands a batch may have.
const maxBatch = 50

// batch does commands in their order.
func (p *Portal) batch(by caller, in *array, log *Request) (any, *refusal) {
	cmd := in.array("cmd")
	if len(cmd.keys) > maxBatch {
		return nil, refuse(http.StatusBadRequest, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
	}
	halt := in.text("halt") != "" && in.text("halt") != "0"
	results, errors, totals, nexts, times := object{}, object{}, object{}, object{}, object{}
	for _, key := range cmd.keys {
		written, _ := cmd.of[key].(string)
		name, query, _ := strings.Cut(written, "?")
		log.Commands = append(log.Commands, name)
		out, s, no := p.part(by, name, query, results)
		if s == nil && no != nil {
			s = no.operating
		}
		if no != nil {
			errors[key] = map[string]any{"error": no.code, "error_description": no.words}
		} else {
			results[key] = out.value
			if out.total >= 0 {
				totals[key] = out.total
			}
			if out.next > 0 {
				nexts[key] = out.next
			}
		}
		if s != nil {
			times[key] = p.timing(s)
		}
		if no != nil && halt {
			break
		}
	}
	return map[string]any{"result": results, "result_error": errors, "result_total": totals, "result_next": nexts,
		"result_time": times}, nil
}

// part does one command of a batch.
func (p *Portal) part(by caller, name, query string, results object) (result, *spent, *refusal) {
	if strings.EqualFold(name, "batch") {
		return result{}, nil, refuse(http.StatusBadRequest, "ERROR_BATCH_METHOD_NOT_ALLOWED",
			"Method is not allowed for batch usage")
	}
	if f := p.fault(name, true); f != nil {
		return result{}, nil, f.refused(p)
	}
	in, err := parseQuery(query)
	if err != nil {
		return result{}, nil, refuse(http.StatusBadRequest, "", "The command cannot be read")
	}
	substitute(in, results)
	return p.do(by, name, in)
}

// reference is $result[key][field]...
var reference = regexp.MustCompile(`\$result((?:\[[^\[\]]*\])+)`)

// substitute puts results in the place of references. One that leads to nothing
// becomes the empty string, and that is the trap: an empty filter is no filter.
func substitute(in *array, results object) {
	for _, key := range in.keys {
		switch v := in.of[key].(type) {
		case *array:
			substitute(v, results)
		case string:
			in.of[key] = reference.ReplaceAllStringFunc(v, func(ref string) string {
				return find(map[string]any(results), split(strings.TrimPrefix(ref, "$"))[1:])
			})
		}
	}
}
