package bitrix24

import "slices"

// methods are all methods that are ever called. Those that read may be retried after a failure, and so may
// those whose repetition has no effect.
var methods = map[string]repeatable{
	"batch":                         again, // of reading methods only, see batch.go
	"profile":                       again,
	"user.get":                      again,
	"department.get":                again,
	"crm.company.list":              again,
	"crm.contact.list":              again,
	"crm.lead.list":                 again,
	"crm.item.list":                 again,
	"crm.company.get":               again,
	"crm.contact.get":               again,
	"crm.lead.get":                  again,
	"crm.item.get":                  again,
	"crm.contact.company.items.get": again,
	"crm.company.userfield.list":    again,
	"crm.status.list":               again,
	"crm.duplicate.findbycomm":      again,

	"telephony.externalCall.searchCrmEntities": again,

	"telephony.externalCall.register": again, // EXTERNAL_CALL_ID identifies the call
	"telephony.externalCall.show":     again,
	"telephony.externalCall.hide":     again,
	"telephony.externalCall.finish":   once,

	"event.bind":     again, // already bound is fine
	"placement.bind": again,
}

type repeatable bool

const (
	once  repeatable = false
	again repeatable = true
)

// batched are the methods that a batch may hold: those that only read.
var batched = []string{
	"user.get", "department.get", "crm.company.list", "crm.contact.list", "crm.lead.list", "crm.item.list",
	"crm.company.get", "crm.contact.get", "crm.lead.get", "crm.item.get",
	"crm.contact.company.items.get", "crm.company.userfield.list", "crm.status.list", "crm.duplicate.findbycomm",
}

func mayBatch(method string) bool { return slices.Contains(batched, method) }
