package webhooks

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"callhue/calls"
	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/journal"
	"callhue/lookup"
	"callhue/lookup/external"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// lookupSources are the customer's own systems that are asked whose a number is.
type lookupSources struct {
	current atomic.Pointer[openedSources]

	known knownCompanies

	mu sync.Mutex // of those who open them
}

// openedSources are the systems of one snapshot of the sources.
type openedSources struct {
	of   *sources.Snapshot
	list []lookup.Source // of the active ones, by priority
	byID map[int64]*openedSource
}

// openedSource is a system with the settings that it was opened by.
type openedSource struct {
	*external.Source
	version int64
	plan    *phone.Plan
}

// brokenSource is a source whose settings cannot be used. It fails: a source must not be left out in silence.
type brokenSource struct{ err error }

// Find returns the fault of the settings.
func (b brokenSource) Find(context.Context, int64) (*lookup.Match, error) { return nil, b.err }

// LookupSources returns the systems that are asked whose a number is. It is a part of lookup.Sources.
func (rc *Receiver) LookupSources(ctx context.Context) ([]lookup.Source, error) {
	opened, err := rc.openLookupSources(ctx)
	if err != nil {
		return nil, err
	}
	return opened.list, nil
}

// openLookupSources opens the systems of the sources as they are now; those that did not change stay open.
func (rc *Receiver) openLookupSources(ctx context.Context) (*openedSources, error) {
	all, err := rc.opt.Sources.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if opened := rc.lookups.current.Load(); opened != nil && opened.of == all {
		return opened, nil
	}
	rc.lookups.mu.Lock()
	defer rc.lookups.mu.Unlock()
	before := rc.lookups.current.Load()
	if before != nil && before.of == all {
		return before, nil
	}
	opened := rc.openAll(all, before)
	rc.lookups.current.Store(opened)
	closeReplaced(before, opened)
	return opened, nil
}

func (rc *Receiver) openAll(all *sources.Snapshot, before *openedSources) *openedSources {
	opened := &openedSources{of: all, byID: map[int64]*openedSource{}}
	type ranked struct {
		priority int
		id       int64
		source   lookup.Source
	}
	var list []ranked
	for id, live := range all.ByID {
		if !dialects.IsLookup(live.Source.Dialect) {
			continue
		}
		if before != nil && before.byID[id] != nil && before.byID[id].version == live.Version {
			opened.byID[id] = before.byID[id]
		} else if source, err := rc.openLookup(live); err == nil {
			opened.byID[id] = &openedSource{Source: source, version: live.Version, plan: live.Origin.Plan}
		} else if live.Active {
			rc.opt.Log.Error("a lookup source cannot be used: change its settings", "source", live.Name, "error", err)
			list = append(list, ranked{0, id, brokenSource{err}})
		}
		if o := opened.byID[id]; o != nil && live.Active {
			list = append(list, ranked{o.Priority(), id, o.Source})
		}
	}
	slices.SortFunc(list, func(a, b ranked) int {
		if a.priority != b.priority {
			return a.priority - b.priority
		}
		return int(a.id - b.id)
	})
	for _, r := range list {
		opened.list = append(opened.list, r.source)
	}
	return opened
}

// closeAfter is how long a system stays open that lookups may still be asking.
const closeAfter = 10 * time.Second

func closeReplaced(before, now *openedSources) {
	if before == nil {
		return
	}
	for id, old := range before.byID {
		if now.byID[id] != old {
			time.AfterFunc(closeAfter, func() { _ = old.Close() })
		}
	}
}

// openLookup returns the system behind a source. It asks nothing yet.
func (rc *Receiver) openLookup(live *sources.Live) (*external.Source, error) {
	if rc.opt.Roster == nil || rc.opt.Directory == nil {
		return nil, errors.New("lookup sources need the staff and the statuses")
	}
	settings := dialects.LookupSettingsOf(live.Settings)
	asker, err := rc.openAsker(live.Source.Dialect, settings)
	if err != nil {
		return nil, err
	}
	statuses := map[string]string{}
	for theirs, ours := range settings.Statuses {
		statuses[external.FoldStatus(theirs)] = ours
	}
	return external.New(external.Config{
		Name:      live.Name,
		Priority:  settings.Priority,
		Plan:      live.Origin.Plan,
		Form:      settings.Form,
		Statuses:  statuses,
		Budget:    settings.Budget,
		Fresh:     settings.Fresh,
		Roster:    rc.opt.Roster,
		Directory: rc.opt.Directory,
		Known:     rc.findKnown,
		Now:       rc.opt.Now,
		Log:       rc.opt.Log,
	}, asker), nil
}

func (rc *Receiver) openAsker(dialect string, s dialects.LookupSettings) (external.Asker, error) {
	fields := external.Mapping{}
	for name, place := range s.Fields {
		fields[external.Field(name)] = place
	}
	if dialect == dialects.SQL {
		return external.NewDatabase(external.Database{Engine: s.Engine, Host: s.Host, Name: s.Database, User: s.User,
			Password: s.Password, TLS: external.TLS(s.TLS), Query: s.Query, Fields: fields})
	}
	return external.NewEndpoint(external.Endpoint{URL: s.URL, Method: s.Method, Body: s.Body, ContentType: s.Type,
		Authorization: s.Authorization, Header: s.HeaderName, Value: s.HeaderValue, Items: s.Items,
		Unknown404: s.Unknown404, Fields: fields}, rc.client)
}

