package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/starter/picture"
)

type statusCommand struct {
	Cycle     cycleName `arg:"" optional:"" help:"AUTHORITY/YEAR, such as pingliang/2027 (default: all cycles)."`
	Rehearsal *int      `placeholder:"N" help:"The rehearsal of that number, 0 for the real cycle (default: the real cycle, else the newest rehearsal)."`
	Watch     bool      `help:"Show it again whenever it changes, until the cycle ends, without CYCLE the last that runs, or Ctrl-C."`
	JSON      bool      `name:"json" help:"As JSON: an object, or without CYCLE a list of them."`
}

// Validate is called by kong.
func (c statusCommand) Validate() error {
	switch {
	case c.Watch && c.JSON:
		return errors.New("--watch and --json exclude each other")
	case c.Rehearsal != nil && c.Cycle == "":
		return errors.New("--rehearsal needs a CYCLE")
	}
	return pick{Rehearsal: c.Rehearsal}.Validate()
}

// Run shows where cycles stand.
func (c *statusCommand) Run(s *session) error {
	office, err := s.reading()
	if err != nil {
		return err
	}
	if c.Cycle == "" {
		err = c.all(s, office)
	} else {
		err = c.one(s, office)
	}
	return errors.Join(err, office.Store.Close())
}

func (c *statusCommand) one(s *session, desk *office.Office) error {
	cycle, err := pick{Cycle: c.Cycle, Rehearsal: c.Rehearsal}.find(s, desk)
	if err != nil {
		return err
	}
	set, err := desk.Store.DataSet(s, cycle)
	if err != nil {
		return err
	}
	drawing := picture.New(s.out, s.terminal, set.Plan.Scheme.Authority.Name)
	if c.Watch {
		return s.watch(desk, cycle.CycleID, drawing)
	}
	status, err := desk.Status(s, cycle.CycleID)
	if err != nil {
		return err
	}
	open, err := desk.OpenTasks(s, cycle.CycleID)
	if err != nil {
		return err
	}
	if c.JSON {
		return s.writeJSON(oneStatus{status, open})
	}
	_, err = fmt.Fprintf(s.out, "%s: %s\n%s\n%s", title(status), status.State, strings.Join(drawing.Lines(status), "\n"), tasks(open))
	return err
}

// oneStatus is where one cycle stands, and each task that waits.
type oneStatus struct {
	office.Status
	OpenTasks []office.OpenTask `json:"open_tasks"`
}

func title(status office.Status) string {
	if status.Rehearsal > 0 {
		return fmt.Sprintf("%s, rehearsal %d", status.Cycle, status.Rehearsal)
	}
	return status.Cycle
}

// tasks lists what waits for whom, each with the key that other commands ask for.
func tasks(open []office.OpenTask) string {
	if len(open) == 0 {
		return ""
	}
	rows := newTable("task", "for", "about", "due")
	for _, task := range open {
		about := task
		about.Due = ""
		rows.AppendRow(table.Row{task.Key, whom(task.Role), strings.ReplaceAll(strings.Join(particulars(about), ", "), "\n", "; "), task.Due})
	}
	return "\n" + rows.Render() + "\n"
}

func newTable(columns ...any) table.Writer {
	rows := table.NewWriter()
	rows.SetStyle(table.StyleLight)
	rows.AppendHeader(columns)
	return rows
}

func (s *session) writeJSON(value any) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func (c *statusCommand) all(s *session, desk *office.Office) error {
	if c.Watch {
		return s.watchAll(desk)
	}
	list, err := s.statuses(desk)
	if err != nil {
		return err
	}
	if c.JSON {
		return s.writeJSON(list)
	}
	_, err = io.WriteString(s.out, overview(list))
	return err
}

func (s *session) statuses(desk *office.Office) ([]office.Status, error) {
	cycles, err := desk.Store.CycleList(s)
	if err != nil {
		return nil, err
	}
	list := []office.Status{}
	for _, cycle := range cycles {
		status, err := desk.Status(s, cycle.CycleID)
		if err != nil {
			return nil, err
		}
		list = append(list, status)
	}
	return list, nil
}

// overview is a line for each cycle, cancelled ones apart.
func overview(list []office.Status) string {
	if len(list) == 0 {
		return "no cycles: import a data set first\n"
	}
	rows := newTable("cycle", "state", "phase", "its day", "units", "reports in", "reviewed", "mails waiting", "tasks open")
	cancelled := newTable("cancelled; journal and export read it with", "--id")
	for _, status := range list {
		if status.State == "cancelled" {
			cancelled.AppendRow(table.Row{title(status), status.ID})
			continue
		}
		rows.AppendRow(table.Row{
			title(status), status.State, status.Phase, calendar.DateOf(status.Now), status.Units, status.Reports.Submitted,
			status.Assessments["closed"], status.Mails["queued"] + status.Mails["sending"], status.TasksOpen,
		})
	}
	text := ""
	for _, rows := range []table.Writer{rows, cancelled} {
		if rows.Length() > 0 {
			text += rows.Render() + "\n"
		}
	}
	return text
}

const watchPause = time.Second

// watch shows a cycle until it ends. Ctrl-C is a way to end it, not a failure.
func (s *session) watch(desk *office.Office, cycle int64, drawing *picture.Picture) error {
	ticker := time.NewTicker(watchPause)
	defer ticker.Stop()
	for {
		status, err := desk.Status(s, cycle)
		if err != nil {
			return stopped(s, err)
		}
		drawing.Draw(status)
		if status.State == "closed" || status.State == "cancelled" {
			return nil
		}
		select {
		case <-s.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// watchAll shows all cycles, again when something has changed, while one of them runs.
func (s *session) watchAll(desk *office.Office) error {
	ticker := time.NewTicker(watchPause)
	defer ticker.Stop()
	for shown := ""; ; {
		list, err := s.statuses(desk)
		if err != nil {
			return stopped(s, err)
		}
		if text := overview(list); text != shown {
			if s.terminal && shown != "" {
				_, _ = fmt.Fprintf(s.out, "\x1b[%dA\x1b[J", strings.Count(shown, "\n")) // as the picture is drawn: over the last one
			}
			if _, err := io.WriteString(s.out, text); err != nil {
				return err
			}
			shown = text
		}
		if !slices.ContainsFunc(list, func(status office.Status) bool { return status.State == "running" }) {
			return nil
		}
		select {
		case <-s.Done():
			return nil
		case <-ticker.C:
		}
	}
}
