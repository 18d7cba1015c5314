// Package picture shows where a cycle stands, for the command line: a live picture on a terminal, plain lines elsewhere.
package picture

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kaoping/kaoping/office"
)

// Picture shows where a cycle stands: on a terminal a few lines that are redrawn, elsewhere a plain line when a phase
// changes and every ten days.
type Picture struct {
	out      io.Writer
	terminal bool
	title    string
	drawn    int
	last     string
}

// New draws on out.
func New(out io.Writer, terminal bool, title string) *Picture {
	return &Picture{out: out, terminal: terminal, title: title}
}

const redraw = 250 * time.Millisecond

// Watch draws a cycle until the context ends, and then once more.
func (p *Picture) Watch(ctx context.Context, o *office.Office, cycle int64) {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		if status, err := o.Status(context.WithoutCancel(ctx), cycle); err == nil {
			p.Draw(status)
		}
		if ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// Draw shows one status.
func (p *Picture) Draw(status office.Status) {
	if !p.terminal {
		p.line(status)
		return
	}
	var frame strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&frame, "\x1b[%dA", p.drawn)
	}
	lines := p.Lines(status)
	for _, line := range lines {
		frame.WriteString("\x1b[2K" + line + "\n")
	}
	p.drawn = len(lines)
	// A terminal that went away shows nothing; the play goes on.
	_, _ = io.WriteString(p.out, frame.String())
}

// line writes a plain line, when there is news.
func (p *Picture) line(status office.Status) {
	period := status.Phase + status.Now.Format("2006-01") + fmt.Sprint(status.Now.Day()/10)
	if period == p.last {
		return
	}
	p.last = period
	_, _ = fmt.Fprintf(p.out, "%s  %-13s reports %d/%d (%d late, %d overdue)  sheets %d/%d  rectified %d/%d  mails %d sent, %d refused  tasks %d open\n",
		status.Now.Format("2006-01-02"), status.Phase, status.Reports.Submitted, status.Units, status.Reports.Late, status.Reports.Overdue,
		status.Sheets["submitted"], total(status.Sheets), concluded(status), total(status.Rectifications),
		status.Mails["sent"], status.Mails["refused"], status.TasksOpen)
}

// Lines are the picture's lines.
func (p *Picture) Lines(status office.Status) []string {
	notified := total(status.Assessments) - status.Assessments["waiting"]
	reports := fmt.Sprintf("%d in, %d of them late", status.Reports.Submitted, status.Reports.Late)
	if status.Reports.Overdue > 0 {
		reports += fmt.Sprintf(", %d overdue", status.Reports.Overdue)
	}
	review := fmt.Sprintf("%d of %d units closed", status.Assessments["closed"], status.Units)
	rectified := fmt.Sprintf("%d concluded, %d reported", concluded(status), status.Rectifications["reported"])
	if status.RectificationsOverdue > 0 {
		rectified += fmt.Sprintf(", %d overdue", status.RectificationsOverdue)
	}
	return []string{
		fmt.Sprintf("%s %s · %s · %s", p.title, strings.TrimPrefix(status.Cycle, "/"), status.Now.Format("2006-01-02 Mon 15:04"), status.Phase),
		row("notice A8(4)", notified, status.Units, "units told"),
		row("self-report A8(5)", status.Reports.Submitted, status.Units, reports),
		row("review A8(6)", status.Sheets["submitted"], total(status.Sheets), review),
		row("approval A8(6)", decided(status), 1, ""),
		row("rectification A13", concluded(status), total(status.Rectifications), rectified),
		fmt.Sprintf("  mails %d sent · %d refused · %d waiting     tasks %d open", status.Mails["sent"], status.Mails["refused"],
			status.Mails["queued"]+status.Mails["sending"], status.TasksOpen),
	}
}

// decided is 1 once the results are released.
func decided(status office.Status) int {
	switch status.Phase {
	case "release", "rectification", "closed":
		return 1
	}
	return 0
}

func concluded(status office.Status) int {
	return status.Rectifications["accepted"] + status.Rectifications["ended"]
}

func total(counts map[string]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}

const barWidth = 16

func row(label string, done, of int, note string) string {
	filled := 0
	if of > 0 {
		filled = done * barWidth / of
	}
	bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
	return fmt.Sprintf("  %-18s %s %4d/%-4d %s", label, bar, done, of, note)
}
