package main

import (
	"reflect"
	"slices"

	"callhue/assistants"
	"callhue/calls"
	"callhue/cmd/callhue/demo"
	"callhue/crm"
	"callhue/crmsync"
	"callhue/importexport"
	"callhue/incidents"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/outhooks"
	"callhue/permits"
	"callhue/policy"
	"callhue/proposals"
	"callhue/staff"
	"callhue/statuses"
	"callhue/webhooks/sources"
	"callhue/workforce/kpi"
)

type openapiCmd struct{}

func (openapiCmd) Help() string { return "Example: callhue openapi > openapi.json" }

// Run prints the document. It needs the route tables, not a database.
func (c *openapiCmd) Run(e *env) error {
	var a app
	raw, err := web.Document(version, enums(knownVerbs()), a.routes()...)
	if err != nil {
		return err
	}
	_, err = e.out.Write(append(raw, '\n'))
	return err
}

// knownVerbs returns what every package records, with or without a database.
func knownVerbs() []journal.VerbInfo {
	return slices.Concat(staff.Verbs(), statuses.Verbs(), crm.Verbs(), calls.Verbs(), incidents.Verbs(), policy.Verbs(),
		permits.Verbs(), proposals.Verbs(), sources.Verbs(), crmsync.Verbs(), outhooks.Verbs(), importexport.Verbs(),
		kpi.Verbs(), demo.Verbs(), assistants.Verbs(), journal.Verbs())
}

// enums are the values that the API reference cannot read off the types themselves.
func enums(verbs []journal.VerbInfo) web.Enums {
	var names []string
	for _, v := range verbs {
		names = append(names, string(v.Verb))
	}
	slices.Sort(names)
	return web.Enums{reflect.TypeFor[journal.Verb](): names}
}
