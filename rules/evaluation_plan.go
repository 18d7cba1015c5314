package rules

import (
	"maps"
	"slices"
	"strings"
)

// EvaluationPlan is the plan of one year's social evaluation (E8(1)): the
// content of evaluation.yaml and of the lists that it names.
type EvaluationPlan struct {
	RuleSet        string             `json:"rule_set"`
	Extension      *Extension         `json:"extension,omitempty"` // E12
	DocumentNumber string             `json:"document_number"`
	Timing         string             `json:"timing"` // Concurrent or AfterProvince (E6)
	Dates          EvaluationDates    `json:"dates"`
	Categories     []string           `json:"categories"` // of the assessment's units (E3)
	Also           string             `json:"also"`       // the name of the file with further units (E11), if any
	Questions      []Question         `json:"questions"`  // those that the plan words itself (E7)
	AnswerPoints   map[string]Points  `json:"answer_points"`
	Channels       map[string]Channel `json:"channels"`
	Thresholds     map[string]Points  `json:"thresholds"` // E10
	SurveysIn      string             `json:"surveys_in"` // the channel in which surveys run elsewhere count (E9)
	Publishes      []string           `json:"publishes"`  // said before the window opens (E8(5))
	Invitees       string             `json:"invitees"`   // the name of the file that lists them
	Reminder       Policy             `json:"reminder"`   // of representatives who have not answered

	Units           []Unit           `json:"units"` // E3, E11
	Representatives []Representative `json:"representatives"`
}

// When an evaluation takes place (E6).
const (
	Concurrent    = "concurrent"
	AfterProvince = "after_province"
)

// What a plan may say that will be published (E8(5)).
const (
	PublishIndex   = "index"
	PublishGrade   = "grade"
	PublishAnswers = "answers"
	PublishBallots = "ballots"
)

// PublishNames are what these are called in documents.
var PublishNames = map[string]string{
	PublishIndex: "评议指数", PublishGrade: "评议等次", PublishAnswers: "各项问题的答复情况", PublishBallots: "全部评议票（不含个人信息）",
}

var publishable = []string{PublishIndex, PublishGrade, PublishAnswers, PublishBallots}

// RepresentativeKinds are the five kinds of E9, in its order.
var RepresentativeKinds = Terms{
	{ID: "department", Name: "部门代表", Article: "E9"},
	{ID: "npc_deputy", Name: "人大代表", Article: "E9"},
	{ID: "cppcc_member", Name: "政协委员", Article: "E9"},
	{ID: "citizen", Name: "群众代表", Article: "E9"},
	{ID: "expert", Name: "专家", Article: "E9"},
}

// OtherQuestion is the one of the seven that the plan words itself (E7(7)).
const OtherQuestion = "other"

// representativeChannel is that of the invited.
const representativeChannel = "representative"

// EvaluationDates are the days of an evaluation; its window closes at the end
// of the day.
type EvaluationDates struct {
	Publish    Day `json:"publish"` // E8(2)
	Open       Day `json:"open"`    // E8(3)
	Close      Day `json:"close"`
	ResultsDue Day `json:"results_due"` // E8(4)
}

// Question is one of a ballot, as it is put to people.
type Question struct {
	ID      string `json:"id"`
	Wording string `json:"wording"`
}

// Representative is somebody who is invited to evaluate (E9).
type Representative struct {
	Name  string   `json:"name"`
	Kind  string   `json:"kind"`
	Email string   `json:"email"`
	Units []string `json:"units"` // categories or codes of those he is asked about; none: all
}

// AsksAbout says whether the representative is asked about a unit.
func (r Representative) AsksAbout(unit Unit) bool {
	return len(r.Units) == 0 || slices.Contains(r.Units, unit.Category) || slices.Contains(r.Units, unit.Code)
}

// Asked are all questions of a ballot, in its order: those of the rules, the
// last of which the plan words, then the plan's further ones (E7).
func (p EvaluationPlan) Asked(set *RuleSet) []Question {
	asked := make([]Question, 0, len(set.Evaluation.Questions)+len(p.Questions))
	for _, question := range set.Evaluation.Questions {
		asked = append(asked, Question{ID: question.ID, Wording: question.Name})
	}
	for _, own := range p.Questions {
		if at := set.Evaluation.Questions.at(own.ID); at >= 0 {
			asked[at].Wording = own.Wording
		} else {
			asked = append(asked, own)
		}
	}
	return asked
}

// Evaluated are the units of an evaluation: those of the assessment that are
// of its categories, then its own.
func Evaluated(assessed []Unit, categories []string, also []Unit) []Unit {
	var units []Unit
	for _, unit := range assessed {
		if slices.Contains(categories, unit.Category) {
			units = append(units, unit)
		}
	}
	return append(units, also...)
}

// EvaluationPeople are those of the assessment's people who have something to
// do in its evaluation: the office's, and those of the evaluated units.
func EvaluationPeople(people []Person, units []Unit) []Person {
	codes := map[string]bool{}
	for _, unit := range units {
		codes[unit.Code] = true
	}
	var taking []Person
	for _, person := range people {
		switch person.Role {
		case Admin, Leader, Deputy, Auditor:
			taking = append(taking, person)
		case Contact, Head:
			if codes[person.Unit] {
				taking = append(taking, person)
			}
		}
	}
	return taking
}

