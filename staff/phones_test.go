package staff

import (
	"slices"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
)

const (
	annasPhone = 74950000021
	shared     = 447700900021
)

// logins names the users of a phone.
func logins(org *Org, key int64) (list []string) {
	for _, u := range org.ByPhone(key) {
		list = append(list, u.Login)
	}
	return list
}

func phonesOf(list ...string) func(*NewUser) { return func(in *NewUser) { in.Phones = list } }

func TestOwnPhones(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		org := func() *Org { return must[*Org](t)(r.Org(t.Context())) }
		vera := add(t, r, "vera", phonesOf("+44 7700 900021"))
		anna := add(t, r, "anna", phonesOf("8 (495) 000-00-21", "+74950000021", "+44 7700 900021"))
		if want := []string{"+74950000021", "+447700900021"}; !slices.Equal(anna.Phones, want) {
			t.Fatalf("two spellings of one number, and another: %v, want %v", anna.Phones, want)
		}
		if got := logins(org(), annasPhone); !slices.Equal(got, []string{"anna"}) {
			t.Errorf("Anna's phone is %v's", got)
		}
		if got := logins(org(), shared); !slices.Equal(got, []string{"anna", "vera"}) {
			t.Errorf("a couple's phone is %v's, want both, by name", got)
		}
		anna = must[*User](t)(r.Change(t.Context(), system, anna.ID,
			UserChange{Version: anna.Version, Name: ptr("Anna")}))
		if len(anna.Phones) != 2 {
			t.Errorf("a change of the name took phones away: %v", anna.Phones)
		}
		anna = must[*User](t)(r.Change(t.Context(), system, anna.ID,
			UserChange{Version: anna.Version, Phones: &[]string{"000-00-21"}}))
		if !slices.Equal(anna.Phones, []string{"+74950000021"}) ||
			!slices.Equal(logins(org(), shared), []string{"vera"}) {
			t.Errorf("after a change: %v, the couple's is %v's", anna.Phones, logins(org(), shared))
		}
		same := must[*User](t)(r.Change(t.Context(), system, anna.ID,
			UserChange{Version: anna.Version, Phones: &[]string{"+7 495 000-00-21"}}))
		if same.Version != anna.Version {
			t.Error("the same number in another spelling made a new version")
		}
		if err := r.Disable(t.Context(), system, vera.ID); err != nil {
			t.Fatal(err)
		}
		if got := logins(org(), shared); got != nil {
			t.Errorf("a dismissed user is a colleague by his phone: %v", got)
		}
		if org().ByPhone(0) != nil {
			t.Error("a number that cannot be looked up is a colleague's")
		}
	})
}

func TestOwnPhonesThatAreNone(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		in := NewUser{Login: "anna", Name: "Anna", Roles: everyRole[:1],
			Phones: []string{"+74950000021", "101", "no number", "anonymous"}}
		_, err := r.AddUser(t.Context(), system, in)
		refused(t, err, "phones.1 invalid_number;phones.2 invalid_number;phones.3 invalid_number;")
		in.Phones = slices.Repeat([]string{"+74950000021"}, mostPhones+1)
		_, err = r.AddUser(t.Context(), system, in)
		refused(t, err, "phones too_many;")

		anna := add(t, r, "anna", phonesOf("+74950000021"))
		_, err = r.Change(t.Context(), system, anna.ID,
			UserChange{Version: anna.Version, Login: ptr("a b"), Phones: &[]string{"12"}})
		refused(t, err, "login malformed;phones.0 invalid_number;")
		_, err = r.Change(t.Context(), by(anna), anna.ID, UserChange{Version: anna.Version, Phones: &[]string{}})
		if f := fault.Of(err); f == nil || f.Kind != fault.KindForbidden {
			t.Errorf("an agent changed his own phones: %v", err)
		}
		if got := must[*User](t)(r.Find(t.Context(), anna.ID)); !slices.Equal(got.Phones, anna.Phones) {
			t.Errorf("a refused change changed something: %v", got.Phones)
		}
	})
}
