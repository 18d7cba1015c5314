package main

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/office"
)

type inviteCommand struct {
	Authority string `arg:"" help:"Code of the authority, such as pingliang."`
	Login     string `arg:"" help:"Login of its administrator."`
	Email     string `required:"" placeholder:"ADDRESS" help:"His e-mail address, for a new password later."`
	Password  bool   `help:"Print an initial password instead of a link, where no link can be opened; it must be changed at the first login."`
}

// Help tells more than the line in the list of commands.
func (inviteCommand) Help() string {
	return `The administrator may import and start years of the authority, and invites everybody else in the portal. The link
sets his password; it works once, for seven days, and is shown only here: hand it over as you would a password. Called
again it makes a new link, and the old one ends.`
}

// Validate is called by kong, before it says what is missing.
func (c *inviteCommand) Validate() error {
	var faults []error
	for _, code := range [][2]string{{"AUTHORITY", c.Authority}, {"LOGIN", c.Login}} {
		if code[1] != "" && !codeShape.MatchString(code[1]) {
			faults = append(faults, fmt.Errorf("%s %q: want 1 to 32 letters, digits or . _ -", code[0], code[1]))
		}
	}
	if err := mail.CheckAddress(c.Email); c.Email != "" && err != nil {
		faults = append(faults, fmt.Errorf("--email: %w", err))
	}
	return errors.Join(faults...)
}

// Run makes the account.
func (c *inviteCommand) Run(s *session) error {
	complete, err := s.settings()
	if err != nil {
		return err
	}
	office, err := s.reading()
	if err != nil {
		return err
	}
	return errors.Join(c.invite(s, office, complete.PortalURL), office.Store.Close())
}

func (c *inviteCommand) invite(s *session, office *office.Office, portal string) error {
	if c.Password {
		password, err := office.GivePassword(s, c.Authority, c.Login, c.Email)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(s.out, password)
		return err
	}
	token, err := office.Invite(s, nil, c.Authority, c.Login, c.Email, true)
	if err != nil {
		return err
	}
	link, err := url.JoinPath(portal, "invitations", token)
	if err != nil {
		return fmt.Errorf("couldn't make the link: %w", err)
	}
	_, err = fmt.Fprintln(s.out, link)
	return err
}
