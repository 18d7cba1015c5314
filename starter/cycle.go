package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// cycleName is the argument CYCLE.
type cycleName string

var (
	cycleShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}/[0-9]{4}(/evaluation)?$`)
	codeShape  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)
)

// UnmarshalText takes AUTHORITY/YEAR, or AUTHORITY/YEAR/evaluation.
func (c *cycleName) UnmarshalText(text []byte) error {
	if !cycleShape.Match(text) {
		return fmt.Errorf("%q names no cycle: want AUTHORITY/YEAR, such as pingliang/2027, or AUTHORITY/YEAR/evaluation", text)
	}
	*c = cycleName(text)
	return nil
}

// pick is how a command names its cycle.
type pick struct {
	Cycle     cycleName `arg:"" help:"AUTHORITY/YEAR, such as pingliang/2027; its social evaluation is AUTHORITY/YEAR/evaluation."`
	Rehearsal *int      `placeholder:"N" help:"The rehearsal of that number, 0 for the real cycle (default: the real cycle, else the newest rehearsal)."`
}

// Validate is called by kong.
func (p pick) Validate() error {
	if p.Rehearsal != nil && *p.Rehearsal < 0 {
		return errors.New("--rehearsal is a number from 0 on")
	}
	return nil
}

// cycleID is the id of a cycle, by which those of one name are told apart.
type cycleID int64

// UnmarshalText takes a number.
func (i *cycleID) UnmarshalText(text []byte) error {
	number, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || number < 1 {
		return fmt.Errorf("%q is no id: status lists those of the cancelled cycles", text)
	}
	*i = cycleID(number)
	return nil
}

// pickKept also names a cancelled cycle, whose year may have been imported again: it can still be read.
type pickKept struct {
	pick
	ID cycleID `name:"id" placeholder:"ID" help:"The cycle of that id, as status lists the cancelled ones."`
}

// Validate is called by kong.
func (p pickKept) Validate() error {
	if p.ID != 0 && p.Rehearsal != nil {
		return errors.New("--id and --rehearsal exclude each other")
	}
	return p.pick.Validate()
}

func (p pickKept) find(ctx context.Context, office *office.Office) (query.Cycle, error) {
	if p.ID == 0 {
		return p.pick.find(ctx, office)
	}
	return office.FindByID(ctx, string(p.Cycle), int64(p.ID))
}

func (p pick) find(ctx context.Context, office *office.Office) (query.Cycle, error) {
	rehearsal := -1
	if p.Rehearsal != nil {
		rehearsal = *p.Rehearsal
	}
	return office.Find(ctx, string(p.Cycle), rehearsal)
}

// reading opens an office that only reads: PostgreSQL is enough for it.
func (s *session) reading() (*office.Office, error) {
	complete, err := s.settings()
	if err != nil {
		return nil, err
	}
	library, err := settings.Rules("")
	if err != nil {
		return nil, err
	}
	data, err := complete.OpenStore(s)
	if err != nil {
		return nil, err
	}
	return &office.Office{Store: data, Rules: library}, nil
}

// read finds the cycle and hands it to do.
func (p pickKept) read(s *session, do func(*office.Office, query.Cycle) error) error {
	office, err := s.reading()
	if err != nil {
		return err
	}
	cycle, err := p.find(s, office)
	if err == nil {
		err = do(office, cycle)
	}
	return errors.Join(err, office.Store.Close())
}

// actor is who acts on a cycle.
type actor struct {
	pick
	As string `placeholder:"LOGIN" help:"The administrator who acts (default: the cycle's first one)."`
}

// act seats the administrator and lets him act.
func (a actor) act(s *session, do func(*office.Desk) error) error {
	complete, err := s.settings()
	if err != nil {
		return err
	}
	office, err := complete.OpenOffice(s, s.log)
	if err != nil {
		return err
	}
	desk, err := a.desk(s, office)
	if err == nil {
		err = do(desk)
	}
	return errors.Join(err, settings.CloseOffice(office))
}

func (a actor) desk(ctx context.Context, office *office.Office) (*office.Desk, error) {
	cycle, err := a.find(ctx, office)
	if err != nil {
		return nil, err
	}
	if a.As != "" {
		return office.Desk(ctx, cycle, a.As)
	}
	return office.AdminDesk(ctx, cycle)
}

// confirmation is how long an act that nobody confirms is sent again.
const (
	confirmation      = time.Minute
	confirmationPause = time.Second
)

// confirm makes one act, under one id however often it has to be sent.
func (s *session) confirm(act func(id string) error) error {
	id := "starter-" + rand.Text()
	deadline := time.Now().Add(confirmation)
	for {
		err := act(id)
		if store.KindOf(err) != store.Unavailable || s.Err() != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not confirmed within %s; it may still be done: see starter journal, and starter doctor: %w", confirmation, err)
		}
		s.progress("not yet confirmed: asking again")
		select {
		case <-s.Done():
			return err
		case <-time.After(confirmationPause):
		}
	}
}
