package public

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// place is where an evaluation is found.
type place struct {
	authority       string
	year, rehearsal int
}

// scene is what anybody may know of one evaluation.
type scene struct {
	query.PublicEvaluation
	units     []query.PublicUnitListRow
	questions []query.PublicQuestionListRow
	rules     *rules.RuleSet
	form      ballots.Form
	announced announced
	// base begins the addresses of its pages.
	base string
	read time.Time
}

// announced is what the plan says before the window opens (E8, E10).
type announced struct {
	Channels   map[string]rules.Channel `json:"channels"`
	Thresholds map[string]string        `json:"thresholds"`
	Publishes  []string                 `json:"publishes"`
}

// scenes keeps what was read for a moment: thousands cast ballots in it. Whether the window is open is asked again with
// each ballot, in its own transaction.
type scenes struct {
	mu    sync.Mutex
	known map[place]*scene
}

const (
	freshFor    = time.Second
	knownScenes = 100
)

// codeShape is that of the codes of authorities and halls.
var codeShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// sceneOf finds the evaluation that a request is about.
func (s *Site) sceneOf(r *http.Request) (*scene, error) {
	at := place{authority: r.PathValue("authority")}
	missing := store.Missing("no such evaluation")
	var err error
	if !codeShape.MatchString(at.authority) {
		return nil, missing
	}
	if at.year, err = strconv.Atoi(r.PathValue("year")); err != nil || at.year < 1 || at.year > 9999 || strconv.Itoa(at.year) != r.PathValue("year") {
		return nil, missing
	}
	base := fmt.Sprintf("/e/%s/%d", at.authority, at.year)
	if number := r.PathValue("rehearsal"); number != "" {
		if at.rehearsal, err = strconv.Atoi(number); err != nil || at.rehearsal < 1 || at.rehearsal > 1<<30 || strconv.Itoa(at.rehearsal) != number {
			return nil, missing
		}
		base = "/rehearsal/" + number + base
	}
	s.scenes.mu.Lock()
	known := s.scenes.known[at]
	s.scenes.mu.Unlock()
	if known != nil && s.Now().Sub(known.read) < freshFor {
		return known, nil
	}
	read, err := s.readScene(r.Context(), at)
	if err != nil {
		return nil, err
	}
	read.base = base
	s.scenes.mu.Lock()
	defer s.scenes.mu.Unlock()
	if len(s.scenes.known) >= knownScenes {
		clear(s.scenes.known)
	}
	s.scenes.known[at] = read
	return read, nil
}

func (s *Site) readScene(ctx context.Context, at place) (*scene, error) {
	read := &scene{read: s.Now()}
	var err error
	if read.PublicEvaluation, err = s.Store.Evaluation(ctx, at.authority, at.year, at.rehearsal); err != nil {
		return nil, err
	}
	if read.units, err = s.Store.Units(ctx, read.CycleID); err != nil {
		return nil, err
	}
	if read.questions, err = s.Store.Questions(ctx, read.CycleID); err != nil {
		return nil, err
	}
	var known bool
	if read.rules, known = s.Rules.RuleSet(read.RuleSet); !known {
		return nil, fmt.Errorf("the rule set %s of evaluation %d is none of this build", read.RuleSet, read.CycleID)
	}
	for _, question := range read.questions {
		read.form.Questions = append(read.form.Questions, question.Question)
	}
	for _, grade := range read.rules.Evaluation.Grades {
		read.form.Answers = append(read.form.Answers, grade.ID)
	}
	if err := json.Unmarshal(read.Announced, &read.announced); err != nil {
		return nil, fmt.Errorf("couldn't read what evaluation %d announces: %w", read.CycleID, err)
	}
	return read, nil
}

// hasUnit tells whether a unit is evaluated.
func (s *scene) hasUnit(code string) bool { return s.unitName(code) != "" }

func (s *scene) unitName(code string) string {
	for _, unit := range s.units {
		if unit.Code == code {
			return unit.Name
		}
	}
	return ""
}
