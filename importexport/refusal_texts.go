package importexport

import "strings"

// sentences explain the codes of refused rows to the person who repairs the file.
var sentences = map[string]string{
	"required":       "A value is required.",
	"too_long":       "The text is too long.",
	"too_many":       "There are too many of them.",
	"malformed":      "The text has the wrong form or contains control characters such as NUL.",
	"not_an_email":   "This is not an e-mail address.",
	"not_a_date":     "This is not a date. Use 2026-03-12, 12.03.2026 or a time in RFC 3339.",
	"in_the_future":  "The date is in the future.",
	"unknown":        "There is no such record.",
	"unknown_owner":  "No user has this login, name, extension or e-mail.",
	"several_owners": "Several users have this name; use the login instead.",
	"unknown_status": "The status directory has no active status with this code or name.",
	"unknown_stage":  "This is no stage of a lead.",
	"unknown_company": "No company has this name or code. Import the companies first, or leave the column " +
		"out (--map COLUMN=-).",
	"several_companies": "Several companies have this name; use the code instead.",
	"unknown_contact":   "No contact has this code. Import the contacts first.",
	"unknown_role":      "The roles are agent, supervisor, admin, service and display.",
	"unknown_language":  "The languages are ru and en.",
	"convert_instead":   "A lead cannot be set to converted; convert it instead.",
	"quote_not_closed":  "A quotation mark is never closed.",
	"row_too_long":      "The line is too long.",
	"too_many_cells":    "The row has more cells than the header has columns.",
	"not_in_charset": "The cell has bytes that are no character of the file's charset; the rest of the row was " +
		"imported. Name the charset with --charset if many rows have them.",
	"phone_not_read":          "This part of the cell is no number that can be read; the rest of the row was imported.",
	"card_not_readable":       "This card does not follow the vCard format.",
	"stale_version":           "The record was changed at the same time. Import the file again.",
	"status_change_forbidden": "Only the head of the company's owner and admins may set this status.",
	"owner_change_forbidden": "The company is protected: only the head of its owner and admins may change the " +
		"owner.",
	"team_change_forbidden": "The company is protected: only its owner, the owner's head and admins may change " +
		"its team.",
	"number_change_forbidden": "The company is protected: only its owner and team, the owner's head and admins may " +
		"add a number.",
	"number_removal_forbidden":  "The company is protected: only the head of its owner and admins may remove a number.",
	"login_taken":               "Another user has this login.",
	"identity_taken":            "Another user has this extension.",
	"last_admin":                "At least one active admin must remain.",
	"since_forbidden":           "Only admins may set the date of a link.",
	"already_converted":         "The lead was converted and cannot be changed.",
	"role_missing":              "Only admins may do this.",
	"department_id_unknown":     "There is no such department.",
	"code_of_another_record":    "Another record has this code.",
	"several_records_may_be_it": "Several records have this name and one of these numbers.",
}

// sentence returns the text for a code; an unknown code is spelled out.
func sentence(code string) string {
	if s, found := sentences[code]; found {
		return s
	}
	return strings.ToUpper(code[:1]) + strings.ReplaceAll(code[1:], "_", " ") + "."
}
