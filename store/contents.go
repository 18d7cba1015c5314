package store

import "github.com/kaoping/kaoping/calendar"

// The texts of acts, kept under the act's id (Request) until the workflow's step reads them (Change.Content).

// Reason is why a person returns, extends, cancels, corrects.
type Reason struct {
	Reason string `json:"reason"`
}

// Comments are a leader's, for the whole proposal and for single units (A8(6)).
type Comments struct {
	General string            `json:"general"`
	Units   map[string]string `json:"units"`
}

// Filing is what a unit files: its measures or its report, and what proves them (A13).
type Filing struct {
	Text     string     `json:"text"`
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Evidence is a link, or a kept file with its digest; one of the two.
type Evidence struct {
	Name   string `json:"name"`
	Link   string `json:"link,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// Recheck is how one problem was looked at again before its rectification is accepted (A13).
type Recheck struct {
	Position int    `json:"position"`
	Method   string `json:"method"`
	Seen     string `json:"seen"`
}

// Acceptance carries a re-check of every problem.
type Acceptance struct {
	Rechecks []Recheck `json:"rechecks"`
}

// Interview is the record of one (A14).
type Interview struct {
	Date    calendar.Date `json:"date"`
	Persons string        `json:"persons"`
	Text    string        `json:"text"`
}

// Decision is why a consequence is imposed or waived, and what belongs to it (A14, A15).
type Decision struct {
	Reason        string     `json:"reason"`
	Interview     *Interview `json:"interview,omitempty"`
	DeductionNote string     `json:"deduction_note,omitempty"`
	Organ         string     `json:"organ,omitempty"`
}

// ViolationFacts are the facts and evidence of a violation (A14).
type ViolationFacts struct {
	Facts    string `json:"facts"`
	Evidence string `json:"evidence"`
	Severity string `json:"severity"`
}
