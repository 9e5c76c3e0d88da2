package staff

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/journal"
)

// SessionLimits are how long a session lasts.
type SessionLimits struct {
	Lives time.Duration // from the sign-in
	Idle  time.Duration // without a request; 0: as long as it lives. Screens on a wall are never idle
}

// DefaultSessionLimits returns the limits of an installation that sets none.
func DefaultSessionLimits() SessionLimits {
	return SessionLimits{Lives: 30 * 24 * time.Hour, Idle: 12 * time.Hour}
}

// Check returns what is wrong with the limits.
func (l SessionLimits) Check() error {
	var wrong *fault.Error
	if l.Lives < time.Hour || l.Lives > 400*24*time.Hour {
		wrong = wrong.And("session-lives", "out_of_range")
	}
	if l.Idle != 0 && l.Idle < 3*seenEvery {
		wrong = wrong.And("session-idle", "out_of_range")
	}
	return wrong.OrNil()
}

const (
	seenEvery  = 5 * time.Minute // a use is stored when the stored one is older
	seenWrites = time.Minute
)

// seenSessions are the uses of sessions that are not stored yet: a request must not wait for a write.
type seenSessions struct {
	mu   sync.Mutex
	last map[int64]store.Moment // by session
}

// add notes a use of a session, and returns the last one that is known. stored is the one in the database.
func (s *seenSessions) add(id int64, stored, now store.Moment) (before store.Moment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = max(stored, s.last[id])
	if now >= stored.Add(seenEvery) {
		s.last[id] = now
	}
	return before
}

// at returns when a session was used last.
func (s *seenSessions) at(id int64, stored store.Moment) store.Moment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(stored, s.last[id])
}

// drop forgets a use that does not count: the session was over.
func (s *seenSessions) drop(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.last, id)
}

// all returns the sessions whose use has to be stored, by moment.
func (s *seenSessions) all() map[int64]store.Moment {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make(map[int64]store.Moment, len(s.last))
	for id, at := range s.last {
		list[id] = at
	}
	return list
}

// stored drops uses that are in the database now.
func (s *seenSessions) stored(list map[int64]store.Moment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range list {
		if s.last[id] == at {
			delete(s.last, id)
		}
	}
}

// Run stores when sessions were used, until the context ends.
func (r *Roster) Run(ctx context.Context, log *slog.Logger) error {
	return jobs.Loop{Name: "storing when sessions were used", Every: seenWrites, Log: log, Do: r.StoreSeen}.Run(ctx)
}

// StoreSeen stores when sessions were used.
func (r *Roster) StoreSeen(ctx context.Context) error {
	list := r.seen.all()
	ids := make([]int64, 0, len(list))
	for id := range list {
		ids = append(ids, id)
	}
	slices.Sort(ids) // in one order: another process stores its own
	for part := range slices.Chunk(ids, 500) {
		err := r.db.Write(ctx, func(tx *store.Tx) error {
			latest := store.Moment(0)
			for _, id := range part {
				latest = max(latest, list[id])
			}
			return updateSeen(tx, part, latest)
		})
		if err != nil {
			return err
		}
	}
	r.seen.stored(list)
	return nil
}

// isIdle reports whether a session was left alone for too long, and notes its use if not.
func (r *Roster) isIdle(h keyHolder, user *access.User) bool {
	now := store.MomentOf(r.db.Clock())
	before := r.seen.add(h.key, h.seen, now)
	idle := r.Sessions.Idle > 0 && before > 0 && now > before.Add(r.Sessions.Idle) && !user.Has(access.Display)
	if idle {
		r.seen.drop(h.key)
	}
	return idle
}

// OpenSession is a session as its owner and administrators see it.
type OpenSession struct {
	ID       int64        `json:"id"`
	Device   string       `json:"device" doc:"The browser and the system, as far as they name themselves."`
	Address  string       `json:"address" doc:"Where the sign-in came from."`
	Since    store.Moment `json:"since"`
	LastSeen store.Moment `json:"last_seen" doc:"Within five minutes."`
	Until    store.Moment `json:"until"`
	Current  bool         `json:"current" doc:"The session of this request."`
}

// OpenSessions lists the sessions of a user that have not ended, the last used first. secret is that of the session
// that asks, "" for none.
func (r *Roster) OpenSessions(ctx context.Context, user int64, secret string) ([]*OpenSession, error) {
	u, err := r.Find(ctx, user)
	if err != nil {
		return nil, err
	}
	tx := r.db.Read(ctx)
	rows, err := keys.List(tx, sessionsOf(user).And(validKey(tx)), byID())
	if err != nil {
		return nil, err
	}
	now, list := store.MomentOf(tx.Now()), []*OpenSession{}
	for _, row := range rows {
		seen := r.seen.at(row.ID, row.SeenAt)
		if r.Sessions.Idle > 0 && seen > 0 && now > seen.Add(r.Sessions.Idle) && !u.has(access.Display) {
			continue
		}
		list = append(list, &OpenSession{ID: row.ID, Device: row.Device, Address: row.Address, Since: row.CreatedAt,
			LastSeen: max(seen, row.CreatedAt), Until: row.ExpiresAt, Current: row.Hash == hashOf(secret)})
	}
	slices.SortStableFunc(list, func(a, b *OpenSession) int { return cmp.Compare(b.LastSeen, a.LastSeen) })
	return list, nil
}

