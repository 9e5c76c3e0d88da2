package crm

import (
	"context"
	"slices"
	"testing"

	"callhue/internal/store"
	"callhue/journal"
)

func TestWhatALeadBecomes(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		target := w.company(NewCompany{Name: "Target", OwnerID: vera, Status: "IN_WORK"})
		other := w.company(NewCompany{Name: "Other", OwnerID: vera})
		for _, c := range []struct {
			why      string
			by       int64
			in       ConvertInput
			key      string
			company  string // name and status, "" for none
			status   string
			contact  string
			links    []int64 // of the contact, after the new company
			onto     Kind    // what the number leads to now
			warnings []string
		}{
			{why: "a company alone gets the lead's title, owner and phones", by: anna,
				in: ConvertInput{Company: &NewCompany{}}, company: "Request 7", status: "WAITING", onto: KindCompany},
			{why: "a contact alone gets the person's name", by: anna, in: ConvertInput{Contact: &NewContact{}},
				contact: "Petrov", onto: KindContact},
			{why: "with both, the phones are the person's", by: anna,
				in: ConvertInput{Company: &NewCompany{Name: "Acme"},
					Contact: &NewContact{Name: "P. Petrov", CompanyIDs: []int64{other.ID}}}, company: "Acme",
				status: "WAITING", contact: "P. Petrov", links: []int64{other.ID}, onto: KindContact},
			{why: "an existing company keeps its status and gets a contact", by: anna,
				in: ConvertInput{Into: target.ID}, company: "Target", status: "IN_WORK", contact: "Petrov",
				onto: KindContact},
			{why: "a status that the user may not choose is left out, and he is told", by: anna,
				in: ConvertInput{Company: &NewCompany{Status: "CLIENT"}}, company: "Request 7", status: "WAITING",
				onto: KindCompany, warnings: []string{"status_ignored"}},
			{why: "the owner's head chooses the status", by: igor,
				in: ConvertInput{Company: &NewCompany{Status: "CLIENT"}}, company: "Request 7", status: "CLIENT",
				onto: KindCompany},
			{why: "but not of somebody else's new company", by: igor,
				in: ConvertInput{Company: &NewCompany{Status: "CLIENT", OwnerID: vera}}, company: "Request 7",
				status: "WAITING", onto: KindCompany, warnings: []string{"status_ignored"}},
			{why: "nothing is no conversion", by: anna, in: ConvertInput{}, key: "invalid_input"},
			{why: "a new company or an existing one, not both", by: anna,
				in: ConvertInput{Company: &NewCompany{}, Into: target.ID}, key: "invalid_input"},
			{why: "the company must be there", by: anna, in: ConvertInput{Into: 999}, key: "invalid_input"},
			{why: "an unknown owner", by: anna, in: ConvertInput{Contact: &NewContact{OwnerID: 999}},
				key: "invalid_input"},
			{why: "an unknown status is only unknown to those who may choose", by: igor,
				in: ConvertInput{Company: &NewCompany{Status: "NO_SUCH"}}, key: "unknown_status"},
			{why: "an old version", by: anna, in: ConvertInput{Company: &NewCompany{}, Version: 7},
				key: "stale_version"},
		} {
			lead := w.lead(NewLead{Title: "Request 7", Name: "Petrov", OwnerID: anna, Phones: phones("+74950000011"),
				Emails: []string{"p@example.com"}})
			before := dump(t, db)
			out, err := w.Convert(ctx, as(c.by), lead.ID, c.in)
			if wantFault(t, c.why, err, c.key); err != nil || c.key != "" {
				if dump(t, db) != before {
					t.Errorf("%s: refused, and yet something changed", c.why)
				}
				must(t, w.RemoveLead(ctx, as(anna), lead.ID, 0))
				continue
			}
			checkConverted(t, c.why, out, c.company, c.status, c.contact)
			if !slices.Equal(out.Warnings, c.warnings) {
				t.Errorf("%s: warnings %v, want %v", c.why, out.Warnings, c.warnings)
			}
			if out.Contact != nil && out.Company != nil &&
				!slices.Equal(out.Contact.CompanyIDs, append([]int64{out.Company.ID}, c.links...)) {
				t.Errorf("%s: the contact is of %v", c.why, out.Contact.CompanyIDs)
			}
			found := w.reach("+74950000011")
			if len(found) != 1+len(c.links) || found[len(found)-1].Kind != c.onto ||
				found[0].Since != out.Lead.ConvertedAt.UnixMilli() {
				t.Errorf("%s: the number reaches %+v, want one %s since the conversion", c.why, found, c.onto)
			}
			_, err = w.Convert(ctx, as(c.by), lead.ID, c.in)
			wantFault(t, "a lead is converted once", err, "already_converted")
			_, err = w.ChangeLead(ctx, as(c.by), lead.ID, LeadChange{Phones: &[]Phone{}, Version: out.Lead.Version})
			wantFault(t, "and stays as it was", err, "already_converted")
			removeConverted(t, w, out, target.ID)
		}
		if n := len(w.entries(LeadConverted)); n != 7 {
			t.Errorf("the journal has %d conversions, want 7", n)
		}
		if n := len(w.entries(journal.ChangeRefused)); n != 0 {
			t.Errorf("the journal has %d refusals: a status left out is none", n)
		}
	})
}

func checkConverted(t *testing.T, why string, out Converted, company, status, contact string) {
	t.Helper()
	if l := out.Lead; l.Stage != StageConverted || l.Semantics != Success || l.ConvertedAt == nil {
		t.Errorf("%s: the lead is %+v", why, l)
	}
	switch {
	case (out.Company == nil) != (company == ""):
		t.Errorf("%s: company %+v, want %q", why, out.Company, company)
	case out.Company != nil && (out.Company.Name != company || out.Company.Status.Code != status ||
		out.Lead.CompanyID != out.Company.ID):
		t.Errorf("%s: company %+v, want %q in %s", why, out.Company, company, status)
	}
	switch {
	case (out.Contact == nil) != (contact == ""):
		t.Errorf("%s: contact %+v, want %q", why, out.Contact, contact)
	case out.Contact != nil && (out.Contact.Name != contact || out.Contact.OwnerID != anna ||
		len(out.Contact.Emails) != 1 || out.Lead.ContactID != out.Contact.ID):
		t.Errorf("%s: contact %+v, want %q", why, out.Contact, contact)
	}
}

func removeConverted(t *testing.T, w *world, out Converted, keep int64) {
	t.Helper()
	ctx := context.Background()
	if out.Contact != nil {
		must(t, w.RemoveContact(ctx, as(adminID), out.Contact.ID, 0))
	}
	if out.Company != nil && out.Company.ID != keep {
		must(t, w.RemoveCompany(ctx, as(adminID), out.Company.ID, 0))
	}
}
