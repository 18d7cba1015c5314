package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for want, errs := range map[int][]error{
		2: {rules.Faults{{Path: "units", Text: "there are none"}}, fmt.Errorf("couldn't import: %w", rules.Faults{{}}), rules.ErrNoResults},
		1: {
			store.Refuse("too late"), store.Missing("no cycle"), store.Forbid("not for you"), errors.New("odd"),
			rules.Differences{{}},
			&store.Error{Kind: store.Conflict}, &store.Error{Kind: store.Unavailable}, &store.Error{Kind: store.Internal},
		},
	} {
		for _, err := range errs {
			if got := exitCode(err); got != want {
				t.Errorf("%v ends with %d, want %d", err, got, want)
			}
		}
	}
}
