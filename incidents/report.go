package incidents

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// ReportBy is what a report has one line for.
type ReportBy string

// The kinds of report.
const (
	ByAgent   ReportBy = "agent"
	ByOwner   ReportBy = "owner"
	ByCompany ReportBy = "company"
	ByDay     ReportBy = "day"
)

// Values lists the kinds, for the API reference.
func (ReportBy) Values() []string { return []string{"agent", "owner", "company", "day"} }

// IncidentsLine is a line of the report. Lines by day come in the order of the days, the latest first; all others
// begin with the highest count.
type IncidentsLine struct {
	Key   string `json:"key"`  // the id, or the day as 2026-03-12
	ID    int64  `json:"id"`   // 0 for a day
	Name  string `json:"name"` // of the user or company; the day
	Count int64  `json:"count"`
	Talk  int64  `json:"talk_seconds"`
	Open  int64  `json:"open"` // not acknowledged yet
}

// sumCursor is where a page of a report ended.
type sumCursor struct {
	Count int64  `json:"n,omitempty"`
	Key   int64  `json:"k,omitempty"`
	Day   string `json:"d,omitempty"`
}

// report is a report that was asked for.
type report struct {
	registry *Registry
	by       ReportBy
	zone     *time.Location
	filter   filter
	org      *staff.Org
}

// columnOf is the column that a report counts by; days have none.
var columnOf = map[ReportBy]string{ByAgent: "agent_id", ByOwner: "owner_id", ByCompany: "company_id", ByDay: ""}

// report reads what is asked for. Faults name the field.
func (r *Registry) report(ctx context.Context, user *access.User, in ReportInput) (*report, error) {
	org, f, err := r.filter(ctx, user, in.FilterInput)
	var wrong *fault.Error
	if err != nil {
		if wrong = fault.Of(err); wrong.Kind != fault.KindInvalid {
			return nil, err
		}
	}
	zone, err := time.LoadLocation(in.Zone)
	if err != nil {
		wrong = wrong.And("zone", "unknown_value")
	}
	if in.By == "" {
		in.By = ByAgent
	}
	if _, known := columnOf[in.By]; !known {
		wrong = wrong.And("by", "unknown_value")
	}
	return &report{registry: r, by: in.By, zone: zone, filter: f, org: org}, wrong.OrNil()
}

// lines returns a part of the report: at most limit lines behind a cursor.
func (p *report) lines(ctx context.Context, after sumCursor, limit int) ([]IncidentsLine, error) {
	tx := p.registry.db.ReadSlow(ctx)
	if p.by == ByDay {
		list, err := sumByQuarter(tx, p.filter)
		return days(list, p.zone, after.Day, limit), err
	}
	list, err := sumBy(tx, p.filter, columnOf[p.by], after, limit)
	if err != nil {
		return nil, err
	}
	lines := make([]IncidentsLine, len(list))
	for i, s := range list {
		lines[i] = IncidentsLine{Key: strconv.FormatInt(s.Key, 10), ID: s.Key, Name: s.Name,
			Count: s.N, Talk: s.Talk, Open: s.Open}
		if p.by != ByCompany {
			lines[i].Name = named(p.org, s.Key).Name
		}
	}
	return lines, nil
}

// cursor returns where a page ends that has this last line.
func (p *report) cursor(last IncidentsLine) sumCursor {
	if p.by == ByDay {
		return sumCursor{Day: last.Key}
	}
	return sumCursor{Count: last.Count, Key: last.ID}
}

// file returns the whole report.
func (p *report) file() web.CSV {
	rows := func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			var after sumCursor
			for more := true; more; {
				part, err := p.lines(ctx, after, web.MaxLimit)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, l := range part {
					if !yield([]any{l.Key, l.Name, l.Count, l.Talk, l.Open}, nil) {
						return
					}
					after = p.cursor(l)
				}
				more = len(part) == web.MaxLimit
			}
		}
	}
	return web.CSV{Name: "incidents-by-" + string(p.by), Header: []string{string(p.by), "name", "count", "talk_seconds", "open"},
		Rows: rows}
}

// days adds quarters of an hour, which come in the order of time, to the days of a time zone. It returns at most limit
// days before one, the latest first; an empty before is the end of time.
func days(list []*incidentSum, zone *time.Location, before string, limit int) []IncidentsLine {
	lines := []IncidentsLine{}
	for _, s := range slices.Backward(list) {
		day := store.Time(s.Key).In(zone).Format(time.DateOnly)
		switch last := len(lines) - 1; {
		case before != "" && day >= before:
		case last >= 0 && lines[last].Key == day:
			lines[last].Count += s.N
			lines[last].Talk += s.Talk
			lines[last].Open += s.Open
		case len(lines) == limit:
			return lines
		default:
			lines = append(lines, IncidentsLine{Key: day, Name: day, Count: s.N, Talk: s.Talk, Open: s.Open})
		}
	}
	return lines
}
