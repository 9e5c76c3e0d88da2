package calls

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/staff"
)

// route returns where a call from a number rings: "owner 101 deputy 103".
func (o *office) route(number string) (list []string) {
	o.t.Helper()
	r, err := o.desk.Route(context.Background(), "office", o.desk.Plan.Parse(number))
	o.must(err)
	if r.Client == nil && len(r.Targets) > 0 || r.Timeout != 20 {
		o.t.Errorf("%s: %+v", number, r)
	}
	for _, target := range r.Targets {
		list = append(list, fmt.Sprint(target.Kind, " ", target.Extension))
	}
	return list
}

func TestWhereAClientsCallRings(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := context.Background()
		for login, extension := range map[string]string{"igor": "104", "oleg": "106"} {
			_, err := o.roster.AddIdentity(ctx, access.System(), o.user[login].ID, staff.NewIdentity{Value: extension})
			o.must(err)
		}
		want := func(why, number string, list ...string) {
			t.Helper()
			if got := o.route(number); !slices.Equal(got, list) {
				t.Errorf("%s: %q, want %q", why, got, list)
			}
		}
		want("a company in work: its owner, then her department", p1, "owner 101", "group 102", "group 104")
		want("one that is not protected: the same", p5, "owner 103", "group 106")
		want("a contact: the company's owner", p2, "owner 101", "group 102", "group 104")
		want("a contact of no company: his own owner", p3, "owner 101", "group 102", "group 104")
		want("a lead", p4, "owner 103", "group 106")
		want("on two companies: whose link is older", p6, "owner 101", "group 102", "group 104")
		want("nobody's number", p7)
		want("a hidden one", "anonymous")
		want("a colleague's", "101")

		c := o.check(p1, "anna").Subject
		company, err := o.book.FindCompany(ctx, c.ID)
		o.must(err)
		team := []int64{o.user["vera"].ID}
		company, err = o.book.ChangeCompany(ctx, o.admin, company.ID, crm.CompanyChange{Version: company.Version, TeamIDs: &team})
		o.must(err)
		want("the team before the department", p1, "owner 101", "team 103", "group 102", "group 104")

		now := time.UnixMilli(o.clock.Load())
		_, err = o.roster.AddDeputy(ctx, o.as("admin"), o.user["anna"].ID,
			staff.NewDeputy{DeputyID: o.user["boris"].ID, From: store.MomentOf(now.Add(-time.Hour)),
				Until: store.MomentOf(now.Add(time.Hour))})
		o.must(err)
		_, err = o.roster.AddDeputy(ctx, o.as("admin"), o.user["anna"].ID,
			staff.NewDeputy{DeputyID: o.user["oleg"].ID, From: store.MomentOf(now.Add(time.Hour)),
				Until: store.MomentOf(now.Add(2 * time.Hour))})
		o.must(err)
		want("a deputy of today, not of tomorrow", p1, "owner 101", "deputy 102", "team 103", "group 104")

		_, err = o.roster.AddIdentity(ctx, access.System(), o.user["anna"].ID,
			staff.NewIdentity{Source: "office", Value: "anna@pbx.example"})
		o.must(err)
		want("as the source calls her", p1, "owner anna@pbx.example", "deputy 102", "team 103", "group 104")
		_, err = o.roster.AddIdentity(ctx, access.System(), o.user["anna"].ID,
			staff.NewIdentity{Source: "office", Value: "7001"})
		o.must(err)
		want("by a number, where the source knows one", p1, "owner 7001", "deputy 102", "team 103", "group 104")

		o.must(o.roster.Disable(ctx, o.as("admin"), o.user["anna"].ID))
		want("she has left: her deputy, the team, her head", p1, "deputy 102", "team 103", "head 104")

		_, err = o.book.SetOwner(ctx, o.admin, company.ID, o.user["vera"].ID, "she left", company.Version)
		o.must(err)
		want("the owner of this moment", p1, "owner 103", "group 106")
	})
}
