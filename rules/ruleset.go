package rules

import "slices"

// A RuleSet is one set of regulations as data: whatever a number or a name in
// them decides, with the article that says so. A second city's is another
// file. Lists are in the order of the text.
type RuleSet struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Document string   `yaml:"document"` // the number of the document that issued it
	Validity Validity `yaml:"validity"`

	Grades     []Grade    `yaml:"grades"` // best first
	Total      Total      `yaml:"total"`
	Clauses    []Clause   `yaml:"clauses"`
	Tracks     Terms      `yaml:"tracks"`
	Tiers      []Tier     `yaml:"tiers"`
	Areas      Terms      `yaml:"areas"`
	Methods    Terms      `yaml:"methods"`
	GroupKinds Terms      `yaml:"group_kinds"`
	Evaluation Evaluation `yaml:"evaluation"`
}

// Validity is the time in which the rules are in force, both days included
// (A16, E12).
type Validity struct {
	From     Day      `yaml:"from"`
	To       Day      `yaml:"to"`
	Articles []string `yaml:"articles"`
}

// Grade is a grade of the assessment, reached at its threshold (A9).
type Grade struct {
	ID      string `yaml:"id"`
	Name    string `yaml:"name"`
	AtLeast Points `yaml:"at_least"`
	Article string `yaml:"article"`
}

// Total says how a unit's points become its total.
type Total struct {
	Mean     Rule  `yaml:"mean"`
	Rounding Rule  `yaml:"rounding"`
	BonusCap Limit `yaml:"bonus_cap"`
	Cap      Limit `yaml:"cap"`
	Floor    Limit `yaml:"floor"`
}

// Rule is a step of the computation and the article it rests on.
type Rule struct {
	Article string `yaml:"article"`
}

// Limit is a number of points that something may not pass.
type Limit struct {
	Points  Points `yaml:"points"`
	Article string `yaml:"article"`
}

// Kind tells bonus clauses from deduction clauses.
type Kind string

// The kinds of clauses (A10, A11).
const (
	Bonus     Kind = "bonus"
	Deduction Kind = "deduction"
)

// Clause gives or takes points for each occurrence of what it names.
type Clause struct {
	ID      string `yaml:"id"`
	Kind    Kind   `yaml:"kind"`
	Points  Points `yaml:"points"` // positive, also for a deduction
	Article string `yaml:"article"`
	Text    string `yaml:"text"`
}

// Tier is a level of government and how its authorities split the points of a
// scheme over the tracks (A7).
type Tier struct {
	ID      string            `yaml:"id"`
	Name    string            `yaml:"name"`
	Article string            `yaml:"article"`
	Points  map[string]Points `yaml:"points"`
}

// Evaluation is what the social-evaluation rules fix. Weights and thresholds
// are the scheme's (E10).
type Evaluation struct {
	Title        string   `yaml:"title"` // of its rules, without 《》
	Questions    Terms    `yaml:"questions"`
	Channels     Terms    `yaml:"channels"`
	Grades       Terms    `yaml:"grades"` // best first; the answers of a ballot too
	Insufficient Term     `yaml:"insufficient"`
	MinBallots   Quantity `yaml:"min_ballots"` // the least a scheme may ask
}

// Quantity is a number that is not points.
type Quantity struct {
	Number  int    `yaml:"number"`
	Article string `yaml:"article"`
}

// Term is a word of the regulations: its name in code and files, and its name
// for people.
type Term struct {
	ID      string `yaml:"id"`
	Name    string `yaml:"name"`
	Article string `yaml:"article"`
}

// Terms is a closed list of words.
type Terms []Term

// Has says whether the list has the term.
func (t Terms) Has(id string) bool { return t.at(id) >= 0 }

// Name is the Chinese name of a term, the id itself if the list lacks it.
func (t Terms) Name(id string) string {
	if at := t.at(id); at >= 0 {
		return t[at].Name
	}
	return id
}

// IDs are the terms' names in code, in order.
func (t Terms) IDs() []string {
	ids := make([]string, len(t))
	for i, term := range t {
		ids[i] = term.ID
	}
	return ids
}

func (t Terms) at(id string) int {
	return slices.IndexFunc(t, func(term Term) bool { return term.ID == id })
}

// Clause finds a bonus or deduction clause (A10, A11).
func (s *RuleSet) Clause(id string) (Clause, bool) {
	at := slices.IndexFunc(s.Clauses, func(c Clause) bool { return c.ID == id })
	if at < 0 {
		return Clause{}, false
	}
	return s.Clauses[at], true
}

// Tier finds a tier (A7).
func (s *RuleSet) Tier(id string) (Tier, bool) {
	at := slices.IndexFunc(s.Tiers, func(t Tier) bool { return t.ID == id })
	if at < 0 {
		return Tier{}, false
	}
	return s.Tiers[at], true
}

// Grade is the grade of a total as shown (A9).
func (s *RuleSet) Grade(total Points) Grade {
	for _, grade := range s.Grades {
		if total >= grade.AtLeast {
			return grade
		}
	}
	return s.Grades[len(s.Grades)-1]
}

// GradeName is the Chinese name of a grade of the assessment or of the
// evaluation, the id itself if there is none.
func (s *RuleSet) GradeName(id string) string {
	for _, grade := range s.Grades {
		if grade.ID == id {
			return grade.Name
		}
	}
	if id == s.Evaluation.Insufficient.ID {
		return s.Evaluation.Insufficient.Name
	}
	return s.Evaluation.Grades.Name(id)
}

// InForce says whether the rules are in force on a day (A16).
func (s *RuleSet) InForce(day Day) bool {
	return day.Valid() && s.Validity.From <= day && day <= s.Validity.To
}