// EndSession ends one session of a user at once. Its owner may, and administrators. Faults: not_found, role_missing.
func (r *Roster) EndSession(ctx context.Context, by *access.User, user, session int64) error {
	return r.writeAbout(ctx, by, user, func(a *act, u *User) error {
		a.Tx.Answer(nil)
		ended, err := keys.RemoveAll(a.Tx, sessionsOf(user).And(store.Equal("id", session)))
		if err != nil {
			return err
		}
		if ended == 0 {
			return fault.Missing("session")
		}
		return a.record(u, SessionsEnded, map[string]any{"sessions": ended})
	})
}

// EndSessions ends the sessions of a user at once, but for the one with this secret. Its owner may, and administrators.
// None to end is no fault.
func (r *Roster) EndSessions(ctx context.Context, by *access.User, user int64, keep string) error {
	return r.writeAbout(ctx, by, user, func(a *act, u *User) error {
		a.Tx.Answer(nil)
		ended, err := keys.RemoveAll(a.Tx, sessionsOf(user).And(store.NotEqual("hash", hashOf(keep))))
		if err != nil || ended == 0 {
			return err
		}
		return a.record(u, SessionsEnded, map[string]any{"sessions": ended})
	})
}

// writeAbout runs a write about the sign-in of a user, by them or by an administrator. It takes the turn of the
// organisation, so that no session is opened beside it.
func (r *Roster) writeAbout(ctx context.Context, by *access.User, user int64, do func(*act, *User) error) error {
	return r.journal.Write(ctx, r.db, by, func(a *journal.Act) error {
		if err := takeTurn(a.Tx, organisation); err != nil {
			return err
		}
		org, err := r.OrgIn(a.Tx)
		if err != nil {
			return err
		}
		if by.ID != user && !org.Administers(by) {
			return fault.Forbidden("role_missing").With("roles", access.Admins)
		}
		write := &act{Act: a, org: org}
		u, err := write.user(user)
		if err != nil {
			return err
		}
		return do(write, u)
	})
}

// ChangePassword changes a user's own password, who shows the old one; "" where they have none yet. It ends their other
// sessions and the passes of their pages in frames. Faults: old_password wrong; what is wrong with the new one; busy
// "too_many_sign_ins".
func (r *Roster) ChangePassword(ctx context.Context, by *access.User, old, password, keep, address string) error {
	if code := passwordFault(password); code != "" {
		return fault.Invalid("password", code)
	}
	if err := r.limits.take(by.Login, address); err != nil {
		return err
	}
	before, err := passwordOf(r.db.Read(ctx), by.ID)
	if err != nil {
		return err
	}
	if before != "" || old != "" {
		matches, err := r.hasher.matches(ctx, old, before)
		if err != nil {
			return err
		}
		if !matches {
			r.signIns.WithLabelValues("wrong").Inc()
			if err := r.recordFailedOf(ctx, by.ID, address); err != nil {
				return err
			}
			return fault.Invalid("old_password", "wrong")
		}
	}
	r.limits.giveBack(by.Login, address)
	hash, err := r.hasher.hash(ctx, r.Random, password)
	if err != nil {
		return err
	}
	return r.writeAbout(ctx, by, by.ID, func(a *act, u *User) error {
		still, err := passwordOf(a.Tx, u.ID)
		if err != nil {
			return err
		}
		if still != before { // changed while we were hashing
			return fault.Invalid("old_password", "wrong")
		}
		return a.setPassword(u, hash, keep)
	})
}

// setPassword stores a password, and ends what was opened by the one before, but for the session with the secret keep.
func (a *act) setPassword(u *User, hash, keep string) error {
	if err := updatePassword(a.Tx, u.ID, hash); err != nil {
		return err
	}
	if _, err := keys.RemoveAll(a.Tx, sessionsOf(u.ID).And(store.NotEqual("hash", hashOf(keep)))); err != nil {
		return err
	}
	// A ticket that is being traded is waited for, and then its pass is found: tickets come before passes.
	for _, kind := range []keyKind{ticketKey, passKey} {
		if err := removeKeys(a.Tx, u.ID, kind); err != nil {
			return err
		}
	}
	return a.record(u, PasswordSet, nil)
}

func (r *Roster) recordFailedOf(ctx context.Context, user int64, address string) error {
	org, err := r.Org(ctx)
	if err != nil {
		return err
	}
	return r.recordFailed(ctx, org.User(user), failedDetails{Address: address})
}
