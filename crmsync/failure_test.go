package crmsync

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// TestHiddenRecordsAreNotDeleted takes away our right to see some records: otherwise the company would lose
// its protection, as if it were deleted.
func TestHiddenRecordsAreNotDeleted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		for _, ref := range []Ref{{crm.KindCompany, "2"}, {crm.KindLead, "5"}} {
			w.crm.hide(ref.Kind, ref.ID, true)
		}
		w.crm.put(crm.KindCompany, "2", "3", func(r *Record) { r.Name = "Delta in another department" })
		w.enqueue(crm.KindCompany, "2")
		w.run()
		is(t, "the reported company", w.company("2").Name, "Delta")
		is(t, "differences", w.conflicts(), []string{"company 2 removal not_shown"})
		w.catchUp()
		is(t, "the unreported lead", w.ours(crm.KindLead, "5") != 0, true)
		is(t, "differences", w.conflicts(), []string{"company 2 removal not_shown", "lead 5 removal not_shown"})
		_, err := w.RequestFullSync(context.Background(), w.source.ID)
		must(t, err)
		w.run()
		is(
			t,
			"differences after a whole import",
			w.conflicts(),
			[]string{"company 2 removal not_shown", "lead 5 removal not_shown"},
		)

		w.crm.hide(crm.KindCompany, "2", false)
		w.enqueue(crm.KindCompany, "2")
		w.crm.remove(crm.KindLead, "5")
		w.enqueue(crm.KindLead, "5")
		w.run()
		is(t, "the company that is shown again", w.company("2").Name, "Delta in another department")
		is(t, "the lead that is gone", w.ours(crm.KindLead, "5"), int64(0))
		is(t, "differences", w.conflicts(), []string(nil))
	})
}

// TestLongScanContinuesAfterAPause changes more records than the CRM lets us read before it demands a
// pause.
func TestLongScanContinuesAfterAPause(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const all = 30 // ten pages
		for n := range all {
			w.crm.put(crm.KindCompany, strconv.Itoa(n+1), "17", func(r *Record) { r.Name = "Before" })
		}
		w.run()
		w.skip.Add(1000)
		for n := range all {
			w.crm.put(crm.KindCompany, strconv.Itoa(n+1), "17", func(r *Record) { r.Name = "After" })
		}
		pages := 0
		w.crm.fail = func(call string) error {
			if call != "page company" {
				return nil
			}
			if pages++; pages%4 == 0 {
				return fault.Busy("crm_busy", 10*time.Minute)
			}
			return nil
		}
		since := w.state().CaughtUpAt
		for range 10 {
			for more := true; more; {
				var err error
				more, err = w.work.step(context.Background())
				must(t, err)
			}
			if w.state().CaughtUpAt != since {
				break
			}
			w.skip.Add(600)
		}
		if w.state().CaughtUpAt == since {
			t.Error("it never came to its end")
		}
		is(t, "the first company", w.company("1").Name, "After")
		is(t, "the last company", w.company(strconv.Itoa(all)).Name, "After")
	})
}

