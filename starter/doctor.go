package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

type doctorCommand struct{}

// Help tells more than the line in the list of commands.
func (doctorCommand) Help() string {
	return "Looks at PostgreSQL (schema, the journals' chains), Temporal (search attributes, workers, failing work), the mail server and the evidence store, and whether the database and Temporal agree on what runs. Lines begin with ok, waits or WRONG; exit code 1 if something is wrong."
}

// Run examines everything; what is wrong in one place keeps it from no other.
func (*doctorCommand) Run(s *session) error {
	complete, err := s.settings()
	if err != nil {
		return err
	}
	e := &examination{session: s, complete: complete}
	defer e.close()
	for _, look := range []func(){e.database, e.workflowServer, e.mailServer, e.evidence, e.cycles} {
		look()
	}
	if e.faults > 0 {
		return fmt.Errorf("%s wrong", counted(e.faults, "thing"))
	}
	return nil
}

// examination is one run of the doctor. Servers that do not answer are nil.
type examination struct {
	*session
	complete settings.Settings
	store    *store.Store
	temporal client.Client
	rows     []query.CycleListRow
	faults   int
}

func (e *examination) say(mark, format string, args ...any) {
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")
	_, _ = fmt.Fprintf(e.out, "%-5s  %s\n", mark, text) // the exit code tells the rest
}

func (e *examination) ok(format string, args ...any) { e.say("ok", format, args...) }

// waits is for what is sound and not done yet.
func (e *examination) waits(format string, args ...any) { e.say("waits", format, args...) }

func (e *examination) wrong(format string, args ...any) {
	e.faults++
	e.say("WRONG", format, args...)
}

func (e *examination) close() {
	if e.temporal != nil {
		e.temporal.Close()
	}
	if e.store != nil {
		_ = e.store.Close() // everything was read
	}
}

// database looks at PostgreSQL: is it there, of this version, and is every journal whole?
func (e *examination) database() {
	data, err := e.complete.OpenStore(e)
	if err != nil {
		e.wrong("%s", err)
		return
	}
	has, knows, err := data.Versions(e)
	if err == nil && has < knows {
		err = fmt.Errorf("the schema is of version %d, this program needs %d: run starter migrate", has, knows)
	}
	if err == nil {
		e.rows, err = data.CycleList(e)
	}
	if err != nil {
		e.wrong("PostgreSQL: %s", errors.Join(err, data.Close()))
		return
	}
	e.store = data
	e.ok("PostgreSQL answers, its schema is of version %d", has)
	for _, cycle := range e.rows {
		if err := data.CheckJournal(e, cycle.CycleID); err != nil {
			e.wrong("the journal of %s: %s", rowName(cycle), err)
		} else {
			e.ok("the journal of %s is whole", rowName(cycle))
		}
	}
}

func rowName(cycle query.CycleListRow) string {
	name := store.CycleName(query.Cycle{Authority: cycle.Authority, Year: cycle.Year, Kind: cycle.Kind})
	if cycle.Rehearsal > 0 {
		name += fmt.Sprintf(", rehearsal %d", cycle.Rehearsal)
	}
	if cycle.State == "cancelled" {
		name += ", cancelled" // there may be another one of the same year
	}
	return name
}

func (e *examination) mailServer() {
	if e.complete.SMTPURL == "" {
		e.wrong("SMTP_URL: no server: set it, or run starter up in this folder")
		return
	}
	sender, err := mail.NewSender(mail.SenderConfig{URL: e.complete.SMTPURL, Connections: 1})
	if err == nil {
		defer sender.Close()
		err = sender.Check(e)
	}
	if err != nil {
		e.wrong("SMTP_URL: the mail server: %s", err)
		return
	}
	e.ok("the mail server answers")
}

func (e *examination) evidence() {
	evidence, err := e.complete.OpenEvidence(e)
	if err == nil {
		err = evidence.Close()
	}
	if err != nil {
		e.wrong("%s", err)
		return
	}
	e.ok("the evidence store answers")
}

// cycles looks at each running cycle, what fails and what waits for whom, and at what cancelled ones still have to tell.
func (e *examination) cycles() {
	if e.store == nil {
		return
	}
	for _, row := range e.rows {
		var err error
		switch row.State {
		case "running":
			if e.temporal != nil {
				e.run(row)
			}
			err = errors.Join(e.openTasks(row), e.openMails(row))
		case "cancelled":
			err = e.farewell(row)
		}
		if err != nil {
			e.wrong("%s: %s", rowName(row), err)
		}
	}
	if e.temporal != nil {
		e.strangers()
	}
}

// openTasks counts all, and tells those that wait for an office one by one: units' own can be hundreds.
func (e *examination) openTasks(row query.CycleListRow) error {
	desk := &office.Office{Store: e.store}
	status, err := desk.Status(e, row.CycleID)
	for _, task := range status.Tasks {
		due := ""
		if task.Due != "" {
			due = ", the first due on " + task.Due
		}
		e.waits("%s: %s %s for %s%s", rowName(row), counted(task.Count, "task"), task.Kind, whom(task.Role), due)
	}
	if err != nil {
		return err
	}
	tasks, err := desk.OpenTasks(e, row.CycleID)
	for _, task := range tasks {
		if task.Role != "" {
			e.waits("%s: %s for %s: %s", rowName(row), task.Key, task.Role, strings.Join(particulars(task), ", "))
		}
	}
	return err
}

// whom a task waits for.
func whom(role string) string {
	if role == "" {
		return "the person named"
	}
	return role
}

// particulars are whom a task is about, where to telephone, what happened, and until when.
func particulars(task office.OpenTask) []string {
	var texts []string
	for _, text := range []struct{ before, value string }{
		{"", strings.TrimSpace(task.Unit + " " + task.UnitName)},
		{"", task.Person},
		{"telephone ", task.Telephone},
		{"", task.Detail},
		{"due on ", task.Due},
	} {
		if text.value != "" {
			texts = append(texts, text.before+text.value)
		}
	}
	return texts
}

// openMails shows what is on the ledger, by what the server last said to it.
func (e *examination) openMails(row query.CycleListRow) error {
	mails, err := e.store.MailList(e, query.MailListParams{CycleID: row.CycleID})
	answers, counts := []string{}, map[string]int{}
	for _, mail := range mails {
		if mail.State != "queued" && mail.State != "sending" {
			continue
		}
		if counts[mail.Answer] == 0 {
			answers = append(answers, mail.Answer)
		}
		counts[mail.Answer]++
	}
	slices.Sort(answers)
	for _, answer := range answers {
		said := "not tried yet"
		if answer != "" {
			said = "last answer: " + answer
		}
		e.waits("%s: %s, %s", rowName(row), counted(counts[answer], "mail"), said)
	}
	return err
}
