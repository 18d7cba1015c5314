package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kaoping/kaoping/mail"
)

// What of an act is wrong usage is told before any server is asked. These are called by kong, which says afterwards what
// is missing.

// Validate wants a reason.
func (c cancelCommand) Validate() error { return errors.Join(c.pick.Validate(), why(c.Reason)) }

// Validate wants a reason.
func (c extendCommand) Validate() error { return errors.Join(c.pick.Validate(), why(c.Reason)) }

// Validate wants a reason.
func (c returnCommand) Validate() error { return errors.Join(c.pick.Validate(), why(c.Reason)) }

func why(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return errors.New("--reason: say why")
	}
	return nil
}

// Validate wants an address.
func (c addressCommand) Validate() error {
	err := c.pick.Validate()
	if wrong := mail.CheckAddress(c.Email); c.Email != "" && wrong != nil {
		err = errors.Join(err, fmt.Errorf("EMAIL: %w", wrong))
	}
	return err
}
