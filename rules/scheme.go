package rules

import (
	"fmt"
	"strings"
)

// A Plan is all that a cycle is started with: the year's scheme, its
// indicators, the assessed units and the people (A2, A8(1) to (3)).
type Plan struct {
	Scheme     Scheme      `json:"scheme"`
	Indicators []Indicator `json:"indicators"`
	Units      []Unit      `json:"units"`
	People     []Person    `json:"people"`
}

// Scheme is one year's assessment scheme of one authority (A7, A8(3)): the
// content of scheme.yaml.
type Scheme struct {
	Authority      Authority  `yaml:"authority" json:"authority"`
	Year           int        `yaml:"year" json:"year"` // the assessment year (A4)
	RuleSet        string     `yaml:"rule_set" json:"rule_set"`
	Extension      *Extension `yaml:"extension" json:"extension,omitempty"`
	DocumentNumber string     `yaml:"document_number" json:"document_number"`
	Indicators     string     `yaml:"indicators" json:"indicators"` // the name of the file that lists them
	Dates          Dates      `yaml:"dates" json:"dates"`
	Reminders      Reminders  `yaml:"reminders" json:"reminders"`

	// MaxSpread is how far two assessors of one indicator may be apart, in
	// points; empty if there is no limit (A8(6)).
	MaxSpread string `yaml:"max_spread" json:"max_spread,omitempty"`
	// ReturnWorkingDays is how many working days a returned review has (A8(6)).
	ReturnWorkingDays int `yaml:"return_working_days" json:"return_working_days"`
}

// NewScheme is a scheme with the settings of a file that says nothing of them;
// decode into it.
func NewScheme() Scheme { return Scheme{ReturnWorkingDays: 3} }

// Spread is the limit that MaxSpread names, and whether there is one.
func (s Scheme) Spread() (Points, bool) {
	points, ok := parsePoints(s.MaxSpread, maxDigits)
	return points, ok && points > 0
}

// Authority is the office that runs a cycle for its own level (A5).
type Authority struct {
	Code string `yaml:"code" json:"code"`
	Name string `yaml:"name" json:"name"`
	Tier string `yaml:"tier" json:"tier"`
}

// Extension is the document under which a rule set was extended or issued
// again after its validity (A16).
type Extension struct {
	Document string `yaml:"document" json:"document"`
	Date     Day    `yaml:"date" json:"date"`
}

// Dates are the days of the procedure; a deadline is the end of its day.
type Dates struct {
	Notice           Day `yaml:"notice" json:"notice"`                       // A8(4)
	SelfReportDue    Day `yaml:"self_report_due" json:"self_report_due"`     // A8(5)
	ReviewDue        Day `yaml:"review_due" json:"review_due"`               // A8(6), the group
	ApprovalDue      Day `yaml:"approval_due" json:"approval_due"`           // A8(6), the leader
	RectificationDue Day `yaml:"rectification_due" json:"rectification_due"` // A13
}

// Reminders are the reminder policies of the phases.
type Reminders struct {
	SelfReport    Policy `yaml:"self_report" json:"self_report"`
	Review        Policy `yaml:"review" json:"review"`
	Approval      Policy `yaml:"approval" json:"approval"`
	Rectification Policy `yaml:"rectification" json:"rectification"`
}

// Phase is one due day of the scheme and what reminds of it. Its due day is
// dates.KEY_due, its policy reminders.KEY.
type Phase struct {
	Key    string
	Due    Day
	Policy Policy
}

// Phases are the four that end on a due day, in the order of the procedure
// (A8(5) to A13).
func (s Scheme) Phases() []Phase {
	dates, reminders := s.Dates, s.Reminders
	return []Phase{
		{"self_report", dates.SelfReportDue, reminders.SelfReport},
		{"review", dates.ReviewDue, reminders.Review},
		{"approval", dates.ApprovalDue, reminders.Approval},
		{"rectification", dates.RectificationDue, reminders.Rectification},
	}
}

// Policy says when reminders go out and when a deadline that passed is
// escalated. The cron expression is read elsewhere.
type Policy struct {
	Cron                     string `yaml:"cron" json:"cron"`
	FromWorkingDaysBefore    int    `yaml:"from_working_days_before" json:"from_working_days_before"`
	EscalateWorkingDaysAfter int    `yaml:"escalate_working_days_after" json:"escalate_working_days_after"`
}

// Indicator is one line of the scheme.
type Indicator struct {
	Code       string   `json:"code"`
	Area       string   `json:"area"`
	Track      string   `json:"track"`
	Max        Points   `json:"max"`
	Content    string   `json:"content"`
	Criteria   string   `json:"criteria"`
	Methods    []string `json:"methods"`    // how it may be checked (A8(6))
	Judges     string   `json:"judges"`     // PreviousYear or empty
	Categories []string `json:"categories"` // of the units it is for; none: all
}

// PreviousYear marks an indicator that judges the year before the assessment
// year: the annual report compiled for it (A4).
const PreviousYear = "previous_year"

// JudgedYear is the year that the indicator judges in an assessment year (A4).
func (i Indicator) JudgedYear(assessment int) int {
	if i.Judges == PreviousYear {
		return assessment - 1
	}
	return assessment
}

// heading is how the explanation of an indicator's points begins.
func (i Indicator) heading() string { return "指标" + i.Code }

// named is an explanation of the indicator's points with what it is about.
func (i Indicator) named(explanation string) string {
	rest, ok := strings.CutPrefix(explanation, i.heading())
	if !ok || i.Content == "" {
		return explanation
	}
	return i.heading() + " " + i.Content + rest
}

// JudgedNote says which year the indicator judges where that is not the
// assessment's, behind what people read of its points (A4).
func (i Indicator) JudgedNote(assessment int) string {
	year := i.JudgedYear(assessment)
	if year == assessment {
		return ""
	}
	return fmt.Sprintf("（评价%d年度）", year)
}

// Unit is an assessed organisation (A2).
type Unit struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Category  string `json:"category"`
	Email     string `json:"email"` // where the notice goes (A8(4))
	Telephone string `json:"telephone"`
}

// Role is what a person may do.
type Role string

// The roles of people.csv.
const (
	Admin                  Role = "admin"
	Leader                 Role = "leader" // heads the leading group; asked first (A8(6))
	Deputy                 Role = "deputy" // the government leader in charge; asked after the deadline
	OrganizationDepartment Role = "organization_department"
	Auditor                Role = "auditor"
	Assessor               Role = "assessor"
	Contact                Role = "contact" // of a unit
	Head                   Role = "head"    // of a unit; escalations go there
)

var roles = []Role{Admin, Leader, Deputy, OrganizationDepartment, Auditor, Assessor, Contact, Head}

// Person is someone with a login.
type Person struct {
	Login      string   `json:"login"`
	Name       string   `json:"name"`
	Role       Role     `json:"role"`
	Unit       string   `json:"unit"` // a contact's or head's unit; an assessor's own organisation
	Email      string   `json:"email"`
	GroupKinds []string `json:"group_kinds"` // an assessor's (A8(2))
	Areas      []string `json:"areas"`       // an assessor scores all their indicators
}
