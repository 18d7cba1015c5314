package main

import (
	"errors"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

const (
	failed   = 1
	badInput = 2
)

// exitCodes says how a command ends, by the kind of what the office or the store answered.
var exitCodes = map[store.Kind]int{
	store.Internal: failed, store.NotFound: failed, store.Refused: failed, store.Conflict: failed, store.Forbidden: failed,
	store.Unavailable: failed,
}

// exitCode is 2 for what was wrong in a file that was given, else that of the error's kind.
func exitCode(err error) int {
	var faults rules.Faults
	var missing missingError
	if errors.As(err, &faults) || errors.As(err, &missing) || errors.Is(err, rules.ErrNoResults) {
		return badInput
	}
	return exitCodes[store.KindOf(err)]
}
