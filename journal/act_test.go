package journal

import (
	"errors"
	"log/slog"
	"testing"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// TestARefusedWriteLeavesOnlyItsTrace: the write is undone, and the journal says who
// tried what.
func TestARefusedWriteLeavesOnlyItsTrace(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		journal, user := NewForTest(db, slog.New(slog.DiscardHandler)), &access.User{ID: 7}
		boom := errors.New("something else")
		for _, c := range []struct {
			end  func(a *Act) error
			want error
			key  string
		}{
			{func(a *Act) error {
				return a.Refuse(fault.Forbidden("not_yours"), Entry{Team: 3, Subject: Ref{"boat", 5}},
					map[string]any{"wanted": "red"})
			}, nil, "not_yours"},
			{func(*Act) error { return boom }, boom, ""},
			{func(*Act) error { return nil }, nil, ""},
		} {
			err := journal.Write(t.Context(), db, user, func(a *Act) error {
				if err := a.Record(Entry{Verb: RecordAdded}, map[string]any{"name": "Acme"}); err != nil {
					return err
				}
				return c.end(a)
			})
			if c.key != "" && fault.Of(err).Key != c.key || c.key == "" && !errors.Is(err, c.want) {
				t.Errorf("%v, want %v %s", err, c.want, c.key)
			}
		}
		list, err := List(db.Read(t.Context()), History{Actor: 7, Limit: 10})
		if err != nil || len(list) != 2 || list[0].Verb != RecordAdded || string(list[0].Details) != `{"name":"Acme"}` {
			t.Fatalf("the journal has %+v, %v", list, err)
		}
		refused := list[1]
		if refused.Verb != ChangeRefused || refused.Team != 3 || refused.Subject != (Ref{"boat", 5}) ||
			string(refused.Details) != `{"code":"not_yours","wanted":"red"}` {
			t.Errorf("the trace: %+v %s", refused, refused.Details)
		}
	})
}

func TestAnActGathersWhatIsWrong(t *testing.T) {
	var a Act
	if got := a.Text("note", "  two   words ", 20); got != "two words" || a.Check() != nil {
		t.Errorf("%q, %v", got, a.Check())
	}
	a.Text("note", "too long", 3)
	a.Required("name", " ", 3)
	a.Invalid("code", "")
	a.Invalid("code", "malformed")
	want := []fault.Field{{Field: "note", Code: "too_long"}, {Field: "name", Code: "required"},
		{Field: "code", Code: "malformed"}}
	f := fault.Of(a.Check())
	if f == nil || len(f.Fields) != len(want) {
		t.Fatalf("%v", f)
	}
	for i := range want {
		if f.Fields[i] != want[i] {
			t.Errorf("%+v, want %+v", f.Fields[i], want[i])
		}
	}
}

func TestChangesHoldWhatDiffers(t *testing.T) {
	type boat struct {
		name  string
		masts int
	}
	b, c := boat{"Ann", 1}, Changes{}
	Set(c, "name", &b.name, "Ann")
	SetOptional(c, "masts", &b.masts, nil)
	if c.Note("crew", []int{1}, []int{1}); len(c) != 0 {
		t.Errorf("nothing changed: %v", c)
	}
	Set(c, "name", &b.name, "Beth")
	SetOptional(c, "masts", &b.masts, new(2))
	c.Note("crew", []int{1}, []int{1, 2})
	if b != (boat{"Beth", 2}) {
		t.Errorf("%+v", b)
	}
	was, is := map[string]any{"a": 1, "b": []int{1}, "gone": "x"}, map[string]any{"a": 1, "b": []int{2}, "new": true}
	if got := string(Details(Compare(was, is))); got != `{"b":{"from":[1],"to":[2]},"gone":{"from":"x","to":null},"new":{"from":null,"to":true}}` {
		t.Error(got)
	}
	if got := string(Details(c)); got != `{"crew":{"from":[1],"to":[1,2]},"masts":{"from":1,"to":2},"name":{"from":"Ann","to":"Beth"}}` {
		t.Error(got)
	}
}
