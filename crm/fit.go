package crm

import (
	"fmt"
	"slices"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/text"
	"callhue/journal"
)

// Fit turns a company of another system into one that can be stored: what is too long is cut, what is invalid is left
// out. It returns the faults by field; a missing name stays missing.
func (in NewCompany) Fit() (NewCompany, []fault.Field) {
	var f fitter
	in.Name = f.text("name", in.Name, maxName)
	in.Phones, in.Emails = f.phones(in.Phones), f.emails(in.Emails)
	return in, f.wrong
}

// Fit is that of a company.
func (in NewContact) Fit() (NewContact, []fault.Field) {
	var f fitter
	in.Name, in.Post = f.text("name", in.Name, maxName), f.text("post", in.Post, maxPost)
	in.Phones, in.Emails = f.phones(in.Phones), f.emails(in.Emails)
	if in.CompanyIDs = distinct(in.CompanyIDs); len(in.CompanyIDs) > maxCompanies {
		f.refuse("company_ids", "too_many")
		in.CompanyIDs = in.CompanyIDs[:maxCompanies]
	}
	if len(in.Since) != len(in.CompanyIDs) {
		in.Since = nil
	}
	return in, f.wrong
}

// Fit is that of a company.
func (in NewLead) Fit() (NewLead, []fault.Field) {
	var f fitter
	in.Title, in.Name = f.text("title", in.Title, maxName), f.text("name", in.Name, maxName)
	in.Source = f.text("source", in.Source, maxSource)
	in.Phones, in.Emails = f.phones(in.Phones), f.emails(in.Emails)
	return in, f.wrong
}

// fitting gathers what was wrong.
type fitter struct{ wrong []fault.Field }

func (f *fitter) refuse(field, code string) {
	f.wrong = append(f.wrong, fault.Field{Field: field, Code: code})
}

func (f *fitter) text(field, value string, longest int) string {
	clean := text.Tidy(text.OneLine(value))
	if code := text.Check(clean, longest); code != "" {
		f.refuse(field, code)
		clean = strings.TrimSpace(string([]rune(clean)[:longest]))
	}
	return clean
}

func (f *fitter) phones(list []Phone) []Phone {
	out := make([]Phone, 0, len(list))
	for i, p := range list {
		typed := text.Tidy(p.Value)
		p.Kind = f.text(fmt.Sprintf("phones.%d.kind", i), strings.ToLower(p.Kind), maxPhoneKind)
		switch code := text.Check(typed, maxPhone); {
		case typed == "" || slices.ContainsFunc(out, func(had Phone) bool { return had.Value == typed }):
		case code != "":
			f.refuse(fmt.Sprintf("phones.%d.value", i), code)
		case len(out) == maxPhones:
			f.refuse("phones", "too_many")
			return out
		default:
			p.Value = typed
			out = append(out, p)
		}
	}
	return out
}

func (f *fitter) emails(list []string) []string {
	out := make([]string, 0, len(list))
	for i, address := range list {
		address = text.Tidy(address)
		a := &act{Act: &journal.Act{}}
		if a.emails("e", []string{address}); address != "" && a.Wrong != nil {
			f.refuse(fmt.Sprintf("emails.%d", i), a.Wrong.Fields[0].Code)
			continue
		}
		if address == "" || slices.ContainsFunc(out, func(had string) bool { return strings.EqualFold(had, address) }) {
			continue
		}
		if len(out) == maxEmails {
			f.refuse("emails", "too_many")
			break
		}
		out = append(out, address)
	}
	return out
}
