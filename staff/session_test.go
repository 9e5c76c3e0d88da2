package staff

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

func TestALinkOpensOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u := add(t, r, "ivanov")
		_, err := r.Link(t.Context(), system, u.ID, time.Minute)
		refused(t, err, "lives out_of_range;")
		link := must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
		sessions := make([]*Session, 8)
		errs := atOnce(len(sessions), func(i int) (err error) {
			sessions[i], err = r.FollowLink(t.Context(), link, Browser{})
			return err
		})
		if count(errs, "") != 1 || count(errs, "link_used") != 7 {
			t.Fatalf("%v", errs)
		}
		for _, s := range sessions {
			if s == nil {
				continue
			}
			who, err := r.Authenticate(t.Context(), "", s.Secret)
			if err != nil || who.ID != u.ID || who.Login != "ivanov" {
				t.Fatalf("%+v %v", who, err)
			}
		}
		_, err = r.FollowLink(t.Context(), "nonsense", Browser{})
		refused(t, err, "link_used")
	})
}

func TestTimeEndsLinksSessionsAndTickets(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
		db.Clock = func() time.Time { return now }
		r := roster(db)
		r.Sessions.Idle = 0
		u := add(t, r, "ivanov")
		link := must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
		late := must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
		session := must[*Session](t)(r.FollowLink(t.Context(), link, Browser{}))
		ticket, until, err := r.AddTicket(t.Context(), u.ID)
		if err != nil || !until.Equal(now.Add(30*time.Second)) {
			t.Fatal(until, err)
		}
		now = now.Add(30 * time.Second)
		_, err = r.TakeTicket(t.Context(), ticket)
		refused(t, err, "ticket_used")
		now = now.Add(time.Hour)
		_, err = r.FollowLink(t.Context(), late, Browser{})
		refused(t, err, "link_used")
		now = session.Until.Add(-time.Second)
		mustKnow(t)(r.Authenticate(t.Context(), "", session.Secret))
		now = session.Until // the answer above is still remembered
		_, err = r.Authenticate(t.Context(), "", session.Secret)
		refused(t, err, "session_over")

		token, secret, err := r.AddToken(t.Context(), system, u.ID, NewToken{Name: "pbx"})
		if err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(1, 0, 0)
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.Read(t.Context()).Get(&left, "SELECT COUNT(*) FROM keys_of_users"); err != nil || left != 1 {
			t.Fatal("keys left: ", left, err)
		}
		mustKnow(t)(r.Authenticate(t.Context(), secret, ""))
		_ = token
	})
}

func TestADismissedUserIsSignedOutAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u := add(t, r, "ivanov", password("correct horse"))
		session := must[*Session](t)(r.SignIn(t.Context(), "Ivanov ", "correct horse", Browser{Address: "192.0.2.1"}))
		_, token, err := r.AddToken(t.Context(), system, u.ID, NewToken{Name: "pbx"})
		if err != nil {
			t.Fatal(err)
		}
		link := must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
		ticket, _, err := r.AddTicket(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		mustKnow(t)(r.Authenticate(t.Context(), "", session.Secret))
		mustKnow(t)(r.Authenticate(t.Context(), token, ""))
		if err := r.Disable(t.Context(), system, u.ID); err != nil {
			t.Fatal(err)
		}
		dead := func() {
			t.Helper()
			_, err = r.Authenticate(t.Context(), "", session.Secret)
			refused(t, err, "session_over")
			_, err = r.Authenticate(t.Context(), token, "")
			refused(t, err, "token_wrong")
			_, err = r.FollowLink(t.Context(), link, Browser{})
			refused(t, err, "link_used")
			_, err = r.TakeTicket(t.Context(), ticket)
			refused(t, err, "ticket_used")
		}
		dead()
		_, err = r.SignIn(t.Context(), "ivanov", "correct horse", Browser{Address: "192.0.2.1"})
		refused(t, err, "sign_in_wrong")
		_, err = r.Link(t.Context(), system, u.ID, time.Hour)
		refused(t, err, "user_dismissed")
		gone := must[*User](t)(r.Find(t.Context(), u.ID))
		must[*User](t)(r.Change(t.Context(), system, u.ID, UserChange{Version: gone.Version, Active: ptr(true)}))
		dead() // who comes back signs in again
		must[*Session](t)(r.SignIn(t.Context(), "ivanov", "correct horse", Browser{Address: "192.0.2.1"}))
	})
}

