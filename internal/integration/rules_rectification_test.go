package integration

import (
	"fmt"
	"slices"
)

// rectificationRules are about what follows from the results, and from violations.
var rectificationRules = []rule{
	{"rectification is ordered after the release, once an order", "A13", replayed(orderedOnce)},
	{"measures come before the report, and the report before the answer", "A13", replayed(inTurn)},
	{"a report is sent back with a reason and a later day", "A13", replayed(sentBackLater)},
	{"a consequence is proposed for an overdue or twice returned rectification, or a violation", "A14, A15", replayed(wellFounded)},
	{"a person decides a proposed consequence, once, with a reason", "A14, A15", replayed(decidedOnce)},
	{"at the close every rectification is accepted or its consequence decided", "contracts", replayed(allConcluded)},
}

func orderedOnce(s *standing, l line) []string {
	if l.Event != "rectification_ordered" {
		return nil
	}
	var found []string
	if s.orders[order{l.Unit, l.Data.Number}] != nil {
		found = append(found, "it was ordered before")
	}
	if l.Data.Number == 0 && s.released == 0 {
		found = append(found, "no results are released")
	}
	if s.units[l.Unit] == nil || !l.Data.Due.After(l.day()) {
		found = append(found, "there is no such unit, or its limit is not a later day")
	}
	return found
}

// before tells which states of a rectification an event may find.
var before = map[string][]string{
	"measures_filed":          {"ordered", "measures", "sent back"},
	"rectification_reported":  {"measures", "sent back"},
	"rectification_sent_back": {"reported"},
	"rectification_accepted":  {"reported"},
}

func inTurn(s *standing, l line) []string {
	allowed, about := before[l.Event]
	if !about {
		return nil
	}
	state := "not ordered"
	if rectification := s.orders[order{l.Unit, l.Data.Number}]; rectification != nil {
		state = rectification.state
	}
	if !slices.Contains(allowed, state) {
		return []string{"the rectification is " + state}
	}
	return nil
}

func sentBackLater(_ *standing, l line) []string {
	if l.Event == "rectification_sent_back" && (l.Data.Reason == "" || !l.Data.Due.After(l.day())) {
		return []string{"it lacks a reason, or a later day"}
	}
	return nil
}

func wellFounded(s *standing, l line) []string {
	if l.Event != "consequence_proposed" {
		return nil
	}
	rectification := s.orders[order{l.Unit, 0}]
	founded := false
	switch l.Data.Basis {
	case "rectification_overdue":
		founded = rectification != nil && !l.At.Before(rectification.due.End()) && rectification.state != "reported"
	case "sent_back_twice":
		founded = rectification != nil && rectification.sentBack >= 2
	case "violation":
		founded = slices.ContainsFunc(s.lines[:l.Seq], func(earlier line) bool {
			return earlier.Event == "violation_recorded" && earlier.Unit == l.Unit && earlier.At.Equal(l.At)
		})
	}
	if !founded || s.sanctions[l.Data.Number] != nil {
		return []string{fmt.Sprintf("%s is no ground for consequence %d", l.Data.Basis, l.Data.Number)}
	}
	return nil
}

func decidedOnce(s *standing, l line) []string {
	if l.Event != "consequence_decided" {
		return nil
	}
	sanction := s.sanctions[l.Data.Number]
	if sanction == nil || sanction.state != "proposed" || l.Person == "" || l.Data.Reason == "" {
		return []string{"it was not proposed or is decided, or nobody says why"}
	}
	return nil
}

func allConcluded(s *standing, l line) []string {
	if l.Event != "cycle_closed" {
		return nil
	}
	var found []string
	for key, rectification := range s.orders {
		if rectification.state != "accepted" && rectification.state != "ended" {
			found = append(found, fmt.Sprintf("rectification %d of %s is %s", key.number, key.unit, rectification.state))
		}
	}
	for number, sanction := range s.sanctions {
		if sanction.state == "proposed" {
			found = append(found, fmt.Sprintf("consequence %d is not decided", number))
		}
	}
	return found
}
