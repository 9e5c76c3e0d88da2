package calls

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/staff"
)

// IncidentsReport asks how many incidents there were, by what.
type IncidentsReport struct {
	web.Paging
	web.Sheet
	IncidentFilter
	By   ReportBy `query:"by" json:"-" doc:"agent unless set."`
	Zone string   `query:"zone" json:"-" doc:"Where a day begins and ends, such as Europe/Moscow; UTC unless set."`
}

// ReportBy is what a report has a line for each of.
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

// IncidentsLine is a line of the report. Those by day come in the order of the
// days, the latest first; the others begin with the most.
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

func (d *Tracker) incidentsReport(r *web.Request, in IncidentsReport) (web.List[IncidentsLine], error) {
	none := web.List[IncidentsLine]{}
	lines, err := d.reportOf(r, in)
	if err != nil {
		return none, err
	}
	var before sumCursor
	if err := in.After(&before); err != nil {
		return none, err
	}
	part, err := lines(r.Context(), before, in.Size()+1)
	if err != nil {
		return none, err
	}
	return web.Page(part, in.Size(), func(last IncidentsLine) any { return last.cursor(in.By) }), nil
}

func (d *Tracker) incidentsReportFile(r *web.Request, in IncidentsReport) (web.CSV, error) {
	lines, err := d.reportOf(r, in)
	rows := func(ctx context.Context) iter.Seq2[[]any, error] {
		return func(yield func([]any, error) bool) {
			for before, more := (sumCursor{}), true; more; {
				part, err := lines(ctx, before, incidentsAtOnce)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, l := range part {
					if !yield([]any{l.Key, l.Name, l.Count, l.Talk, l.Open}, nil) {
						return
					}
					before = l.cursor(in.By)
				}
				more = len(part) == incidentsAtOnce
			}
		}
	}
	return web.CSV{Name: "incidents-by-" + string(in.by()), Header: []string{string(in.by()), "name", "count", "talk_seconds", "open"}, Rows: rows}, err
}

func (in IncidentsReport) by() ReportBy {
	if in.By == "" {
		return ByAgent
	}
	return in.By
}

func (l IncidentsLine) cursor(by ReportBy) sumCursor {
	if by == ByDay {
		return sumCursor{Day: l.Key}
	}
	return sumCursor{Count: l.Count, Key: l.ID}
}

// reportOf gives the function that reads a part of the report: up to so many
// lines behind a cursor.
func (d *Tracker) reportOf(r *web.Request, in IncidentsReport) (func(context.Context, sumCursor, int) ([]IncidentsLine, error), error) {
	org, w, err := d.incidentsWanted(r, in.IncidentFilter)
	if fault.Of(err) != nil && !fault.Is(err, fault.KindInvalid) {
		return nil, err
	}
	zone, unknown := time.LoadLocation(in.Zone)
	if unknown != nil {
		err = also(err, "zone", "unknown_value")
	}
	column := map[ReportBy]string{ByAgent: "agent_id", ByOwner: "owner_id", ByCompany: "company_id", ByDay: ""}
	if _, known := column[in.by()]; !known {
		err = also(err, "by", "unknown_value")
	}
	if err != nil {
		return nil, err
	}
	if in.By == ByDay {
		return func(ctx context.Context, before sumCursor, limit int) ([]IncidentsLine, error) {
			sums, err := sumIncidentsByQuarter(d.DB.Read(ctx), w)
			return byDay(sums, zone, before.Day, limit), err
		}, nil
	}
	return func(ctx context.Context, before sumCursor, limit int) ([]IncidentsLine, error) {
		sums, err := sumIncidents(d.DB.Read(ctx), w, column[in.by()], before, limit)
		return linesOf(org, sums, in.by()), err
	}, nil
}

func linesOf(org *staff.Org, sums []*incidentSum, by ReportBy) []IncidentsLine {
	lines := make([]IncidentsLine, len(sums))
	for i, s := range sums {
		lines[i] = IncidentsLine{Key: strconv.FormatInt(s.Key, 10), ID: s.Key, Name: s.Name, Count: s.N, Talk: s.Talk, Open: s.Open}
		if by != ByCompany {
			lines[i].Name = named(org, s.Key).Name
		}
	}
	return lines
}

// byDay gathers quarters of an hour, which come in their order, into the days
// before one, the latest first.
func byDay(sums []*incidentSum, zone *time.Location, before string, limit int) []IncidentsLine {
	lines := []IncidentsLine{}
	for _, s := range slices.Backward(sums) {
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
