package outhooks

import (
	"net/http"

	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the courier's table.
func (c *Dispatcher) Routes() []web.Route {
	const hooks, hook = "/api/v1/hooks-out", "/api/v1/hooks-out/:id"
	return []web.Route{
		{Method: "GET", Path: hooks, Roles: access.Admins, Summary: "Those who are told what happens, by name.", Do: web.Do(c.getHooks)},
		{Method: "POST", Path: hooks, Roles: access.Admins, Summary: "Subscribe an address to what happens from now on; its secret is shown this once.", Status: http.StatusCreated, NoIdempotencyRecord: true, Do: web.Do(c.postHook)},
		{Method: "GET", Path: hook, Roles: access.Admins, Summary: "One subscription.", Do: web.Do(func(r *web.Request, in oneHook) (HookOutState, error) { return c.Hook(r.Context(), in.ID) })},
		{Method: "PUT", Path: hook, Roles: access.Admins, Summary: "Change a subscription; what is left out stays.", Do: web.Do(c.putHook)},
		{Method: "DELETE", Path: hook, Roles: access.Admins, Summary: "End a subscription and forget its deliveries.", Do: web.Do(c.deleteHook)},
		{Method: "POST", Path: hook + "/rotate", Roles: access.Admins, Summary: "Give a subscription a new secret; for 24 hours deliveries are signed with both.", NoIdempotencyRecord: true, Do: web.Do(c.postHookRotate)},
		{Method: "POST", Path: hook + "/test", Roles: access.Admins, Summary: "Make a test delivery now and see what came of it.", NoIdempotencyRecord: true, Do: web.Do(c.postHookTest)},
		{Method: "POST", Path: hook + "/replay", Roles: access.Admins, Summary: "Send all dead letters of a subscription again.", Do: web.Do(c.postReplayDead)},
		{Method: "GET", Path: hook + "/deliveries", Roles: access.Admins, Summary: "The last deliveries of a subscription, newest first.", Do: web.Do(c.getDeliveries)},
		{Method: "POST", Path: hook + "/deliveries/:delivery/replay", Roles: access.Admins, Summary: "Send a delivery again.", Do: web.Do(c.postReplay)},
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
	h, secret, err := c.AddHook(r.Context(), r.User.ID, in)
	return Subscribed{h, secret}, err
}

// oneHook names a subscription in the path.
type oneHook struct {
	ID int64 `path:"id" json:"-"`
}

type putHook struct {
	oneHook
	HookOutChange
}

func (c *Dispatcher) putHook(r *web.Request, in putHook) (HookOut, error) {
	return c.ChangeHook(r.Context(), r.User.ID, in.ID, in.HookOutChange)
}

func (c *Dispatcher) deleteHook(r *web.Request, in oneHook) (web.Nothing, error) {
	return web.Nothing{}, c.RemoveHook(r.Context(), r.User.ID, in.ID)
}

func (c *Dispatcher) postHookRotate(r *web.Request, in oneHook) (Subscribed, error) {
	h, secret, err := c.RotateHook(r.Context(), r.User.ID, in.ID)
	return Subscribed{h, secret}, err
}

func (c *Dispatcher) postHookTest(r *web.Request, in oneHook) (Delivery, error) {
	return c.TestHook(r.Context(), r.User.ID, in.ID)
}

// Replayed says how many dead letters are sent again.
type Replayed struct {
	Replayed int64 `json:"replayed"`
}

func (c *Dispatcher) postReplayDead(r *web.Request, in oneHook) (Replayed, error) {
	count, err := c.ReplayDead(r.Context(), r.User.ID, in.ID)
	return Replayed{count}, err
}

type listDeliveries struct {
	oneHook
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
	oneHook
	Delivery int64 `path:"delivery" json:"-"`
}

func (c *Dispatcher) postReplay(r *web.Request, in oneDelivery) (Delivery, error) {
	return c.Replay(r.Context(), r.User.ID, in.ID, in.Delivery)
}
