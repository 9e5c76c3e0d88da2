package journal

import (
	"context"
	"sync"

	"callhue/internal/access"
	"callhue/internal/store"
)

// Scope is whose things a user sees; package staff has the rule.
type Scope interface {
	// All reports whether it is everything.
	All() bool
	// Self returns the user, and those they stand in for.
	Self() []int64
	// Where is the scope as the database reads it, with {} for the column that names a person.
	Where() store.Where
}

// relations are what the journal knows of who sees which entries: those of the people in a user's scope, as actors or
// as what an entry is about; those about clients of these people; and those of common verbs.
type relations struct {
	mu    sync.Mutex
	scope func(context.Context, *access.User) (Scope, error)
	kinds map[string]func(Scope) store.Where
	seers func(person int64) []int64
}

// SeersFrom sets how the live stream learns in whose scope a person's things are: the person, their heads, deputies. It
// answers from memory.
func (j *Journal) SeersFrom(seers func(person int64) []int64) {
	j.relations.mu.Lock()
	defer j.relations.mu.Unlock()
	j.relations.seers = seers
}

// concerned returns who may get an entry live: those who see the things of its actor and of the user that it is about,
// the heads of the department that it belongs to, and administrators. At the moment of an entry that department is the
// client's owner's.
func (j *Journal) concerned(e Entry) Audience {
	j.relations.mu.Lock()
	seers := j.relations.seers
	j.relations.mu.Unlock()
	to := Audience{Admins: true, Heads: e.Team}
	people := []int64{e.Actor}
	if e.Subject.Kind == "user" {
		people = append(people, e.Subject.ID)
	}
	for _, person := range people {
		to.Users = append(to.Users, person)
		if seers != nil && person != 0 {
			to.Users = append(to.Users, seers(person)...)
		}
	}
	return to
}

// ScopeFrom sets where the scope of a user comes from. Without it a user sees the entries of their own acts.
func (j *Journal) ScopeFrom(scope func(context.Context, *access.User) (Scope, error)) {
	j.relations.mu.Lock()
	defer j.relations.mu.Unlock()
	j.relations.scope = scope
}

// RelateClients registers which entries about a kind of clients are in a scope: holds returns a condition on the table
// journal, whose client_kind is this kind.
func (j *Journal) RelateClients(kind string, holds func(Scope) store.Where) {
	j.relations.mu.Lock()
	defer j.relations.mu.Unlock()
	if j.relations.kinds == nil {
		j.relations.kinds = map[string]func(Scope) store.Where{}
	}
	j.relations.kinds[kind] = holds
}

// seenBy returns the condition of the entries that a user sees at this moment.
func (j *Journal) seenBy(ctx context.Context, user *access.User) (store.Where, error) {
	j.relations.mu.Lock()
	defer j.relations.mu.Unlock()
	scope := Scope(ownActs(user.ID))
	if from := j.relations.scope; from != nil {
		var err error
		if scope, err = from(ctx, user); err != nil {
			return store.Where{}, err
		}
	}
	var common []string
	for verb, info := range *j.verbs.Load() {
		if info.Common {
			common = append(common, string(verb))
		}
	}
	return j.relations.condition(scope, common), nil
}

// ownActs is the scope of a user without an organisation.
type ownActs int64

func (ownActs) All() bool            { return false }
func (u ownActs) Self() []int64      { return []int64{int64(u)} }
func (u ownActs) Where() store.Where { return store.In("{}", u.Self()) }
