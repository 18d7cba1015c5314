package service

import (
	"os"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/mail"
)

// openInbox gives rehearsals an inbox of this worker's own where the mail server is not on this machine. It takes every
// mail, sends none on and keeps none: what was said to whom stands on the ledger.
func (s *Service) openInbox() (err error) {
	if s.sender.Server().CheckRehearsal() == nil {
		s.rehearsing = s.sender
		return nil
	}
	if s.inbox, err = devstack.StartInbox(devstack.Settings{Dir: os.TempDir(), Log: s.log}, devstack.InboxOptions{Forget: true}); err != nil {
		return err
	}
	s.rehearsing, err = mail.NewSender(mail.SenderConfig{URL: s.inbox.URL(), Connections: Connections})
	return err
}

func (s *Service) closeInbox() error {
	if s.inbox == nil {
		return nil
	}
	if s.rehearsing != nil {
		s.rehearsing.Close()
	}
	return s.inbox.Close()
}
