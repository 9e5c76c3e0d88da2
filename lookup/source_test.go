package lookup

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/rules"
)

// played is a source that answers with what it was given, or waits for the end of the lookup.
type played struct {
	match Match
	err   error
	hangs bool
}

func (p *played) Find(ctx context.Context, _ int64) (*Match, error) {
	if p.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	m := p.match
	return &m, p.err
}

type playedSources []Source

func (p playedSources) LookupSources(context.Context) ([]Source, error) { return p, nil }

func theirs(id, owner int64, effect rules.Effect, local int64) Company {
	return Company{ID: id, Name: "theirs", Owner: owner, Status: Status{State: rules.StatusSet, Effect: effect},
		Links: []rules.Link{{Via: rules.ViaDirect}}, Origin: &Origin{Source: "crm", ID: "310", Local: local}}
}

func TestSourcesAreAskedBesideOurTables(t *testing.T) {
	t.Parallel()
	withFinder(t, Options{}, func(d *fixture) {
		company, err := d.Records.AddCompany(context.Background(), d.admin,
			crm.NewCompany{Name: "Acme", OwnerID: d.owner, Phones: phones(n1)})
		d.must(err)
		first := &played{match: Match{Companies: []Company{theirs(1<<52, 5, rules.EffectRed, 0)}}}
		second := &played{match: Match{Companies: []Company{theirs(2<<52, d.owner, rules.EffectRed, company.ID)},
			Leads: []Lead{{ID: 3 << 52, Company: 2 << 52}}}}
		d.Attach(playedSources{first, second})
		for range 2 { // from the database, and from memory: what is there stays as it is
			m := d.find(n1)
			var ids []int64
			for _, c := range m.Companies {
				ids = append(ids, c.ID)
			}
			if diff := cmp.Diff([]int64{company.ID, 1 << 52}, ids); diff != "" {
				t.Errorf("%s", diff)
			}
			own := m.Companies[0]
			if own.Status.Effect != rules.EffectRed || len(own.Links) != 2 || m.Leads[0].Company != company.ID {
				t.Errorf("the same company with the same owner is not one: %+v %+v", own, m.Leads)
			}
		}
		second.match.Companies[0].Owner = 7
		if m := d.find(n1); len(m.Companies) != 3 {
			t.Errorf("two owners became one company: %+v", m.Companies)
		}
		d.Attach(playedSources{})
		if m := d.find(n1); len(m.Companies) != 1 || m.Companies[0].Status.Effect == rules.EffectRed {
			t.Errorf("what sources answered stays in memory: %+v", m.Companies)
		}
	})
}

func TestEverySourceMustAnswer(t *testing.T) {
	t.Parallel()
	withFinder(t, Options{Budget: 50 * time.Millisecond}, func(d *fixture) {
		red := &played{match: Match{Companies: []Company{theirs(1<<52, 5, rules.EffectRed, 0)}}}
		for want, failing := range map[string]Source{
			"lookup_failed":  &played{err: errors.New("out of order")},
			"lookup_timeout": &stubborn{},
		} {
			d.Attach(playedSources{red, failing})
			_, err := d.Find(context.Background(), d.Plan.Parse(n1).Key(), 0)
			if f := fault.Of(err); f == nil || f.Key != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		d.Attach(playedSources{red, &played{hangs: true}})
		if _, err := d.Find(context.Background(), d.Plan.Parse(n1).Key(), 0); err == nil {
			t.Error("a source that hangs is left out")
		}
	})
}

// stubborn is a source that does not even heed the end of the lookup.
type stubborn struct{}

func (stubborn) Find(context.Context, int64) (*Match, error) {
	time.Sleep(time.Second)
	return &Match{}, nil
}