func TestTokensTicketsAndSignOut(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u, other := add(t, r, "ivanov"), add(t, r, "petrov")
		token, secret, err := r.AddToken(t.Context(), system, u.ID, NewToken{Name: "pbx"})
		if err != nil || !strings.HasPrefix(secret, "ch_") || len(secret) < 40 {
			t.Fatal(token, secret, err)
		}
		mustKnow(t)(r.Authenticate(t.Context(), secret, ""))
		_, err = r.Authenticate(t.Context(), "", secret)
		refused(t, err, "session_over") // a token is no cookie
		refused(t, r.RevokeToken(t.Context(), system, other.ID, token.ID), "not_found")
		if list := must[[]*Token](t)(r.Tokens(t.Context(), u.ID)); len(list) != 1 || list[0].Name != "pbx" {
			t.Fatal(list)
		}
		if err := r.RevokeToken(t.Context(), system, u.ID, token.ID); err != nil {
			t.Fatal(err)
		}
		_, err = r.Authenticate(t.Context(), secret, "")
		refused(t, err, "token_wrong")

		ticket, _, err := r.AddTicket(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		errs := atOnce(4, func(int) error { _, err := r.TakeTicket(t.Context(), ticket); return err })
		if count(errs, "") != 1 || count(errs, "ticket_used") != 3 {
			t.Fatal(errs)
		}

		session := must[*Session](t)(r.FollowLink(t.Context(),
			must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour)), Browser{}))
		mustKnow(t)(r.Authenticate(t.Context(), "", session.Secret))
		if err := errors.Join(r.SignOut(t.Context(), session.Secret),
			r.SignOut(t.Context(), session.Secret)); err != nil {
			t.Fatal(err)
		}
		_, err = r.Authenticate(t.Context(), "", session.Secret)
		refused(t, err, "session_over")
	})
}

// TestWhatEndsAPass: a pass ends with the session or token that asked for its ticket, and with another password or the
// dismissal of its user. A ticket does, too, and one of a pass begins no second day.
func TestWhatEndsAPass(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, r := t.Context(), roster(db)
		signIn := func(u *User) string {
			link := must[string](t)(r.Link(ctx, system, u.ID, time.Hour))
			return must[*Session](t)(r.FollowLink(ctx, link, Browser{})).Secret
		}
		setPassword := func(u *User) error { return r.SetPassword(ctx, system, u.ID, "battery staple") }
		bySession := func(u *User) (string, func(*User) error) {
			secret := signIn(u)
			ticket, _, err := r.AddTicketBy(ctx, u.ID, "", secret)
			return must[string](t)(ticket, err), func(*User) error { return r.SignOut(ctx, secret) }
		}
		byToken := func(u *User) (string, func(*User) error) {
			token, secret, err := r.AddToken(ctx, system, u.ID, NewToken{Name: "crm"})
			if err != nil {
				t.Fatal(err)
			}
			ticket, _, err := r.AddTicketBy(ctx, u.ID, secret, "")
			return must[string](t)(ticket, err), func(*User) error { return r.RevokeToken(ctx, system, u.ID, token.ID) }
		}
		byPortal := func(u *User) (string, func(*User) error) {
			ticket, _, err := r.AddTicket(ctx, u.ID)
			return must[string](t)(ticket, err), func(u *User) error { return r.Disable(ctx, system, u.ID) }
		}
		for name, ask := range map[string]func(*User) (string, func(*User) error){
			"session": bySession, "token": byToken, "portal": byPortal} {
			for _, password := range []bool{false, true} {
				u := add(t, r, name+map[bool]string{true: "_password"}[password])
				ticket, end := ask(u)
				waiting, _ := ask(u)
				if name != "portal" { // it ends with its own session or token, not with another one
					if err := end(u); err != nil {
						t.Fatal(err)
					}
					_, err := r.StartPass(ctx, ticket, time.Hour)
					refused(t, err, "ticket_used")
					ticket, end = ask(u)
				}
				pass := must[Pass](t)(r.StartPass(ctx, ticket, time.Hour))
				next := must[string](t)(r.AddTicketOf(ctx, pass))
				if again := must[Pass](t)(r.StartPass(ctx, next, 24*time.Hour)); again != pass {
					t.Errorf("%s: a ticket of %+v starts %+v", name, pass, again)
				}
				next = must[string](t)(r.AddTicketOf(ctx, pass))
				must[Pass](t)(r.FindPass(ctx, u.ID, pass.ID))
				if password {
					end = setPassword
				}
				if err := end(u); err != nil {
					t.Fatal(err)
				}
				_, err := r.FindPass(ctx, u.ID, pass.ID)
				refused(t, err, "pass_over")
				_, err = r.TakeTicket(ctx, next)
				refused(t, err, "ticket_used")
				if password {
					_, err = r.TakeTicket(ctx, waiting)
					refused(t, err, "ticket_used")
				}
			}
		}
	})
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u, none := add(t, r, "ivanov", password("correct horse")), add(t, r, "petrov")
		session := must[*Session](t)(r.SignIn(t.Context(), "ivanov", "correct horse", Browser{Address: "192.0.2.1"}))
		for _, login := range []string{"ivanov", none.Login, "nobody", strings.Repeat("x", 5000)} {
			for _, word := range []string{"", "wrong horse", strings.Repeat("x", 2000)} {
				_, err := r.SignIn(t.Context(), login, word, Browser{Address: "192.0.2.2"})
				refused(t, err, "sign_in_wrong")
			}
		}
		refused(t, r.SetPassword(t.Context(), system, u.ID, "short"), "password too_short;")
		if err := r.SetPassword(t.Context(), system, u.ID, "battery staple"); err != nil {
			t.Fatal(err)
		}
		_, err := r.Authenticate(t.Context(), "", session.Secret)
		refused(t, err, "session_over")
		must[*Session](t)(r.SignIn(t.Context(), "ivanov", "battery staple", Browser{Address: "192.0.2.3"}))
		var stored []string
		if err := db.Read(t.Context()).Select(&stored, "SELECT words FROM journal"); err != nil {
			t.Fatal(err)
		}
		hash := must[string](t)(passwordOf(db.Read(t.Context()), u.ID))
		if all := strings.Join(stored, ""); strings.Contains(all, "staple") || strings.Contains(all, session.Secret) ||
			strings.Contains(all, hash) {
			t.Fatal("a secret stands in the journal")
		}
		if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Fatal(hash)
		}
	})
}

