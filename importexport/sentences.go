package importexport

import "strings"

// sentences say what the codes of refused rows mean, to whoever repairs a file.
var sentences = map[string]string{
	"required":                  "This must be filled in.",
	"too_long":                  "The text is too long.",
	"too_many":                  "There are too many of them.",
	"malformed":                 "The text holds characters that no text has, such as NUL, or has the wrong form.",
	"not_an_email":              "This is no e-mail address.",
	"not_a_date":                "This is no date: 2026-03-12, 12.03.2026 or a time in RFC 3339 is wanted.",
	"in_the_future":             "This date lies in the future.",
	"unknown":                   "There is no such record.",
	"unknown_owner":             "None of the users has this login, name, extension or e-mail.",
	"several_owners":            "Several users have this name: put the login instead.",
	"unknown_status":            "The status directory has no active entry of this code or name.",
	"unknown_company":           "No company has this name or code: import the companies first, or leave the column out (--map COLUMN=-).",
	"several_companies":         "Several companies have this name: put the code instead.",
	"unknown_contact":           "No contact has this code: import the contacts first.",
	"unknown_role":              "The roles are agent, supervisor, admin, service and display.",
	"unknown_language":          "The languages are ru and en.",
	"convert_instead":           "A lead becomes converted only by being converted.",
	"quote_not_closed":          "A quotation mark begins a cell and nobody closes it.",
	"row_too_long":              "The line is too long to be a row.",
	"too_many_cells":            "The row has more cells than the header has columns.",
	"card_not_readable":         "This card does not follow the vCard format.",
	"stale_version":             "The record changed at the same moment: import the file once more.",
	"status_change_forbidden":   "Only the head of the company's owner and admins may give it this status.",
	"owner_change_forbidden":    "The company is protected: only the head of its owner and admins may give it another owner.",
	"team_change_forbidden":     "The company is protected: only its owner, his head and admins may change who helps him.",
	"number_change_forbidden":   "The company is protected: only its owner, those who help him, his head and admins may put a number on it.",
	"number_removal_forbidden":  "The company is protected: only the head of its owner and admins may take a number off it.",
	"login_taken":               "Another user has this login.",
	"identity_taken":            "Another user has this extension.",
	"last_admin":                "Nobody would be left who can administer.",
	"since_forbidden":           "Only admins may say how old a link is.",
	"already_converted":         "The lead was converted: it stays as it is.",
	"role_missing":              "Only admins may do this.",
	"department_id_unknown":     "There is no such department.",
	"code_of_another_record":    "Another record has this code.",
	"several_records_may_be_it": "Several records have this name and one of these numbers.",
}

// sentence puts a code into words; one of another room that nobody has put here
// is its own words.
func sentence(code string) string {
	if s, found := sentences[code]; found {
		return s
	}
	return strings.ToUpper(code[:1]) + strings.ReplaceAll(code[1:], "_", " ") + "."
}
