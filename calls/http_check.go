package calls

import (
	"golang.org/x/sync/errgroup"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
)

func (d *Tracker) check(r *web.Request, in CheckInput) (Card, error) {
	if err := d.spend(r.User, d.singles); err != nil {
		return Card{}, err
	}
	agent, err := d.asked(r.Context(), r.User, in.Agent)
	err = checkFields(err, in.Direction)
	n := d.readTyped(r.Context(), "", in.Number)
	if wrong := wrongNumber(in.Number); wrong != "" {
		err = also(err, "number", wrong)
	}
	if err != nil {
		return Card{}, err
	}
	card, err := d.Check(r.Context(), Question{Number: n, Agent: agent, Direction: in.Direction,
		Language: languageOf(r, in.Agent)})
	if err == nil && n.Kind == phone.Invalid && card.Subject == nil {
		return Card{}, fault.Invalid("number", "invalid_number")
	}
	if err == nil && in.Related {
		err = d.Relate(r.Context(), r.User, &card)
	}
	return card, err
}

func (d *Tracker) checkBatch(r *web.Request, in BatchInput) (Batch, error) {
	if err := d.spend(r.User, d.batches); err != nil {
		return Batch{}, err
	}
	agent, err := d.asked(r.Context(), r.User, in.Agent)
	err = checkFields(err, in.Direction)
	if len(in.Numbers) == 0 {
		err = also(err, "numbers", "required")
	}
	if len(in.Numbers) > maxBatch {
		err = also(err, "numbers", "too_many")
	}
	if err != nil {
		return Batch{}, err
	}
	cards := make([]Card, len(in.Numbers))
	group, ctx := errgroup.WithContext(r.Context())
	group.SetLimit(batchAtOnce)
	for i, number := range in.Numbers {
		n := phone.Number{Raw: cut(number, 64)} // invalid: one bad row does not spoil the list
		if wrongNumber(number) == "" {
			n = d.readTyped(r.Context(), "", number)
		}
		group.Go(func() (err error) {
			cards[i], err = d.Check(ctx, Question{Number: n, Agent: agent, Direction: in.Direction,
				Language: languageOf(r, in.Agent)})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Batch{}, err
	}
	return Batch{cards}, nil
}

// languageOf returns the language of a check: that of the agent that the request names, else the user's.
func languageOf(r *web.Request, named string) string {
	if named != "" {
		return ""
	}
	return language(r)
}

func language(r *web.Request) string {
	if r.User != nil {
		return r.User.Language
	}
	return ""
}
