package staff

import (
	"context"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
)

func TestATokenOfAnotherProcessWorksAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		server := roster(db) // its tail has not heard yet
		if _, err := server.Org(ctx); err != nil {
			t.Fatal(err)
		}
		command := roster(db)
		u, err := command.AddUser(ctx, system,
			NewUser{Login: "petrov", Name: "Petrov", Roles: access.Roles{access.Agent}})
		if err != nil {
			t.Fatal(err)
		}
		_, secret, err := command.AddToken(ctx, system, u.ID, NewToken{Name: "sync"})
		if err != nil {
			t.Fatal(err)
		}
		if who, err := server.Authenticate(ctx, secret, ""); err != nil || who.Login != "petrov" {
			t.Errorf("right after it was made elsewhere: %v, %v", who, err)
		}
	})
}
