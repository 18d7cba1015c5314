package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
)

type startCommand struct{ actor }

// startPatience is how long a worker may take to claim the year.
const startPatience = time.Minute

// Help tells more than the line in the list of commands.
func (startCommand) Help() string {
	return "The scheme is frozen from then on. Notices leave at 09:00 on dates.notice, a social evaluation is announced at 09:00 on dates.publish; a date already past refuses the start, except in a rehearsal. A worker must be running."
}

// Run starts the year.
func (c *startCommand) Run(s *session) error {
	return c.act(s, func(desk *office.Desk) error {
		ctx, cancel := context.WithTimeout(s, startPatience)
		defer cancel()
		if err := desk.Start(ctx, time.Now()); err != nil {
			if ctx.Err() != nil && s.Err() == nil {
				return fmt.Errorf("no worker took the start within %s; it begins when one does (see starter doctor): %w", startPatience, err)
			}
			return err
		}
		set, err := desk.Store.DataSet(s, desk.Cycle)
		if err != nil {
			return err
		}
		first := "notices leave at 09:00 on " + string(set.Plan.Scheme.Dates.Notice)
		if set.Evaluation != nil {
			first = "it is announced at 09:00 on " + string(set.Evaluation.Dates.Publish)
		}
		_, err = fmt.Fprintf(s.out, "%s is started: %s\n", store.CycleName(desk.Cycle), first)
		return err
	})
}

type cancelCommand struct {
	actor
	Reason string `required:"" placeholder:"TEXT" help:"Why; it stands in the mails to the units and in the journal."`
}

// Run cancels the year.
func (c *cancelCommand) Run(s *session) error {
	return c.act(s, func(desk *office.Desk) error {
		if err := s.confirm(func(id string) error { return desk.Cancel(s, id, c.Reason) }); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "%s is cancelled, and the year is free again\n", store.CycleName(desk.Cycle))
		return err
	})
}

type remindCommand struct {
	actor
	Units []string `arg:"" optional:"" name:"unit" help:"Codes of units (default: all that owe something)."`
}

// Run reminds by hand.
func (c *remindCommand) Run(s *session) error {
	return c.act(s, func(desk *office.Desk) error {
		done := "0 mails queued"
		err := s.confirm(func(id string) error {
			result, err := desk.Remind(s, id, c.Units...)
			done = counted(result.Queued, "mail") + " queued"
			if already := len(result.Reminded); already > 0 {
				done += "; " + counted(already, "unit") + " had one today already"
			}
			return err
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(s.out, done)
		return err
	})
}

// counted is a number of things, in one word's singular or plural.
func counted(number int, thing string) string {
	if number != 1 {
		thing += "s"
	}
	return strconv.Itoa(number) + " " + thing
}

type extendCommand struct {
	actor
	Units  []string      `arg:"" optional:"" name:"unit" help:"Codes of units (default: the date moves for all)."`
	Phase  string        `required:"" enum:"self_report,review,approval,rectification,publish,open,close,results" placeholder:"PHASE" help:"Whose date moves: self_report, review, approval or rectification; in a social evaluation publish, open, close or results. Those of an evaluation, and approval, have one date for all."`
	To     calendar.Date `required:"" placeholder:"DATE" help:"The new last day, such as 2027-12-17."`
	Reason string        `required:"" placeholder:"TEXT" help:"Why; it stands in the mails to the units and in the journal."`
}

// Run moves the date.
func (c *extendCommand) Run(s *session) error {
	return c.act(s, func(desk *office.Desk) error {
		if len(c.Units) == 0 {
			return s.tell("all units", c.Phase+" is due on "+c.To.String(),
				func(id string) error { return desk.MoveDate(s, id, c.Phase, c.To, c.Reason) })
		}
		return s.each(c.Units, c.Phase+" is due on "+c.To.String(), func(unit, id string) error {
			return desk.Extend(s, id, unit, c.Phase, c.To, c.Reason)
		})
	})
}

type returnCommand struct {
	actor
	Units  []string      `arg:"" optional:"" name:"unit" help:"Codes of units: no report is returned unnamed."`
	To     calendar.Date `required:"" placeholder:"DATE" help:"Until when the corrected report is due, such as 2027-12-17."`
	Reason string        `required:"" placeholder:"TEXT" help:"What is to be corrected; it stands in the mail to the unit."`
}

// Run returns the reports.
func (c *returnCommand) Run(s *session) error {
	// Who reminds without a name reminds whoever owes something; a report goes back for what is wrong with it (A8(5)).
	if len(c.Units) == 0 {
		return office.Refuse("name the units whose reports are to be corrected: none is returned unnamed")
	}
	return c.act(s, func(desk *office.Desk) error {
		return s.each(c.Units, "the self-report is returned until "+c.To.String(), func(unit, id string) error {
			return desk.ReturnReport(s, id, unit, c.To, c.Reason)
		})
	})
}

type retryCommand struct {
	actor
	Task string `arg:"" help:"Key of the task, stuck/STEP/WORKFLOW, as status CYCLE and doctor list it."`
}

// Run has the step taken again.
func (c *retryCommand) Run(s *session) error {
	return c.act(s, func(desk *office.Desk) error {
		return s.tell(c.Task, "taken again", func(id string) error { return desk.RetryStep(s, id, c.Task) })
	})
}

type addressCommand struct {
	actor
	Whose string `arg:"" name:"unit-or-login" help:"Code of a unit, or a person's login."`
	Email string `arg:"" help:"The address that is right."`
}

// Run changes the address.
func (c *addressCommand) Run(s *session) error {
	return c.act(s, func(desk *office.Desk) error {
		return s.tell(c.Whose, "mail goes to "+c.Email, func(id string) error { return desk.ChangeAddress(s, id, c.Whose, c.Email) })
	})
}

// each makes one act a unit. One that is refused keeps no other from being made.
func (s *session) each(units []string, done string, act func(unit, id string) error) error {
	var errs []error
	for _, unit := range units {
		errs = append(errs, s.tell(unit, done, func(id string) error { return act(unit, id) }))
	}
	return errors.Join(errs...)
}

func (s *session) tell(whom, done string, act func(id string) error) error {
	if err := s.confirm(act); err != nil {
		return fmt.Errorf("%s: %w", whom, err)
	}
	_, err := fmt.Fprintf(s.out, "%s: %s\n", whom, done)
	return err
}
