package bitrix24

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// How many spellings findbycomm accepts, and how many records of a kind it returns.
const (
	maxValues = 20
	maxFound  = 20
)

var extension = regexp.MustCompile(`(?i)(#|;|,|ext|доб|x).*$`)

// normal brings a telephone into the form in which the portal compares: digits
// without the extension, of Russian numbers with the 7.
func normal(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, extension.ReplaceAllString(number, ""))
	switch {
	case len(digits) == 11 && digits[0] == '8':
		return "7" + digits[1:]
	case len(digits) == 10:
		return "7" + digits
	}
	return digits
}

// findByComm is crm.duplicate.findbycomm.
func (p *Portal) findByComm(_ caller, in *array) (result, *refusal) {
	kind, values := in.text("type"), texts(in.get("values"))
	if kind != "PHONE" && kind != "EMAIL" {
		return result{}, refuse(http.StatusBadRequest, "", "Communication type is not defined")
	}
	if len(values) == 0 || len(values) > maxValues {
		return result{}, refuse(http.StatusBadRequest, "", "Communication values is not defined")
	}
	wanted := []string{Lead, Contact, Company}
	if one := in.text("entity_type"); slices.Contains(wanted, one) {
		wanted = []string{one}
	}
	out := object{}
	for _, entity := range wanted {
		ids := p.having(entity, kind, values)
		if len(ids) > 0 {
			out[entity] = ids
		}
		if len(ids) >= maxFound { // the kinds behind it are left out
			break
		}
	}
	return plain(out)
}

func (p *Portal) having(entity, kind string, values []string) (ids []int) {
	same := normal
	if kind == "EMAIL" {
		same = strings.ToLower
	}
	var wanted []string
	for _, value := range values {
		wanted = append(wanted, same(value))
	}
	for _, r := range p.kinds[entity].records {
		of := r.Phones
		if kind == "EMAIL" {
			of = r.Emails
		}
		if slices.ContainsFunc(of, func(m Multi) bool { return slices.Contains(wanted, same(m.Value)) }) {
			if ids = append(ids, r.ID); len(ids) == maxFound {
				break
			}
		}
	}
	return ids
}

// searchEntities is telephony.externalCall.searchCrmEntities.
func (p *Portal) searchEntities(_ caller, in *array) (result, *refusal) {
	number := in.text("PHONE_NUMBER")
	if normal(number) == "" {
		return result{}, invalid("PHONE_NUMBER should be set")
	}
	rows := []map[string]any{}
	for _, entity := range []string{Contact, Company, Lead} {
		for _, id := range p.having(entity, "PHONE", []string{number}) {
			i, _ := p.kinds[entity].at(id)
			r := p.kinds[entity].records[i]
			row := map[string]any{"CRM_ENTITY_TYPE": entity, "CRM_ENTITY_ID": id, "ASSIGNED_BY_ID": r.Owner,
				"NAME": strings.TrimSpace(r.Title + " " + r.Name + " " + r.LastName)}
			if u := p.user(r.Owner); u != nil {
				row["ASSIGNED_BY"] = map[string]any{"ID": strconv.Itoa(u.ID), "TIMEMAN_STATUS": "OPENED",
					"USER_PHONE_INNER": u.Extension, "PERSONAL_MOBILE": u.Mobile}
			}
			rows = append(rows, row)
		}
	}
	return plain(rows)
}
