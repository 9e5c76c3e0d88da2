package staff

import (
	"fmt"
	"slices"

	"callhue/internal/fault"
	"callhue/phone"
)

// mostPhones is how many phones of their own a user may have.
const mostPhones = 10

// phoneList returns the own phones of a user: E.164, in their order, each once. A number that the plan cannot read is
// added to wrong: no call would ever match it.
func phoneList(plan *phone.Plan, typed []string, wrong *fault.Error) ([]string, *fault.Error) {
	list := []string{}
	if len(typed) > mostPhones {
		return list, wrong.And("phones", "too_many")
	}
	for i, text := range typed {
		n := plan.ParseTyped(text)
		if n.Kind != phone.External {
			wrong = wrong.And(fmt.Sprintf("phones.%d", i), "invalid_number")
			continue
		}
		if e164 := n.String(); !slices.Contains(list, e164) {
			list = append(list, e164)
		}
	}
	return list, wrong
}

// ByPhone returns the active users whose own phone a number is, by name; key is phone.Number.Key. There may be several:
// a couple who both work here share one. The list must not be changed.
func (o *Org) ByPhone(key int64) []*User { return o.phone[key] }

// indexPhones adds the users' own phones.
func (o *Org) indexPhones(rows []phoneRow) {
	for _, p := range rows {
		u := o.user[p.UserID]
		if u == nil {
			continue
		}
		u.Phones = append(u.Phones, phone.Number{Kind: phone.External, E164: p.Key}.String())
		if u.Active {
			o.phone[p.Key] = append(o.phone[p.Key], u)
		}
	}
	for _, sharers := range o.phone {
		slices.SortFunc(sharers, byName)
	}
}
