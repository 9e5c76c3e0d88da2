package outhooks

import (
	"net/http"

	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the package's route table.
func (c *Dispatcher) Routes() []web.Route {
	const hooks, hook = "/api/v1/hooks-out", "/api/v1/hooks-out/:id"
	return []web.Route{
		{Method: "GET", Path: hooks, Roles: access.Admins, Summary: "List webhook subscriptions",
			Do: web.Do(c.getHooks)},
		{Method: "POST", Path: hooks, Roles: access.Admins, Status: http.StatusCreated, NoIdempotencyRecord: true,
			Summary: "Add a webhook subscription; its secret is shown once", Do: web.Do(c.postHook)},
		{Method: "GET", Path: hook, Roles: access.Admins, Summary: "Show a webhook subscription",
			Do: web.DoFind(c.Hook)},
		{Method: "PUT", Path: hook, Roles: access.Admins, Summary: "Change a webhook subscription",
			Do: web.Do(c.putHook)},
		{Method: "DELETE", Path: hook, Roles: access.Admins,
			Summary: "Remove a webhook subscription and its deliveries", Do: web.DoRemove(c.RemoveHook)},
		{Method: "POST", Path: hook + "/rotate", Roles: access.Admins, NoIdempotencyRecord: true,
			Do:      web.Do(c.postHookRotate),
			Summary: "Rotate a subscription's secret; for 24 hours deliveries are signed with both"},
		{Method: "POST", Path: hook + "/test", Roles: access.Admins, NoIdempotencyRecord: true,
			Do: web.Do(c.postHookTest), Summary: "Send a test delivery and show its result"},
		{Method: "POST", Path: hook + "/replay", Roles: access.Admins, Do: web.Do(c.postReplayDead),
			Summary: "Replay all dead letters of a subscription"},
		{Method: "GET", Path: hook + "/deliveries", Roles: access.Admins, Do: web.Do(c.getDeliveries),
			Summary: "List the last deliveries of a subscription, newest first"},
		{Method: "POST", Path: hook + "/deliveries/:delivery/replay", Roles: access.Admins, Do: web.Do(c.postReplay),
			Summary: "Replay a delivery"},
	}
}

// Subscribed is a subscription that has just got a secret.
type Subscribed struct {
	HookOut
	Secret string `json:"secret"` // shown this once
}

func (c *Dispatcher) getHooks(r *web.Request, _ web.Nothing) (web.List[HookOutState], error) {
	hooks, err := c.Hooks(r.Context())
	return web.List[HookOutState]{Items: hooks}, err
}

func (c *Dispatcher) postHook(r *web.Request, in NewHookOut) (Subscribed, error) {
	h, secret, err := c.AddHook(r.Context(), r.User, in)
	return Subscribed{h, secret}, err
}

type putHook struct {
	web.RowID
	HookOutChange
}

func (c *Dispatcher) putHook(r *web.Request, in putHook) (HookOut, error) {
	return c.ChangeHook(r.Context(), r.User, in.ID, in.HookOutChange)
}

func (c *Dispatcher) postHookRotate(r *web.Request, in web.RowID) (Subscribed, error) {
	h, secret, err := c.RotateHook(r.Context(), r.User, in.ID)
	return Subscribed{h, secret}, err
}

func (c *Dispatcher) postHookTest(r *web.Request, in web.RowID) (Delivery, error) {
	return c.TestHook(r.Context(), r.User, in.ID)
}

// Replayed is the number of dead letters that are sent again.
type Replayed struct {
	Replayed int64 `json:"replayed"`
}

func (c *Dispatcher) postReplayDead(r *web.Request, in web.RowID) (Replayed, error) {
	count, err := c.ReplayDead(r.Context(), r.User, in.ID)
	return Replayed{count}, err
}

type listDeliveries struct {
	web.RowID
	web.Paging
	State DeliveryState `query:"state" json:"-"`
}

type deliveryPlace struct {
	Before int64 `json:"b"`
}

func (c *Dispatcher) getDeliveries(r *web.Request, in listDeliveries) (page web.List[Delivery], err error) {
	var after deliveryPlace
	if err := in.After(&after); err != nil {
		return page, err
	}
	list, err := c.Deliveries(r.Context(), in.ID, in.State, after.Before, in.Size()+1)
	return web.Page(list, in.Size(), func(last Delivery) any { return deliveryPlace{last.ID} }), err
}

type oneDelivery struct {
	web.RowID
	Delivery int64 `path:"delivery" json:"-"`
}

func (c *Dispatcher) postReplay(r *web.Request, in oneDelivery) (Delivery, error) {
	return c.Replay(r.Context(), r.User, in.ID, in.Delivery)
}
