// Package budget carries in a context how long its holder waits for one step of the database: people and PBXs wait a
// moment, background work as long as it takes. A step that takes longer, because the database is stalled or another
// program holds a lock, fails, and the holder is refused in time.
package budget

import (
	"context"
	"time"
)

// Key finds the budget, a time.Duration, in a context.
type Key struct{}

// With returns a context whose holder waits so long for a step.
func With(ctx context.Context, step time.Duration) context.Context {
	return context.WithValue(ctx, Key{}, step)
}

// Of returns how long the holder of a context waits for a step; 0 for as long as the context lasts.
func Of(ctx context.Context) time.Duration {
	step, _ := ctx.Value(Key{}).(time.Duration)
	return step
}