// Faults are all reasons to refuse the plan when it is imported, beside the
// assessment of that year. Paths are those of the files: evaluation.dates.open,
// evaluation_units[3].code, invitees[5].email.
func (p EvaluationPlan) Faults(lib Library, year int, assessed []Unit) Faults {
	var faults Faults
	set, known := lib.RuleSet(p.RuleSet)
	if known {
		faults.under("evaluation", p.ruledFaults(set))
	} else {
		faults.add("evaluation.rule_set", "unknown rule set %q; known are %s", shortened(p.RuleSet), strings.Join(lib.IDs(), ", "))
	}
	faults.under("evaluation", p.ownFaults(year, assessed))
	faults = append(faults, p.furtherUnitFaults(assessed)...)
	return append(faults, p.inviteeFaults()...)
}

// ownFaults are those of evaluation.yaml that need no rule set.
func (p EvaluationPlan) ownFaults(year int, assessed []Unit) Faults {
	var faults Faults
	if p.Extension != nil {
		faults.wantText("extension.document", p.Extension.Document)
		faults.wantDay("extension.date", p.Extension.Date)
	}
	faults.wantPlain("document_number", p.DocumentNumber)
	if p.Timing != Concurrent && p.Timing != AfterProvince {
		faults.add("timing", "%q is neither %s nor %s (E6)", shortened(p.Timing), Concurrent, AfterProvince)
	}
	faults.under("dates", p.Dates.faults(year))
	for _, category := range p.Categories {
		if !slices.ContainsFunc(assessed, func(unit Unit) bool { return unit.Category == category }) {
			faults.add("units.categories", "no unit is of category %q (E3)", shortened(category))
		}
	}
	faults.wantOnce("units.categories", p.Categories)
	if p.Also != "" {
		faults.wantFileName("units.also", p.Also)
	}
	if n := len(p.Units); n == 0 || n > maxUnits {
		faults.add("units", "there are %d; an evaluation has 1 to %d", n, maxUnits)
	}
	for _, name := range p.Publishes {
		if !slices.Contains(publishable, name) {
			faults.add("publishes", "unknown value %q; known are %s (E8(5))", shortened(name), strings.Join(publishable, ", "))
		}
	}
	faults.wantOnce("publishes", p.Publishes)
	faults.wantFileName("invitees", p.Invitees)
	faults.under("reminders.invitation", p.Reminder.faults())
	return faults
}

// faults want the days in order, in the assessment year, if it is known, or
// the year after.
func (d EvaluationDates) faults(year int) Faults {
	var faults Faults
	for _, step := range []struct {
		name, last string
		day, after Day
		same       bool // both may be one day
	}{
		{name: "publish", day: d.Publish},
		{name: "open", day: d.Open, last: "publish", after: d.Publish},
		{name: "close", day: d.Close, last: "open", after: d.Open, same: true},
		{name: "results_due", day: d.ResultsDue, last: "close", after: d.Close},
	} {
		faults.wantDay(step.name, step.day)
		if !step.day.Valid() {
			continue
		}
		if !step.day.InProcedure(year) {
			faults.add(step.name, "%s is neither in the assessment year %d nor in the year after (E5)", step.day, year)
		}
		if step.after.Valid() && (step.day < step.after || step.day == step.after && !step.same) {
			faults.add(step.name, "%s is not after %s, %s", step.day, step.last, step.after)
		}
	}
	return faults
}

// ruledFaults are those that only a rule set can tell (E7, E9, E10).
func (p EvaluationPlan) ruledFaults(set *RuleSet) Faults {
	book := Book{Rules: set, Channels: p.Channels}
	grades := set.Evaluation.Grades.IDs()
	faults := p.questionFaults(set)
	faults.under("answer_points", fallingFaults(p.AnswerPoints, grades))
	for _, grade := range slices.Sorted(maps.Keys(p.AnswerPoints)) {
		if points := p.AnswerPoints[grade]; points > hundred {
			faults.add("answer_points."+grade, "%s is above 100", points.Short())
		}
	}
	faults.under("thresholds", fallingFaults(p.Thresholds, grades[:len(grades)-1]))
	faults.under("channels", book.channelFaults())
	for _, id := range slices.Sorted(maps.Keys(p.Channels)) {
		if least := set.Evaluation.MinBallots; p.Channels[id].MinBallots < int64(least.Number) {
			faults.add("channels."+id+".min_ballots", "%d is below %d (%s)", p.Channels[id].MinBallots, least.Number, least.Article)
		}
	}
	if _, ok := p.Channels[p.SurveysIn]; !ok && p.SurveysIn != "" {
		faults.add("surveys.count_in", "%q is no channel of the plan (E9)", shortened(p.SurveysIn))
	}
	return faults
}

// hundred is the most that an answer may give, and that an index can be.
const hundred Points = 100_00

