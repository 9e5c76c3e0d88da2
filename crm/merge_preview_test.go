package crm

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"callhue/internal/store"
)

func (p MergePreview) lines() (lines []string) {
	for _, f := range p.Fields {
		open := ""
		if f.Open {
			open = " open"
		}
		lines = append(lines, fmt.Sprintf("%s: %s %v of %d%s", f.Field, f.Rule, f.Value, f.From, open))
	}
	return lines
}

func TestAMergeIsPreviewed(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		exec(t, db, "UPDATE users SET name = login")
		old := w.company(NewCompany{Name: "Old", OwnerID: anna, Phones: phones("+74950000011"), Status: "IN_WORK"})
		kept := w.company(NewCompany{Name: "Kept", OwnerID: boris, Phones: phones("8 495 000 00 11", "+74950000012"),
			TeamIDs: []int64{vera}})
		in := Merge{FromIDs: []int64{old.ID}, Version: kept.Version}
		for _, c := range []struct {
			why     string
			by      int64
			fields  MergeFields
			refused string
			want    []string
		}{
			{"by rule, for their head", igor, MergeFields{}, "", []string{"name: kept [Kept] of 2 open",
				"owner: oldest [anna] of 1 open", "status: strictest [Name] of 1", "team: joined [vera] of 0",
				"phones: joined [8 495 000 00 11 +74950000012] of 0", "emails: joined [] of 0"}},
			{"as chosen", igor, MergeFields{Name: old.ID, Owner: kept.ID}, "", []string{"name: chosen [Old] of 1 open",
				"owner: chosen [boris] of 2 open", "status: strictest [Name] of 1", "team: joined [vera] of 0",
				"phones: joined [8 495 000 00 11 +74950000012] of 0", "emails: joined [] of 0"}},
			{"for somebody else", vera, MergeFields{}, "merge_forbidden", []string{"name: kept [Kept] of 2 open",
				"owner: oldest [anna] of 1", "status: strictest [Name] of 1", "team: joined [vera] of 0",
				"phones: joined [8 495 000 00 11 +74950000012] of 0", "emails: joined [] of 0"}},
		} {
			before := dump(t, db)
			in.Fields = c.fields
			out, err := w.PreviewMerge(ctx, as(c.by), KindCompany, kept.ID, in)
			must(t, err)
			if got := out.lines(); !slices.Equal(got, c.want) || out.Refused != c.refused || out.Version != 1 ||
				len(out.Records) != 2 || out.Records[0].ID != kept.ID {
				t.Errorf("%s: %q, refused %q; want %q, %q", c.why, got, out.Refused, c.want, c.refused)
			}
			if dump(t, db) != before || len(w.entries("change.refused")) != 0 {
				t.Errorf("%s: the preview left something behind", c.why)
			}
		}
		in.Fields = MergeFields{Name: 99}
		if out, err := w.PreviewMerge(ctx, as(igor), KindCompany, kept.ID, in); err != nil || len(out.Faults) != 1 {
			t.Errorf("of a record that is not merged: %+v, %v", out.Faults, err)
		}
		_, err := w.MergeCompanies(ctx, as(igor), kept.ID, in)
		wantFault(t, "the same in a merge", err, "invalid_input")
		in.Fields = MergeFields{Name: old.ID, Owner: kept.ID}
		c, err := w.MergeCompanies(ctx, as(igor), kept.ID, in)
		must(t, err)
		if c.Name != "Old" || c.OwnerID != boris || c.Status.Code != "IN_WORK" {
			t.Errorf("as chosen it became %+v", c)
		}
		_, err = w.PreviewMerge(ctx, as(igor), KindCompany, old.ID, Merge{FromIDs: []int64{kept.ID}})
		wantFault(t, "into one that is gone", err, "not_found")
		_, err = w.PreviewMerge(ctx, as(igor), KindContact, 99, in)
		wantFault(t, "into what is not there", err, "not_found")
	})
}
