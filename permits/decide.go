package permits

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// Yes is how an ask is granted.
type Yes struct {
	Hours   int    `json:"hours,omitempty"`    // of a permit; as long as the policy says when missing
	OwnerID int64  `json:"owner_id,omitempty"` // who becomes the owner; for assign and owner_left
	Answer  string `json:"answer,omitempty"`
}

// GrantAsk says yes: the permit is given, or the owner set, in the same
// transaction. Who may: see mayDecide; others are refused (ask_forbidden) and
// journaled. An ask that is not open any more is the conflict ask_decided.
func (b *Registry) GrantAsk(ctx context.Context, by *access.User, id int64, in Yes) (Ask, error) {
	if in.Hours == 0 {
		hours, err := b.hours(ctx)
		if err != nil {
			return Ask{}, err
		}
		in.Hours = hours
	}
	return b.decide(ctx, by, id, AskGranted, in.Answer, func(a *act, row *askRow) error {
		if AskKind(row.Kind) != AskPermit {
			return a.assign(row, in)
		}
		if code := hoursFault(in.Hours); code != "" {
			return fault.Invalid("hours", code)
		}
		permit, err := a.grant(NewPermit{AgentID: row.AgentID, CompanyID: row.CompanyID, Hours: in.Hours, Reason: row.Reason}, row.ID)
		if err == nil {
			row.PermitID = permit.ID
		}
		return err
	})
}

// assign returns the company of an ask another owner.
func (a *act) assign(row *askRow, in Yes) error {
	owner := a.org.User(in.OwnerID)
	switch {
	case in.OwnerID == 0:
		return fault.Invalid("owner_id", "required")
	case owner == nil || !owner.Active:
		return fault.Invalid("owner_id", "unknown_user")
	}
	reason := in.Answer
	if reason == "" {
		reason = row.Reason
	}
	return a.book.Assign(a.Act, row.CompanyID, in.OwnerID, reason)
}

// RefuseAsk says no, with a reason for the agent. What only the house noted
// (owner_left) cannot be refused, only done: the conflict not_for_this_ask.
func (b *Registry) RefuseAsk(ctx context.Context, by *access.User, id int64, reason string) (Ask, error) {
	if code := text.CheckRequired(text.Tidy(reason), maxReason); code != "" {
		return Ask{}, fault.Invalid("reason", code)
	}
	return b.decide(ctx, by, id, AskRefused, reason, func(_ *act, row *askRow) error {
		if AskKind(row.Kind) == AskOwnerLeft {
			return fault.Conflict("not_for_this_ask")
		}
		return nil
	})
}

// FinishAsk settles an ask without yes or no: an agent takes his own back, who may
// decide puts an owner_left away that he has dealt with.
func (b *Registry) FinishAsk(ctx context.Context, by *access.User, id int64, reason string) (Ask, error) {
	return b.decide(ctx, by, id, AskDone, reason, func(_ *act, row *askRow) error {
		if AskKind(row.Kind) != AskOwnerLeft && row.AgentID != by.ID {
			return fault.Conflict("not_for_this_ask")
		}
		return nil
	})
}

// decide moves an open ask to another state, after what belongs to it was done in
// the same transaction.
func (b *Registry) decide(ctx context.Context, by *access.User, id int64, to AskState, answer string, do func(a *act, row *askRow) error) (decided Ask, err error) {
	if code := text.Check(answer, maxReason); code != "" {
		return decided, fault.Invalid("answer", code)
	}
	before, err := askByID(b.db.Read(ctx), id)
	if err != nil {
		return decided, err
	}
	err = b.write(ctx, by, before.CompanyID, func(a *act) error {
		row, err := askByID(a.Tx, id)
		if err != nil {
			return err
		}
		takesBack := to == AskDone && row.AgentID == by.ID
		if !takesBack && !row.mayDecide(a.org, a.company, by.ID) {
			return a.refuse("decide_ask", "ask_forbidden", map[string]any{"ask_id": id, "kind": row.Kind, "state": to})
		}
		if row.State != string(AskOpen) {
			return fault.Conflict("ask_decided")
		}
		row.OwnerID = a.company.OwnerID
		if err := do(a, row); err != nil {
			return err
		}
		if err := a.settle(row, to, answer, a.User.ID); err != nil {
			return err
		}
		decided = row.ask(a.org, a.company, by.ID)
		a.Tx.Answer(decided)
		return nil
	})
	return decided, err
}

// settle closes an open ask.
func (a *act) settle(row *askRow, to AskState, answer string, by int64) error {
	row.State, row.OpenKey, row.Answer = string(to), nil, answer
	row.DecidedAt, row.DecidedBy = store.Millis(a.Tx.Now()), by
	if err := settleAsk(a.Tx, row); err != nil {
		return err
	}
	return a.tell(a.Tx, a.org, AskDecided, by, row, a.company.Name)
}
