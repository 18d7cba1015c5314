package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/starter/local"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

type demoCommand struct {
	Pace     *time.Duration `help:"Real time of one day of the year (default: 1s, more from 120 units on)." placeholder:"1s"`
	Exit     bool           `help:"End when the cycle closes, instead of keeping the servers up."`
	Data     string         `help:"Play this data set instead of the built-in one." type:"existingdir" placeholder:"DIR"`
	Journal  string         `help:"Write the journal here, as JSON lines." placeholder:"FILE"`
	Book     string         `help:"Write the book here." placeholder:"FILE"`
	Mails    string         `help:"Keep every mail here, as a file each; without it they go when the demo ends." placeholder:"DIR"`
	Logins   string         `help:"Write every person's login and password here, as JSON; only you can read the file." placeholder:"FILE"`
	NoWorker bool           `name:"no-worker" help:"Start no worker: rely on workers that run elsewhere with the same settings."`
}

// Help tells what a newcomer sees.
func (demoCommand) Help() string {
	return `Plays a whole assessment year in rehearsal: real dates, holidays and reminders, a day a second, with simulated
people who act as people do. Servers that no setting names are started for it. It ends with the table of results
and a login for each role; the passwords are this rehearsal's alone. Ctrl-C removes the servers and all that is in them.`
}

// Validate is called by kong. A file that can't be written is not found out after a whole year.
func (d demoCommand) Validate() error {
	if d.Pace != nil && *d.Pace <= 0 {
		return fmt.Errorf("--pace %s: a day takes some time, such as 1s", *d.Pace)
	}
	var errs []error
	for _, file := range [][2]string{{"--journal", d.Journal}, {"--book", d.Book}, {"--logins", d.Logins}} {
		if err := writable(file[1]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file[0], err))
		}
	}
	return errors.Join(errs...)
}

// writable tells whether a file can be written, and leaves everything as it is. What is no file, such as a pipe, is not
// opened: somebody may wait at its other end.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case name == "" || err == nil && !info.Mode().IsRegular() && !info.IsDir():
		return nil
	case err == nil:
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return file.Close()
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(name))
}

// Run plays the year.
func (d *demoCommand) Run(s *session) error {
	lib, err := settings.Rules("")
	if err != nil {
		return err
	}
	published, err := d.published(s)
	if err != nil {
		return err
	}
	options := playOptions{
		Data: d.Data, Journal: d.Journal, Book: d.Book, Logins: d.Logins, Out: s.out, Terminal: s.terminal, Log: s.log,
	}
	if d.Pace != nil {
		options.Pace = *d.Pace
	}
	play, err := newPlay(options, lib, published...)
	if err != nil {
		return err
	}
	if d.Mails != "" && s.given.SMTPURL != "" {
		return fmt.Errorf("--mails %s: the mails go to the server that SMTP_URL names", d.Mails)
	}
	server, err := s.given.MailServer()
	if err == nil {
		err = server.CheckRehearsal()
	}
	if err != nil {
		return err
	}
	// Simulated people cast thousands of ballots from one address, and compute nothing for it.
	given := s.given
	given.PublicRate, given.PublicWork = cmp.Or(given.PublicRate, "off"), cmp.Or(given.PublicWork, "0")
	servers, err := local.Open(s, local.Options{
		Settings: given, Dir: settings.Dir, WithWorker: !d.NoWorker, RefuseAddresses: play.refusedAddresses(), Mails: d.Mails, Log: s.log, Progress: s.progress,
	})
	if err != nil {
		return err
	}
	if !d.NoWorker || s.given.PortalURL != "" {
		play.Portal = servers.Settings.PortalURL
	}
	if !d.NoWorker || s.given.PublicURL != "" {
		play.Public = servers.Settings.PublicURL
	}
	err = d.play(s, play, servers)
	return errors.Join(err, servers.Close())
}

// published are the holidays of a database that a setting names; one that is not of this version yet has none to add.
func (d *demoCommand) published(s *session) ([]calendar.Holiday, error) {
	if s.given.DatabaseURL == "" {
		return nil, nil
	}
	data, err := s.given.OpenStore(s)
	if err != nil {
		return nil, err
	}
	var holidays []calendar.Holiday
	has, knows, err := data.Versions(s)
	if err == nil && has == knows {
		holidays, err = data.Holidays(s)
	}
	return holidays, errors.Join(err, data.Close())
}

func (d *demoCommand) play(s *session, play *play, servers *local.Servers) error {
	cycle, err := play.run(s, servers.Office)
	if err != nil {
		return err
	}
	kept := "its mails go with it: --mails DIR keeps them"
	if d.Mails != "" {
		kept = "its mails stay in " + d.Mails
	}
	if d.Exit {
		if servers.Inbox != nil {
			_, err = fmt.Fprintf(s.out, "the demo ends; %s\n", kept)
		}
		return err
	}
	if err := writeNext(s, play, servers, cycle, kept); err != nil {
		return err
	}
	<-s.Done()
	return nil
}

// writeNext tells where to look while the demo runs, and what becomes of it afterwards.
func writeNext(s *session, play *play, servers *local.Servers, cycle query.Cycle, kept string) error {
	name := store.CycleName(cycle) + reach(s.given, settings.Dir, servers.Settings)
	var next strings.Builder
	fmt.Fprintf(&next, `
Where to look next, while this runs:
  bin/starter status  %[1]s      where the year stands
  bin/starter journal %[1]s      what happened, line by line
`, name)
	for _, place := range [][2]string{
		{play.Portal, "the portal: sign in with one of the logins above"},
		{play.publicPage(cycle), "the public's page of the social evaluation"},
		{servers.MailFolder(), "every mail that was sent"},
		{servers.TemporalUI, "Temporal's view of the workflows"},
	} {
		if place[0] != "" {
			fmt.Fprintf(&next, "  %-34s %s\n", place[0], place[1])
		}
	}
	next.WriteString(`
A real year: bin/starter up, then import --data DIR, then start AUTHORITY/YEAR (README.md).
Ctrl-C ends the demo and removes its servers`)
	if servers.Inbox != nil {
		next.WriteString("; " + kept)
	}
	_, err := io.WriteString(s.out, next.String()+".\n")
	return err
}

// reach is what other commands in this folder need to be told to find the demo's database: nothing, unless they find
// other servers first, such as those of `up`. The address has a password in it, which is worth as much as the demo.
func reach(given settings.Settings, dir string, demo settings.Settings) string {
	found, err := given.Discover(dir)
	if err != nil || found.DatabaseURL == demo.DatabaseURL {
		return "" // what can't be read there fails by its own name
	}
	return " --database-url '" + demo.DatabaseURL + "'"
}