// TestPeopleSignInBesideAnAttacker: an office behind one address signs in within a moment, while another address tries
// passwords without end and never gets further than its limit.
func TestPeopleSignInBesideAnAttacker(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
		db = db.At(func() time.Time { return now })
		r := roster(db)
		const people = addressPerMinute + 1
		add(t, r, "agent", password("correct horse"))
		wrong, refusals := 0, 0
		for i := range 10_000 {
			_, err := r.SignIn(t.Context(), fmt.Sprint("nobody-", i), "wrong horse", Browser{Address: "192.0.2.66"})
			if fault.Is(err, fault.KindBusy) {
				refusals++
			} else {
				wrong++
			}
		}
		if wrong != addressPerMinute || refusals != 10_000-wrong {
			t.Errorf("%d passwords were tried, %d refused; want %d tried", wrong, refusals, addressPerMinute)
		}
		for i := range people {
			if _, err := r.SignIn(t.Context(), "agent", "correct horse", Browser{Address: "192.0.2.1"}); err != nil {
				t.Errorf("sign-in %d: %v", i, err)
			}
		}
		failed, err := journal.List(db.Read(t.Context()), journal.History{Verb: SignInFailed, Limit: 100})
		if err != nil || len(failed) != addressPerMinute+1 {
			t.Errorf("%d entries, %v; want one for each try and one for all that were refused", len(failed), err)
		}
		if words := string(failed[0].Details); words != `{"address":"192.0.2.66","refused":true}` {
			t.Errorf("the last entry: %s", words)
		}
	})
}

func TestSignInIsLimited(t *testing.T) {
	now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
	limits := newSignInLimits(func() time.Time { return now })
	for i := range 5 {
		if err := limits.take("ivanov", "192.0.2.1"); err != nil {
			t.Fatal(i, err)
		}
	}
	err := fault.Of(limits.take("ivanov", "192.0.2.9"))
	if err == nil || err.Key != "too_many_sign_ins" || err.RetryAfter != 13*time.Second {
		t.Fatalf("the sixth try of an account from anywhere: %v, come back in %v", err, err.RetryAfter)
	}
	now = now.Add(12 * time.Second)
	if err := limits.take("ivanov", "192.0.2.9"); err != nil {
		t.Fatal("a fifth of a minute later one more:", err)
	}
	for i := range 20 {
		if err := limits.take(string(rune('a'+i)), "2001:db8::1"); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := limits.take("zz", "2001:db8::2"); !fault.Is(err, fault.KindBusy) {
		t.Fatal("the 21st try from one /64:", err)
	}
	if err := limits.take("zz", "2001:db8:0:1::2"); err != nil {
		t.Fatal("another /64:", err)
	}
}

func mustKnow(t *testing.T) func(*access.User, error) *access.User { return must[*access.User](t) }
