package store

import (
	"slices"
	"strings"
)

// Where is a condition on the rows of a table; the zero Where holds for all of them.
// Conditions are joined with And and Or. Wheres do not change, so that one may be the
// beginning of several.
type Where struct {
	text string
	args []any
}

// constant is a text of the source: other packages can pass a literal or
// a constant, but nothing that was put together at run time.
type constant string

// Equal holds for rows whose column has the value.
func Equal(column constant, value any) Where { return compare(column, " = ?", value) }

// NotEqual holds for rows whose column has another value.
func NotEqual(column constant, value any) Where { return compare(column, " <> ?", value) }

// Below holds for rows whose column is less than the value.
func Below(column constant, value any) Where { return compare(column, " < ?", value) }

// AtLeast holds for rows whose column is the value or more.
func AtLeast(column constant, value any) Where { return compare(column, " >= ?", value) }

func compare(column constant, operator string, value any) Where {
	return Where{string(column) + operator, []any{value}}
}

// Given is Equal for a filter that may be left out: a zero value holds for all rows.
func Given[T comparable](column constant, value T) Where {
	var none T
	if value == none {
		return Where{}
	}
	return Equal(column, value)
}

// In holds for rows whose column has one of the values; for none of the rows when
// there are no values.
func In[T ~int64 | ~string](column constant, values []T) Where {
	list := make(anyOf, len(values))
	for i, value := range values {
		list[i] = value
	}
	return Where{string(column) + " IN (?)", []any{list}}
}

// NotIn holds for rows whose column has none of the values.
func NotIn[T ~int64 | ~string](column constant, values []T) Where {
	if len(values) == 0 {
		return Where{}
	}
	in := In(column, values)
	return Where{"NOT (" + in.text + ")", in.args}
}

// anyOf is the argument of an `IN (?)`.
type anyOf []any

// Contains holds for rows whose search column, which Fold has written, contains the
// text; for all rows when the text is empty.
func Contains(column constant, text string) Where {
	if text == "" {
		return Where{}
	}
	return Where{string(column) + " LIKE ? ESCAPE '!'", []any{Like(text)}}
}

// Condition is a condition that is written out, with `?` for its arguments.
func Condition(text constant, args ...any) Where { return Where{"(" + string(text) + ")", args} }

// Exists holds where another table has a row that belongs to this one and fits the condition. A zero condition asks for
// nothing, so that rows without any in the other table are there too.
func Exists(table, belongs constant, where Where) Where {
	if where.text == "" {
		return Where{}
	}
	return Where{"EXISTS (SELECT 1 FROM " + string(table) + " WHERE " + string(belongs) + " AND " + where.text + ")",
		where.args}
}

// And holds where all of the conditions do.
func (w Where) And(others ...Where) Where {
	for _, other := range others {
		switch {
		case w.text == "":
			w = other
		case other.text != "":
			w = Where{w.text + " AND " + other.text, slices.Concat(w.args, other.args)}
		}
	}
	return w
}

// Or holds where one of the conditions does; without conditions for none of the rows.
func Or(conditions ...Where) Where {
	texts, args := make([]string, len(conditions)), []any{}
	for i, w := range conditions {
		if texts[i] = w.text; w.text == "" {
			return Where{}
		}
		args = append(args, w.args...)
	}
	if len(conditions) == 0 {
		return Where{"1 = 0", nil}
	}
	return Where{"(" + strings.Join(texts, " OR ") + ")", args}
}

// Of returns the condition with the column in place of every {}: a condition on whose things they are fits any column
// that names a person.
func (w Where) Of(column constant) Where {
	return Where{strings.ReplaceAll(w.text, "{}", string(column)), w.args}
}

// clause returns the condition as a part of a statement.
func (w Where) clause() string {
	if w.text == "" {
		return ""
	}
	return " WHERE " + w.text
}

// Clause returns the condition for a statement that is written out: " WHERE ..." and its arguments, or nothing for the
// zero Where.
func (w Where) Clause() (text string, args []any) { return w.clause(), slices.Clone(w.args) }
