package public

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/internal/web"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// view is what a page shows; what it does not show is empty.
type view struct {
	*visit
	// Told is all that a page says when there is nothing else.
	Told   string
	Ballot ballot
	Faults []toldFault
	// Invited is whose link it is; Hall on whose device it is shown, Unlock what lets one ballot in there.
	Invited *invitation
	Hall    *query.PublicHallGetRow
	Unlock  string
	// Receipt, Unit and QR are of a ballot that is in the box; Again is where the next one is cast.
	Receipt, Unit, Again string
	Index                int64
	QR                   template.URL
	Link                 string
}

// Base begins the addresses of the evaluation's pages.
func (v view) Base() string {
	if v.scene == nil {
		return ""
	}
	return v.scene.base
}

// Title is the evaluation's.
func (v view) Title() string {
	if v.scene == nil {
		return v.t("title.none")
	}
	return v.t("title", v.scene.Year)
}

// Office is who holds the evaluation.
func (v view) Office() string {
	if v.scene == nil {
		return ""
	}
	return v.scene.Office
}

// Rehearsal tells whether nothing of it counts.
func (v view) Rehearsal() bool { return v.scene != nil && v.scene.Rehearsal > 0 }

// State is that of the window: waiting, open, closed.
func (v view) State() string { return v.scene.WindowState }

// Published tells whether the list is.
func (v view) Published() bool { return v.scene.Published }

// Opens and Closes are the window's first and last day.
func (v view) Opens() string { return v.day(v.scene.OpenOn.Start()) }

// Closes is the last one; the window ends with it.
func (v view) Closes() string { return v.day(v.scene.CloseOn.Start()) }

func (v view) day(at time.Time) string {
	if v.language == web.English {
		return at.Format("2 January 2006")
	}
	return at.Format("2006年1月2日")
}

func (v view) t(key string, args ...any) string { return v.catalogue.Say(v.language, key, args...) }

// Rules is what the evaluation's rules are called.
func (v view) Rules() string { return v.scene.rules.Evaluation.Title }

// group is units of one category.
type group struct {
	Name  string
	Units []query.PublicUnitListRow
}

// Groups are the units that can be evaluated, by category.
func (v view) Groups() []group {
	if v.Invited != nil {
		return []group{{Units: v.Invited.Open}}
	}
	var groups []group
	for _, unit := range v.scene.units {
		name := unit.Category
		if key := "category." + unit.Category; v.catalogue.Has(key) {
			name = v.t(key)
		}
		at := slices.IndexFunc(groups, func(g group) bool { return g.Name == name })
		if at < 0 {
			groups, at = append(groups, group{Name: name}), len(groups)
		}
		groups[at].Units = append(groups[at].Units, unit)
	}
	return groups
}

// asked is one question as the page shows it.
type asked struct {
	ID, Wording string
	Answers     []option
}

type option struct {
	ID, Name string
	Chosen   bool
}

// Questions are those of the ballot, with what was chosen.
func (v view) Questions() []asked {
	var questions []asked
	for _, question := range v.scene.questions {
		shown := asked{ID: question.Question, Wording: question.Wording}
		for _, grade := range v.scene.rules.Evaluation.Grades {
			name := grade.Name
			if v.language == web.English {
				name = v.t("answer." + grade.ID)
			}
			shown.Answers = append(shown.Answers, option{ID: grade.ID, Name: name, Chosen: v.Ballot.Answers[question.Question] == grade.ID})
		}
		questions = append(questions, shown)
	}
	return questions
}

// FaultOf is what is wrong with a field.
func (v view) FaultOf(path string) string {
	for _, fault := range v.Faults {
		if fault.Path == path {
			return fault.Message
		}
	}
	return ""
}

// Rest are the faults that stand at no field of the form.
func (v view) Rest() []string {
	var rest []string
	for _, fault := range v.Faults {
		if fault.Path != "unit" && fault.Path != "comment" && fault.Path != "code" && fault.Path != "pin" && !strings.HasPrefix(fault.Path, answerField) {
			rest = append(rest, fault.Message)
		}
	}
	return rest
}

// Weights are the channels' weights, as they are announced.
func (v view) Weights() []string {
	var weights []string
	for _, channel := range v.scene.rules.Evaluation.Channels {
		announced, ok := v.scene.announced.Channels[channel.ID]
		if !ok {
			continue
		}
		name := channel.Name
		if v.language == web.English {
			name = v.t("channel." + channel.ID)
		}
		weights = append(weights, v.t("weight", name, announced.Weight, announced.MinBallots))
	}
	return weights
}

// Publishes is what will be published, as it is announced.
func (v view) Publishes() string {
	names := make([]string, 0, len(v.scene.announced.Publishes))
	for _, name := range v.scene.announced.Publishes {
		if v.language == web.English {
			names = append(names, v.t("publishes."+name))
		} else {
			names = append(names, rules.PublishNames[name])
		}
	}
	return strings.Join(names, v.t("and"))
}

// Working tells whether a ballot costs work or waiting: not from a representative, not on a hall's device.
func (v view) Working() bool { return v.Work > 0 && v.Invited == nil && v.Hall == nil }

// Waiting is how many seconds those wait who run no script.
func (v view) Waiting() int { return int(waitAtLeast / time.Second) }

// Other is the page's address in the other language.
func (v view) Other() string {
	other := web.English
	if v.language == web.English {
		other = web.Chinese
	}
	return fmt.Sprintf("?lang=%s", other)
}

// MaxComment is the length of a comment.
func (v view) MaxComment() int { return rules.MaxComment }