// LookupStats returns how a lookup source has done in this process; nil for other sources. It is a part of
// sources.Runtime.
func (rc *Receiver) LookupStats(ctx context.Context, s sources.Source) (*external.Stats, error) {
	if !dialects.IsLookup(s.Dialect) {
		return nil, nil
	}
	opened, err := rc.openLookupSources(ctx)
	if err != nil || opened.byID[s.ID] == nil {
		return nil, err
	}
	stats := opened.byID[s.ID].Stats()
	return &stats, nil
}

// knownCompanies remembers which companies of lookup sources have a record here. It forgets all of it when the journal
// mentions any record: that happens rarely for a moment of calls, and a stale answer would be worse than a query.
type knownCompanies struct {
	mu   sync.Mutex
	age  uint64
	ours map[knownCompany]int64 // 0: it has none
}

type knownCompany struct{ source, id string }

// maxKnown is how many companies are remembered.
const maxKnown = 20_000

// findKnown returns our own records of companies of a source. It is external.Known.
func (rc *Receiver) findKnown(ctx context.Context, source string, ids []string) (map[string]int64, error) {
	k := &rc.lookups.known
	found, missing, age := k.find(source, ids)
	if len(missing) == 0 {
		return found, nil
	}
	read, err := crm.FindReferences(rc.opt.DB.Read(ctx), source, missing)
	if err != nil {
		return nil, err
	}
	k.add(source, missing, read, age)
	for id, ours := range read {
		found[id] = ours
	}
	return found, nil
}

func (k *knownCompanies) find(source string, ids []string) (found map[string]int64, missing []string, age uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found = map[string]int64{}
	for _, id := range ids {
		if ours, is := k.ours[knownCompany{source, id}]; is {
			found[id] = ours
		} else {
			missing = append(missing, id)
		}
	}
	return found, missing, k.age
}

func (k *knownCompanies) add(source string, ids []string, ours map[string]int64, age uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.age != age {
		return
	}
	if k.ours == nil || len(k.ours) > maxKnown {
		k.ours = map[knownCompany]int64{}
	}
	for _, id := range ids {
		k.ours[knownCompany{source, id}] = ours[id]
	}
}

func (k *knownCompanies) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.age++
	k.ours = nil
}

// forgetChanged drops what lookup sources have answered when the journal mentions that clients changed there.
func (rc *Receiver) forgetChanged(entries []journal.Entry) {
	for i := range entries {
		switch entries[i].Verb {
		case sources.ClientsChanged:
			rc.forgetLookups(entries[i].Subject.ID)
		case crm.RecordAdded, crm.RecordChanged, crm.RecordRemoved, crm.RecordMerged, crm.RecordErased:
			rc.lookups.known.forget()
		}
	}
}

func (rc *Receiver) forgetLookups(source int64) {
	if opened := rc.lookups.current.Load(); opened != nil && opened.byID[source] != nil {
		opened.byID[source].Forget()
	}
}

// reportChange records that clients changed at a lookup source: each process then forgets what the source answered, and
// judges the cards on the screens again.
func (rc *Receiver) reportChange(ctx context.Context, in *inbound) error {
	if !in.parsed.ClientsChanged {
		return nil
	}
	return rc.opt.Sources.RecordClientsChanged(ctx, access.System(), in.source.Source)
}

// LookupTrial asks for a number at one lookup source.
type LookupTrial struct {
	Number string `json:"number"`
	Agent  string `json:"agent,omitempty"` // login or extension; "" for no verdict
}

// LookupTried is what came, what became of it, and the verdict with all that is known elsewhere.
type LookupTried struct {
	external.Trial
	Card *calls.Card `json:"card"` // null without an agent
}

// TryLookup asks one lookup source for a number. Faults: not_found, the conflict no_lookup for a source that is not
// asked, invalid of number and agent; those of the source are a part of the answer.
func (rc *Receiver) TryLookup(ctx context.Context, id int64, in LookupTrial, language string) (LookupTried, error) {
	live, err := rc.opt.Sources.Live(ctx, id)
	if err != nil {
		return LookupTried{}, err
	}
	if !dialects.IsLookup(live.Source.Dialect) {
		return LookupTried{}, fault.Conflict("no_lookup")
	}
	number := live.Origin.Plan.Parse(in.Number)
	if number.Key() == 0 {
		return LookupTried{}, fault.Invalid("number", "invalid_number")
	}
	opened, err := rc.openLookupSources(ctx)
	if err != nil {
		return LookupTried{}, err
	}
	source := opened.byID[id]
	if source == nil {
		_, err := rc.openLookup(live)
		return LookupTried{}, fault.Conflict("settings_unusable").Because(err)
	}
	tried := LookupTried{}
	if tried.Trial, err = source.Try(ctx, number.Key()); err != nil {
		return LookupTried{}, err
	}
	if in.Agent == "" {
		return tried, nil
	}
	agent, err := rc.opt.Tracker.AgentOf(ctx, live.Name, in.Agent)
	if err == nil && agent == nil {
		err = fault.Invalid("agent", "unknown_agent")
	}
	if err != nil {
		return LookupTried{}, err
	}
	card, err := rc.opt.Tracker.Check(ctx, calls.Question{Number: number, Agent: agent, Language: language})
	tried.Card = &card
	return tried, err
}
