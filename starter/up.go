package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/starter/local"
)

type upCommand struct{}

// Help tells more than the line in the list of commands.
func (upCommand) Help() string {
	return "Servers that a setting names are used, the others are started. Their state is kept under .kaoping in this folder, where other commands find their addresses. The inbox takes every mail and sends none on."
}

// Run keeps everything running until Ctrl-C.
func (*upCommand) Run(s *session) error {
	servers, err := local.Open(s, local.Options{
		Settings: s.given, Dir: settings.Dir, Keep: true, WithWorker: true, Log: s.log, Progress: s.progress,
	})
	if err != nil {
		return stopped(s, err)
	}
	err = writeAddresses(s.out, servers)
	if err == nil {
		_, err = fmt.Fprintf(s.out, "\nOther commands in this folder find them. Ctrl-C ends them; the state stays in %s.\n", servers.Dir)
	}
	if err == nil {
		<-s.Done()
		s.progress("stopping")
	}
	return errors.Join(err, servers.Close())
}

// stopped is nil for an error that only says that somebody pressed Ctrl-C.
func stopped(s *session, err error) error {
	if s.Err() == nil {
		return err
	}
	return nil
}

// writeAddresses shows where everything is, without passwords.
func writeAddresses(out io.Writer, servers *local.Servers) error {
	lines := [][2]string{
		{"PostgreSQL", withoutPassword(servers.Settings.DatabaseURL)},
		{"Temporal", servers.Settings.TemporalAddress},
		{"Temporal's pages", servers.TemporalUI},
		{"mail server", withoutPassword(servers.Settings.SMTPURL)},
		{"evidence", servers.Settings.EvidenceURL},
		{"portal", servers.Settings.PortalURL},
		{"public pages", servers.Settings.PublicURL},
		{"health, metrics", servers.Settings.OperationsURL()},
		{"worker's log", servers.WorkerLog},
		{"mails as files", servers.MailFolder()},
	}
	for _, line := range lines {
		if line[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(out, "%-17s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	return nil
}

func withoutPassword(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return parsed.Redacted()
}
