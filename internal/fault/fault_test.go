package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestOf(t *testing.T) {
	if Of(nil) != nil {
		t.Error("no error must give no fault")
	}
	wrapped := fmt.Errorf("while reading: %w", Missing("company"))
	if got := Of(wrapped); got.Kind != KindMissing || got.Args["what"] != "company" {
		t.Errorf("a fault must be found through wrapping, got %v", got)
	}
	foreign := Of(io.ErrUnexpectedEOF)
	if foreign.Kind != KindInternal || !errors.Is(foreign, io.ErrUnexpectedEOF) {
		t.Errorf("a foreign error must become internal and keep its cause, got %v", foreign)
	}
}

func TestGatheringFields(t *testing.T) {
	var none *Error
	if none.OrNil() != nil {
		t.Error("nothing gathered must be a true nil")
	}
	e := none.And("name", "required").And("owner_id", "unknown")
	if !Is(e.OrNil(), KindInvalid) || len(e.Fields) != 2 || e.Fields[1].Field != "owner_id" {
		t.Errorf("both fields must be gathered, got %v", e)
	}
	if want := "invalid_input; name: required; owner_id: unknown"; e.Error() != want {
		t.Errorf("line for the log = %q, want %q", e.Error(), want)
	}
}
