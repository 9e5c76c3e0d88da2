package staff

import (
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
)

// TestASessionThatIsLeftAloneEnds checks the idle limit: use within it prolongs a session, across processes too.
func TestASessionThatIsLeftAloneEnds(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
		db.Clock = func() time.Time { return now }
		r, other := roster(db), roster(db)
		signIn := func(u *User) string {
			link := must[string](t)(r.Link(t.Context(), system, u.ID, time.Hour))
			return must[*Session](t)(r.FollowLink(t.Context(), link, Browser{})).Secret
		}
		agent := add(t, r, "ivanov")
		screen := add(t, r, "wall", func(in *NewUser) { in.Roles = access.Roles{access.Display} })
		used, left, wall := signIn(agent), signIn(agent), signIn(screen)
		for range 3 { // twice as long as the limit
			now = now.Add(8 * time.Hour)
			mustKnow(t)(r.Authenticate(t.Context(), "", used))
		}
		_, err := r.Authenticate(t.Context(), "", left)
		refused(t, err, "session_over")
		mustKnow(t)(r.Authenticate(t.Context(), "", wall))
		list := must[[]*OpenSession](t)(r.OpenSessions(t.Context(), agent.ID, used))
		if len(list) != 1 || !list[0].Current || !list[0].LastSeen.Time().Equal(now) {
			t.Fatalf("%+v", list)
		}
		if err := r.StoreSeen(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(11 * time.Hour)
		mustKnow(t)(other.Authenticate(t.Context(), "", used))
		now = now.Add(13 * time.Hour)
		_, err = r.Authenticate(t.Context(), "", used)
		refused(t, err, "session_over")
	})
}

func TestSessionsEndOneByOneOrAllOthers(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		u := add(t, r, "ivanov", password("correct horse"))
		boss, stranger := add(t, r, "root", admin), add(t, r, "petrov")
		const firefox = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
		signIn := func(agent string) string {
			from := Browser{"192.0.2.7", agent}
			return must[*Session](t)(r.SignIn(t.Context(), "ivanov", "correct horse", from)).Secret
		}
		here, there, phone := signIn(firefox), signIn("curl/8.5.0"), signIn("")
		list := func() []*OpenSession { return must[[]*OpenSession](t)(r.OpenSessions(t.Context(), u.ID, here)) }
		devices := map[string]int64{}
		for _, s := range list() {
			devices[s.Device] = s.ID
			if s.Address != "192.0.2.7" || s.Current != (s.Device == "Firefox, Windows") {
				t.Errorf("%+v", s)
			}
		}
		if len(devices) != 3 || devices["curl"] == 0 || devices[""] == 0 {
			t.Fatal(devices)
		}
		by := func(u *User) *access.User { return &access.User{ID: u.ID, Login: u.Login, Roles: u.Roles} }
		refused(t, r.EndSession(t.Context(), by(stranger), u.ID, devices["curl"]), "role_missing")
		refused(t, r.EndSession(t.Context(), by(stranger), stranger.ID, devices["curl"]), "not_found")
		mustKnow(t)(r.Authenticate(t.Context(), "", there)) // remembered from now on
		if err := r.EndSession(t.Context(), by(u), u.ID, devices["curl"]); err != nil {
			t.Fatal(err)
		}
		_, err := r.Authenticate(t.Context(), "", there)
		refused(t, err, "session_over")
		if err := r.EndSessions(t.Context(), by(u), u.ID, here); err != nil {
			t.Fatal(err)
		}
		_, err = r.Authenticate(t.Context(), "", phone)
		refused(t, err, "session_over")
		mustKnow(t)(r.Authenticate(t.Context(), "", here))
		if left := list(); len(left) != 1 || !left[0].Current {
			t.Fatalf("%+v", left)
		}
		if err := r.EndSessions(t.Context(), by(boss), u.ID, ""); err != nil {
			t.Fatal(err)
		}
		_, err = r.Authenticate(t.Context(), "", here)
		refused(t, err, "session_over")
		verbs := history(t, db)
		if verbs[len(verbs)-1] != SessionsEnded {
			t.Fatal(verbs)
		}
	})
}

func TestOwnPassword(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r, ctx := roster(db), t.Context()
		u, linked := add(t, r, "ivanov", password("correct horse")), add(t, r, "petrov")
		by := func(u *User) *access.User { return &access.User{ID: u.ID, Login: u.Login, Roles: u.Roles} }
		signIn := func(word string) string {
			return must[*Session](t)(r.SignIn(ctx, "ivanov", word, Browser{Address: "192.0.2.7"})).Secret
		}
		here, there := signIn("correct horse"), signIn("correct horse")
		change := func(u *User, old, word string) error {
			return r.ChangePassword(ctx, by(u), old, word, here, "192.0.2.7")
		}
		refused(t, change(u, "wrong horse", "blue heron lake"), "old_password wrong;")
		refused(t, change(u, "", "blue heron lake"), "old_password wrong;")
		refused(t, change(u, "correct horse", "short"), "password too_short;")
		refused(t, change(u, "correct horse", "Password123"), "password breached;")
		if err := change(u, "correct horse", "blue heron lake"); err != nil {
			t.Fatal(err)
		}
		mustKnow(t)(r.Authenticate(ctx, "", here))
		_, err := r.Authenticate(ctx, "", there)
		refused(t, err, "session_over")
		_, err = r.SignIn(ctx, "ivanov", "correct horse", Browser{Address: "192.0.2.8"})
		refused(t, err, "sign_in_wrong")
		signIn("blue heron lake")
		refused(t, change(linked, "guess", "green heron lake"), "old_password wrong;")
		if err := change(linked, "", "green heron lake"); err != nil {
			t.Fatal("the first password: ", err)
		}
		for range 2 * accountPerMinute {
			err = change(u, "wrong horse", "blue heron lake")
		}
		refused(t, err, "too_many_sign_ins")
	})
}

func TestDevice(t *testing.T) {
	const windows, mac = "Mozilla/5.0 (Windows NT 10.0; Win64)", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
	const android, linux = "Mozilla/5.0 (Linux; Android 14)", "Mozilla/5.0 (X11; Linux x86_64)"
	for agent, want := range map[string]string{
		windows + " Chrome/131.0 Safari/537.36 Edg/131.0":       "Edge, Windows",
		mac + " AppleWebKit/605.1.15 Version/18.1 Safari/605.1": "Safari, macOS",
		android + " Chrome/131.0 Mobile Safari/537.36":          "Chrome, Android",
		linux + " Chrome/130.0 YaBrowser/24.12 Safari/537.36":   "Yandex Browser, Linux",
		"curl/8.5.0": "curl", "": "", "\xff\x00bad": "\uFFFD bad",
	} {
		if got := (Browser{UserAgent: agent}).device(); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
