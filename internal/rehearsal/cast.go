package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Cast is the simulated people of one cycle.
type Cast struct {
	office *office.Office
	cycle  query.Cycle
	plan   rules.Plan
	days   calendar.Days
	rules  *rules.RuleSet
	script Script
	log    *slog.Logger
	// pages are those of a portal, nil where nobody uses them.
	pages *Pages
	// done are acts that need no second look; refused situations are among them.
	done map[string]bool
	// turnedAway counts how often a page refused somebody.
	turnedAway map[string]int
	// refusals counts how often an act was refused.
	refusals map[string]int
}

// NewCast casts a cycle's people.
func NewCast(ctx context.Context, office *office.Office, cycle query.Cycle, script Script, pages *Pages, log *slog.Logger) (*Cast, error) {
	set, err := office.Store.DataSet(ctx, cycle)
	if err != nil {
		return nil, err
	}
	days, err := office.Store.Days(ctx, set)
	if err != nil {
		return nil, err
	}
	ruleSet, ok := office.Rules.RuleSet(cycle.RuleSet)
	if !ok {
		return nil, fmt.Errorf("the rule set %s is not there", cycle.RuleSet)
	}
	return &Cast{office: office, cycle: cycle, plan: set.Plan, days: days, rules: ruleSet, script: script, pages: pages, log: log, done: map[string]bool{}, turnedAway: map[string]int{}, refusals: map[string]int{}}, nil
}

// act is one thing that somebody does now.
type act struct {
	key string
	as  string
	do  func(context.Context, *office.Desk, string) error
}

const (
	// look is how often people look what there is to do: a little more than two hours of a day that takes a second.
	look = 100 * time.Millisecond
	// hands is how many act at once.
	hands = 12
)

// Play lets everybody act until the cycle is over.
func (c *Cast) Play(ctx context.Context) error {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		scene, err := c.look(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			c.log.Debug("nobody can look now", "error", err)
		case scene.cycle.State == "closed" || scene.cycle.State == "cancelled":
			return nil
		default:
			c.actAll(ctx, scene.acts())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// actAll lets people act side by side. An act that is not confirmed is sent again, under the same id, when somebody
// looks again.
func (c *Cast) actAll(ctx context.Context, acts []act) {
	var group errgroup.Group
	group.SetLimit(hands)
	results := make([]error, len(acts))
	for i, act := range acts {
		if c.done[act.key] {
			continue
		}
		group.Go(func() error {
			results[i] = c.act(ctx, act)
			return nil
		})
	}
	// Each act's own error is in results.
	_ = group.Wait()
	for i, act := range acts {
		c.note(act, results[i])
	}
}

func (c *Cast) act(ctx context.Context, act act) error {
	desk, err := c.office.Desk(ctx, c.cycle, act.as)
	if err != nil {
		return err
	}
	id := uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%d/%s/%d", c.cycle.CycleID, act.key, c.refusals[act.key]))
	return act.do(ctx, desk, id.String())
}

func (c *Cast) note(act act, err error) {
	var known *store.Error
	var skipped skippedError
	switch {
	case err == nil:
		c.done[act.key] = true
	case errors.As(err, &skipped):
		c.done[act.key], c.done[act.key+"/refused"] = true, true
	case errors.As(err, &known) && known.Kind == store.Unavailable:
	case errors.As(err, &known):
		// A situation that does not fit this data set, or somebody was faster: the state tells what is next. Whoever
		// tries again does so anew: an act that was refused stays refused.
		c.refusals[act.key]++
		if c.byPage(act.as) {
			c.turnedAway[act.as]++
			if c.turnedAway[act.as] == patience {
				c.log.Warn("somebody can't do their part on the pages", "act", act.key, "person", act.as, "reasons", strings.Join(known.Reasons, "; "))
			}
		}
		c.log.Debug("refused", "act", act.key, "person", act.as, "reasons", strings.Join(known.Reasons, "; "))
	default:
		c.log.Debug("failed", "act", act.key, "person", act.as, "error", err)
	}
}

// scene is what people find when they look.
type scene struct {
	*Cast
	cycle       query.Cycle
	now         time.Time
	dates       query.SchemeVersion
	assessments map[string]query.Assessment
	reports     map[string]query.Report
	sheets      []query.SheetListRow
	tasks       []query.Task
	orders      []query.Rectification
	sanctions   []query.Consequence
	adjustments []query.Adjustment
	reminded    map[string]bool
	proposal    *query.ProposalOpenRow
}

func (c *Cast) look(ctx context.Context) (*scene, error) {
	id := c.cycle.CycleID
	s := &scene{Cast: c, assessments: map[string]query.Assessment{}, reports: map[string]query.Report{}, reminded: map[string]bool{}}
	data := c.office.Store
	var err error
	var reports []query.Report
	var assessments []query.Assessment
	var reminded []query.MailRemindedRow
	for _, read := range []func() error{
		func() error { s.cycle, err = data.CycleGet(ctx, query.CycleGetParams{CycleID: id}); return err },
		func() error {
			s.dates, err = data.SchemeVersionLatest(ctx, query.SchemeVersionLatestParams{CycleID: id})
			return err
		},
		func() error {
			assessments, err = data.AssessmentList(ctx, query.AssessmentListParams{CycleID: id})
			return err
		},
		func() error { reports, err = data.ReportList(ctx, query.ReportListParams{CycleID: id}); return err },
		func() error {
			s.sheets, err = data.SheetList(ctx, query.SheetListParams{CycleID: id, State: "open"})
			return err
		},
		func() error {
			s.tasks, err = data.TaskList(ctx, query.TaskListParams{CycleID: id, State: "open"})
			return err
		},
		func() error {
			s.orders, err = data.RectificationList(ctx, query.RectificationListParams{CycleID: id})
			return err
		},
		func() error {
			s.sanctions, err = data.ConsequenceList(ctx, query.ConsequenceListParams{CycleID: id})
			return err
		},
		func() error {
			s.adjustments, err = data.AdjustmentList(ctx, query.AdjustmentListParams{CycleID: id})
			return err
		},
		func() error {
			reminded, err = data.MailReminded(ctx, query.MailRemindedParams{CycleID: id})
			return err
		},
		func() error { return s.lookAtProposal(ctx) },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	for _, row := range assessments {
		s.assessments[row.Unit] = row
	}
	for _, row := range reports {
		s.reports[row.Unit] = row
	}
	for _, row := range reminded {
		s.reminded[row.Kind+"/"+row.Unit] = true
	}
	s.now = data.Now(s.cycle)
	return s, nil
}

func (s *scene) lookAtProposal(ctx context.Context) error {
	proposal, err := s.office.Store.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: s.Cast.cycle.CycleID})
	if store.IsMissing(err) {
		return nil
	}
	if err == nil {
		s.proposal = &proposal
	}
	return err
}

func (s *scene) today() calendar.Date { return calendar.DateOf(s.now) }

// acts are all that anybody would do now.
func (s *scene) acts() []act {
	if s.cycle.State != "running" {
		return nil
	}
	var acts []act
	for _, part := range []func() []act{
		s.claim, s.report, s.administer, s.score, s.decide, s.order, s.rectify, s.judge,
	} {
		acts = append(acts, part()...)
	}
	return acts
}
