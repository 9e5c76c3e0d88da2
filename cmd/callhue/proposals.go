package main

import (
	"context"
	"encoding/json"

	"callhue/calls"
	"callhue/policy"
	"callhue/proposals"
	"callhue/staff"
	"callhue/statuses"
)

// registerProposals makes changes that lower protection wait for a second administrator, with the dry run for their
// effect.
func (a *app) registerProposals() {
	a.proposals = proposals.New(a.db, a.journal, a.roster, a.log)
	a.proposals.Register(statuses.ProposalKind, proposals.Kind{Hold: a.directory.HoldProposed,
		Apply: a.directory.ApplyProposed, Effect: a.effectOfStatus})
	a.proposals.Register(policy.ProposalKind, proposals.Kind{Admins: true, Hold: a.policy.HoldProposed,
		Apply: a.policy.ApplyProposed, Effect: a.effectOfPolicy})
	a.proposals.Register(staff.ProposalKind, proposals.Kind{Admins: true, Hold: a.roster.HoldProposed,
		Apply: a.roster.ApplyProposed})
}

// effectOfStatus returns what another entry of the status directory would do.
func (a *app) effectOfStatus(ctx context.Context, change json.RawMessage) (*proposals.ChangeEffect, error) {
	set, err := a.directory.Set(ctx)
	if err != nil {
		return nil, err
	}
	would, err := a.directory.EffectOf(set, change)
	if err != nil {
		return nil, err
	}
	in := calls.DryRunInput{Statuses: []policy.StatusEffect{{Code: would.Code, CardEffect: would.CardEffect,
		Active: would.Active, IsDefault: would.IsDefault, New: would.StatusID == 0}}}
	effect, err := a.effectOf(ctx, in)
	if err != nil || would.StatusID == 0 {
		return effect, err
	}
	count, err := a.directory.Companies(a.db.Read(ctx), would.StatusID)
	effect.Companies = max(effect.Companies, count)
	return effect, err
}

// effectOfPolicy returns what another policy would do.
func (a *app) effectOfPolicy(ctx context.Context, change json.RawMessage) (*proposals.ChangeEffect, error) {
	in, err := policy.Proposed(change)
	if err != nil {
		return nil, err
	}
	return a.effectOf(ctx, calls.DryRunInput{Policy: &in.Policy})
}

// effectOf returns the effect of other rules on the last calls.
func (a *app) effectOf(ctx context.Context, in calls.DryRunInput) (*proposals.ChangeEffect, error) {
	out, err := a.tracker.DryRun(ctx, in)
	if err != nil {
		return nil, err
	}
	cards, companies := out.Moved()
	return &proposals.ChangeEffect{Companies: int64(companies), Calls: cards, Looked: out.Looked}, nil
}
