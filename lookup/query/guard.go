package query

import (
	"slices"
	"strings"
)

// checkReadOnly refuses a query that is not one SELECT, or has a word by which it could write, lock, wait or reach out
// of the database.
func checkReadOnly(tokens []token) error {
	code := withoutBlanks(tokens)
	if len(code) == 0 {
		return refuse("required", "")
	}
	if first := strings.ToUpper(code[0].text); code[0].kind != isWord || first != "SELECT" && first != "WITH" {
		return refuse("not_a_select", code[0].text)
	}
	for i, t := range code {
		if t.kind == isEnd && i < len(code)-1 {
			return refuse("several_statements", ";")
		}
		if t.kind == isQuoted && isCalled(code, i) { // a function whose name hides in quotes
			return refuse("could_write", t.text)
		}
		if t.kind != isWord || i > 0 && code[i-1].text == "." { // a column of a table: c.lock
			if i > 0 && code[i-1].text == "." && isCalled(code, i) && writes(t.text) {
				return refuse("could_write", t.text)
			}
			continue
		}
		if isRefused(code, i) {
			return refuse("could_write", t.text)
		}
	}
	return nil
}

func withoutBlanks(tokens []token) (code []token) {
	for _, t := range tokens {
		if t.kind != isComment && strings.TrimSpace(t.text) != "" {
			code = append(code, t)
		}
	}
	return code
}

// isRefused reports whether the word at a place could make the query more than reading.
func isRefused(code []token, at int) bool {
	word := strings.ToUpper(code[at].text)
	called := isCalled(code, at)
	switch word {
	case "REPLACE", "INSERT", "TRUNCATE": // functions of texts and numbers, and statements
		return !called
	case "FOR": // FOR UPDATE and the like lock rows; FOR XML and FOR JSON do not, nor does substring(a FOR 3)
		return at+1 < len(code) && slices.Contains(locks, strings.ToUpper(code[at+1].text))
	}
	return slices.Contains(statements, word) || called && writes(word)
}

// isCalled reports whether a bracket follows a word.
func isCalled(code []token, at int) bool { return at+1 < len(code) && code[at+1].text == "(" }

// locks follow FOR where rows are locked.
var locks = []string{"UPDATE", "SHARE", "NO", "KEY"}

// statements are words of statements and clauses that do more than read. A server that takes several statements without
// a semicolon between them makes each of them dangerous anywhere.
var statements = strings.Fields(`
	UPDATE DELETE MERGE UPSERT CREATE ALTER DROP RENAME GRANT REVOKE DENY INTO OUTFILE DUMPFILE
	EXEC EXECUTE CALL DO DECLARE SET BEGIN COMMIT ROLLBACK SAVEPOINT LOCK UNLOCK
	COPY VACUUM ATTACH DETACH PRAGMA REINDEX LOAD HANDLER KILL SHUTDOWN RECONFIGURE DBCC BACKUP RESTORE BULK
	OPENROWSET OPENQUERY OPENDATASOURCE OPENXML WAITFOR LISTEN NOTIFY PREPARE DEALLOCATE RECEIVE SEND USE
	PROCEDURE WRITETEXT UPDATETEXT`)

// functions write, wait, lock or leave the database.
var functions = strings.Fields(`
	nextval setval set_config lo_import lo_export lo_create lo_unlink lo_put lo_from_bytea dblink dblink_exec
	dblink_connect query_to_xml database_to_xml table_to_xml txid_current
	sleep benchmark get_lock release_lock release_all_locks load_file last_insert_id master_pos_wait
	load_extension readfile writefile edit fts3_tokenizer lastval sys_exec sys_eval`)

// writes reports whether a function is one of those, or of a family of them: pg_sleep, pg_advisory_lock, xp_cmdshell.
func writes(function string) bool {
	function = strings.ToLower(function)
	for _, family := range []string{"pg_", "xp_", "sp_", "dblink", "lo_"} {
		if strings.HasPrefix(function, family) {
			return true
		}
	}
	return slices.Contains(functions, function)
}
