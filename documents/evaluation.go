package documents

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/kaoping/kaoping/rules"
)

// readEvaluationPlan reads evaluation.yaml, if there is one, and the lists that it names (E8(1), E9, E11).
func (d *dataSetReading) readEvaluationPlan() {
	content, ok := d.content(evaluationFile, MaxScheme, false)
	if !ok {
		return
	}
	reading, body := newSchemeReading(evaluationFile, content)
	if body != nil {
		plan := reading.evaluation(body)
		d.evaluation = &plan
	}
	d.addNew(reading.findings)
	d.evaluationLines = reading.lines
	if d.evaluation == nil {
		return
	}
	if d.evaluation.Also != "" {
		d.further = d.namedTable(d.evaluation.Also, unitColumns)
	}
	d.invitees = d.namedTable(d.evaluation.Invitees, inviteeColumns)
}

func (r *schemeReading) evaluation(body ast.Node) rules.EvaluationPlan {
	root := r.level("", body, "rule_set", "extension?", "document_number?", "timing", "dates", "units", "questions",
		"answer_points", "channels", "thresholds", "surveys?", "publishes", "invitees", "reminders")
	dates := root.below("dates", "publish", "open", "close", "results_due")
	units := root.below("units", "categories", "also?")
	plan := rules.EvaluationPlan{
		RuleSet: root.text("rule_set"), Extension: root.extension(), DocumentNumber: root.text("document_number"), Timing: root.text("timing"),
		Dates: rules.EvaluationDates{
			Publish: dates.day("publish"), Open: dates.day("open"), Close: dates.day("close"), ResultsDue: dates.day("results_due"),
		},
		Categories: units.list("categories"), Also: units.text("also"),
		AnswerPoints: root.pointsTable("answer_points"), Channels: root.channels(), Thresholds: root.pointsTable("thresholds"),
		Publishes: root.list("publishes"), Invitees: root.text("invitees"),
		Reminder: root.below("reminders", "invitation").policy("invitation"),
	}
	questions, ids := root.open("questions")
	for _, id := range ids {
		plan.Questions = append(plan.Questions, rules.Question{ID: id, Wording: questions.text(id)})
	}
	if root.has("surveys") {
		plan.SurveysIn = root.below("surveys", "count_in").text("count_in")
	}
	return plan
}

// open is the level of a key below which any keys may stand, and those keys in order.
func (l level) open(key string) (level, []string) {
	var keys []string
	if entries, ok := l.values[key].(*ast.MappingNode); ok {
		for _, entry := range entries.Values {
			if name := entry.Key.GetToken().Value; !slices.Contains(keys, name) {
				keys = append(keys, name)
			}
		}
	}
	below := l.below(key, keys...)
	return below, slices.DeleteFunc(keys, func(name string) bool { return !below.has(name) })
}

func (l level) pointsTable(key string) map[string]rules.Points {
	below, keys := l.open(key)
	table := map[string]rules.Points{}
	for _, name := range keys {
		points, err := rules.ParsePoints(below.points(name))
		if err != nil {
			below.wrong(name, "%v", err)
		}
		table[name] = points
	}
	return table
}

func (l level) channels() map[string]rules.Channel {
	below, keys := l.open("channels")
	channels := map[string]rules.Channel{}
	for _, name := range keys {
		channel := below.below(name, "weight", "min_ballots")
		channels[name] = rules.Channel{Weight: channel.points("weight"), MinBallots: int64(channel.number("min_ballots", 0))}
	}
	return channels
}

// list is a key's list of words.
func (l level) list(key string) []string {
	node, ok := l.values[key].(*ast.SequenceNode)
	if !ok {
		if l.has(key) {
			l.wrong(key, "must be a list such as [county, zone]")
		}
		return nil
	}
	var words []string
	for _, value := range node.Values {
		word, ok := value.(*ast.StringNode)
		if !ok {
			l.wrong(key, "holds what is no word: put numbers in quotes")
			continue
		}
		words = append(words, word.Value)
	}
	return words
}

// evaluationPlan is the plan that was read, with its units and invitees.
func (d *dataSetReading) evaluationPlan(assessed []rules.Unit) *rules.EvaluationPlan {
	if d.evaluation == nil {
		return nil
	}
	plan := *d.evaluation
	plan.Units = rules.Evaluated(assessed, plan.Categories, d.readUnits(d.further))
	d.checkDoubles(d.invitees, "email")
	for _, row := range d.invitees.Rows {
		plan.Representatives = append(plan.Representatives, rules.Representative{
			Name: row.Field("name"), Kind: row.Field("kind"), Email: row.Field("email"), Units: row.List("units"),
		})
	}
	return &plan
}

// faults are those of the assessment's plan and of the evaluation's.
func (s DataSet) faults(lib rules.Library) rules.Faults {
	faults := s.Plan.Faults(lib)
	if s.Evaluation != nil {
		faults = append(faults, s.Evaluation.Faults(lib, s.Plan.Scheme.Year, s.Plan.Units)...)
	}
	return faults
}

func (s DataSet) warnings() rules.Faults {
	warnings := s.Plan.Warnings()
	if s.Evaluation != nil {
		warnings = append(warnings, s.Evaluation.Warnings()...)
	}
	return warnings
}

// placeEvaluation finds the line of what is wrong with a key of evaluation.yaml. What only follows from a list that
// could not be read is left out.
func (d *dataSetReading) placeEvaluation(placed *findings, key, text string) {
	if key == "units" && (d.units.unsure("category") || d.further.unsure()) || key == "units.categories" && d.units.unsure("category") {
		return
	}
	placed.addKey(evaluationFile, d.evaluationLines, key, "%s", text)
}