// questionFaults want the plan to word the last of the seven questions, none of
// the others, and every further one (E7).
func (p EvaluationPlan) questionFaults(set *RuleSet) Faults {
	var faults Faults
	seen := newCodes()
	for _, question := range p.Questions {
		path := "questions." + question.ID
		if !codeForm.MatchString(question.ID) {
			path = "questions"
		}
		faults = append(faults, seen.faults(path, question.ID)...)
		faults.wantText(path, question.Wording)
		if set.Evaluation.Questions.Has(question.ID) && question.ID != OtherQuestion {
			faults.add(path, "is worded by the rules (E7): a plan words %s, and further ones", OtherQuestion)
		}
	}
	if !slices.ContainsFunc(p.Questions, func(q Question) bool { return q.ID == OtherQuestion }) {
		faults.add("questions", "%s is not worded (E7(7))", OtherQuestion)
	}
	return faults
}

// furtherUnitFaults are those of the evaluation's own units (E11).
func (p EvaluationPlan) furtherUnitFaults(assessed []Unit) Faults {
	var faults Faults
	seen := newCodes()
	for _, unit := range assessed {
		_ = seen.faults("", unit.Code) // the assessment's own faults are told with it
	}
	own := len(p.Units) - len(Evaluated(assessed, p.Categories, nil))
	for i, unit := range p.Units[len(p.Units)-own:] {
		path := indexed("evaluation_units", i)
		faults = append(faults, seen.faults(path+".code", unit.Code)...)
		faults.under(path, unit.textFaults())
	}
	return faults
}

func (p EvaluationPlan) inviteeFaults() Faults {
	var faults Faults
	if _, ok := p.Channels[representativeChannel]; ok && len(p.Representatives) == 0 {
		faults.add("invitees", "there are none, and the plan has the channel %s (E9)", representativeChannel)
	}
	addresses := map[string]bool{}
	for i, invitee := range p.Representatives {
		path := indexed("invitees", i)
		faults.wantText(path+".name", invitee.Name)
		if !RepresentativeKinds.Has(invitee.Kind) {
			faults.add(path+".kind", "unknown kind %q; known are %s (E9)", shortened(invitee.Kind), strings.Join(RepresentativeKinds.IDs(), ", "))
		}
		faults.wantEmail(path+".email", invitee.Email)
		folded := strings.ToLower(invitee.Email)
		if addresses[folded] && invitee.Email != "" {
			faults.add(path+".email", "%s is there twice: each representative evaluates once (E9)", invitee.Email)
		}
		addresses[folded] = true
		for _, word := range invitee.Units {
			if !slices.ContainsFunc(p.Units, func(unit Unit) bool { return unit.Category == word || unit.Code == word }) {
				faults.add(path+".units", "%q is neither a category nor a code of the evaluated units", shortened(word))
			}
		}
	}
	return faults
}

// Warnings are what is allowed but hardly meant: a unit about which too few
// are invited can't get a grade (E10).
func (p EvaluationPlan) Warnings() Faults {
	var warnings Faults
	channel, ok := p.Channels[representativeChannel]
	if !ok {
		return nil
	}
	for _, unit := range p.Units {
		asked := int64(0)
		for _, invitee := range p.Representatives {
			if invitee.AsksAbout(unit) {
				asked++
			}
		}
		if asked < channel.MinBallots {
			warnings.add("invitees", "only %d are asked about %s, and it needs %d ballots for a grade (E10)", asked, unit.Code, channel.MinBallots)
		}
	}
	return warnings
}

// StartFaults are the reasons to refuse the start of an evaluation whose plan
// could be imported: rules out of force (E12), nobody who approves (E8(4)).
func (p EvaluationPlan) StartFaults(lib Library, people []Person) Faults {
	var faults Faults
	set, ok := lib.RuleSet(p.RuleSet)
	if !ok {
		faults.add("evaluation.rule_set", "unknown rule set %q", shortened(p.RuleSet))
		return faults
	}
	if day := p.Dates.Publish; !set.InForce(day) && p.Extension == nil {
		faults.add("evaluation.extension", "the publication of %s is outside the validity of %s, %s to %s; the document that extended it is missing (%s)",
			day, set.ID, set.Validity.From, set.Validity.To, strings.Join(set.Validity.Articles, ", "))
	}
	for _, role := range []Role{Admin, Leader, Deputy} {
		if !slices.ContainsFunc(people, func(person Person) bool { return person.Role == role }) {
			faults.add("people", "nobody has the role %s (E8)", role)
		}
	}
	return faults
}

// Invitation is the phase of the window: who has been invited is reminded until
// it closes (E9).
func (p EvaluationPlan) Invitation() Phase {
	return Phase{Key: "invitation", Due: p.Dates.Close, Policy: p.Reminder}
}

// MaxComment is the length of a ballot's comment, in characters.
const MaxComment = 1000

// SurveyBallot is what one person answered about a unit in a survey that was
// run elsewhere (E9).
type SurveyBallot struct {
	Unit    string            `json:"unit"`
	Answers map[string]string `json:"answers"`
	Comment string            `json:"comment,omitempty"`
}