// TestUnreachableCRMIsRetried lets every call fail for a while.
func TestUnreachableCRMIsRetried(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		step := func() { _, err := w.work.step(ctx); must(t, err) }
		w.fill()
		w.crm.failAll(fault.Busy("crm_unreachable", 0).With("what", "no answer"))
		for range 3 {
			step()
			w.skip.Add(600)
		}
		is(
			t,
			"the state",
			[]string{w.state().State, w.state().ErrorCode, w.state().ErrorText},
			[]string{stateFailed, "crm_unreachable", "no answer"},
		)
		w.crm.failAll(nil)
		w.run()
		is(t, "the state", w.state().State, stateFollowing)

		w.crm.put(crm.KindCompany, "2", "18", func(r *Record) { r.Name = "Late" })
		w.enqueue(crm.KindCompany, "2")
		w.crm.failAll(fault.Busy("crm_busy", time.Minute))
		asked := w.crm.asked["read company"]
		step()
		step()
		is(
			t,
			"the state of one that is busy",
			[]string{w.state().State, w.state().ErrorCode},
			[]string{stateFollowing, "crm_busy"},
		)
		is(t, "how often it was asked", w.crm.asked["read company"], asked+1)
		w.crm.failAll(nil)
		w.catchUp()
		is(t, "the name", w.company("2").Name, "Late")
		is(t, "the error once it answers", w.state().ErrorCode, "")

		w.crm.failAll(fault.Conflict("crm_sign_in_again"))
		w.enqueue(crm.KindCompany, "2")
		step()
		asked = w.crm.asked["read company"]
		w.skip.Add(10_000)
		step()
		is(t, "the state without a grant", w.state().State, stateNotInstalled)
		is(t, "how often it was asked", w.crm.asked["read company"], asked)
		w.crm.failAll(nil)
		_, err := w.RequestFullSync(ctx, w.source.ID) // the CRM accepts the same token again
		must(t, err)
		w.run()
		is(t, "the state after a full sync is requested", w.state().State, stateFollowing)

		w.crm.failAll(fault.Conflict("crm_sign_in_again"))
		w.enqueue(crm.KindCompany, "2")
		step()
		is(t, "the state without a grant", w.state().State, stateNotInstalled)
		_, err = w.TokenStore(1, "portal").SaveToken(ctx, Token{Access: "fresh"})
		must(t, err)
		w.crm.failAll(nil)
		w.run()
		is(t, "the state with a new grant", w.state().State, stateFollowing)
	})
}

func TestUnreadableRecordDelaysNoOther(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.fill()
		w.run()
		for _, id := range []string{"1", "2"} {
			w.crm.put(crm.KindCompany, id, "3", func(r *Record) { r.Name += " GmbH" })
		}
		n := 0
		w.crm.fail = func(call string) error {
			if n++; call == "read company" && (n == 1 || n == 2) { // both together, and the first alone
				return fault.Conflict("crm_answer")
			}
			return nil
		}
		w.enqueue(crm.KindCompany, "1", "2")
		_, err := w.work.readQueue(context.Background())
		must(t, err)
		left, err := queueLength(db.Read(context.Background()), 1)
		must(t, err)
		is(t, "what waits", left, int64(1))
		w.crm.failAll(nil)
		w.catchUp()
		is(t, "both", []string{w.company("1").Name, w.company("2").Name}, []string{"Acme GmbH", "Delta GmbH"})
	})
}

// TestInvalidValuesAreAdapted imports the worst values that a CRM holds.
func TestInvalidValuesAreAdapted(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.crm.put(crm.KindCompany, "1", "17", func(r *Record) {
			r.Name, r.Emails, r.Phones = strings.Repeat(
				"я",
				400,
			), []string{
				"none",
				"a@b.example",
			}, phonesOf(
				strings.Repeat("1", 200),
				"+74950000011",
			)
		})
		w.crm.put(crm.KindCompany, "2", "17", func(r *Record) { r.Phones = phonesOf("+74950000012") })
		w.crm.put(
			crm.KindLead,
			"3",
			"17",
			func(r *Record) { r.OwnerID, r.Stage, r.ContactID = "999", "UNKNOWN", "888" },
		)
		w.run()
		long := w.company("1")
		is(t, "a long name", len([]rune(long.Name)), 300)
		is(t, "e-mails", long.Emails, []string{"a@b.example"})
		is(t, "phones", values(long.Phones), []string{"+74950000011"})
		is(t, "no name at all", w.company("2").Name, "+74950000012")
		lead := w.lead("3")
		is(t, "an empty lead", []string{lead.Name, lead.Stage}, []string{"#3", crm.StageNew})
		is(t, "differences", w.conflicts(), []string{"company 1 invalid too_long",
			"lead 3 owner owner_unknown"})
		w.crm.put(
			crm.KindCompany,
			"1",
			"17",
			func(r *Record) { r.Name, r.Emails, r.Phones = "Short", nil, phonesOf("+74950000011") },
		)
		w.enqueue(crm.KindCompany, "1")
		w.run()
		is(t, "differences", w.conflicts(), []string{"lead 3 owner owner_unknown"})
	})
}
