package integration

import (
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/rules"
)

// resultRules are about proposals, their approval and what is released.
var resultRules = []rule{
	{"a proposal comes when every sheet is in, and no other is open", "A8(6)", replayed(everySheetIn)},
	{"only an open proposal is decided", "A8(6)", replayed(openProposal)},
	{"the digest that was proposed is approved", "A8(6)", replayed(sameDigest)},
	{"the leader decides, after the date the deputy too", "A8(6)", replayed(whoDecides)},
	{"a return names units and a later review day", "A8(6)", replayed(returnNames)},
	{"a confirmed adjustment voids what is proposed", "A8(6), A10, A11", confirmationVoids},
	{"a bulletin follows an approval, once", "A8(7)", replayed(bulletinAfterApproval)},
	{"each unit gets feedback once a release", "A8(7)", feedbackOnce},
	{"each release is reported to the organization department", "A12", eachReleaseReported},
}

func everySheetIn(s *standing, l line) []string {
	if l.Event != "proposal_made" {
		return nil
	}
	var found []string
	for key, missing := range s.missing {
		if missing {
			found = append(found, fmt.Sprintf("the sheet of %s from %s is not in", key.unit, key.assessor))
		}
	}
	if last := s.proposals[s.proposed]; last != nil && last.state == "open" {
		found = append(found, fmt.Sprintf("proposal %d is open", s.proposed))
	}
	if l.Data.Number != s.proposed+1 || l.Data.Digest == "" {
		found = append(found, fmt.Sprintf("its number is %d after %d, or it has no digest", l.Data.Number, s.proposed))
	}
	return found
}

var decisions = []string{"proposal_approved", "proposal_returned"}

func openProposal(s *standing, l line) []string {
	if !slices.Contains(decisions, l.Event) && l.Event != "proposal_voided" {
		return nil
	}
	proposal := s.proposals[l.Data.Number]
	// An approval is voided when a score changed before the release.
	if proposal == nil || proposal.state != "open" && (l.Event != "proposal_voided" || proposal.state != "approved") {
		return []string{fmt.Sprintf("proposal %d is not open", l.Data.Number)}
	}
	return nil
}

func sameDigest(s *standing, l line) []string {
	proposal := s.proposals[l.Data.Number]
	if l.Event != "proposal_approved" || proposal != nil && proposal.digest == l.Data.Digest && l.Data.Digest != "" {
		return nil
	}
	return []string{"that is not the digest that was proposed"}
}

func whoDecides(s *standing, l line) []string {
	if !slices.Contains(decisions, l.Event) {
		return nil
	}
	proposal := s.proposals[l.Data.Number]
	at := slices.IndexFunc(s.plan.People, func(person rules.Person) bool { return person.Login == l.Person })
	switch {
	case at < 0 || string(s.plan.People[at].Role) != l.Data.Office:
		return []string{"he does not hold the office " + l.Data.Office}
	case l.Data.Office == string(rules.Leader):
	case l.Data.Office != string(rules.Deputy) || proposal == nil || l.At.Before(proposal.due.End()):
		return []string{"the office " + l.Data.Office + " does not decide now"}
	}
	return nil
}

func returnNames(s *standing, l line) []string {
	if l.Event != "proposal_returned" {
		return nil
	}
	if len(l.units()) == 0 || !l.Data.ReviewDue.After(l.day()) {
		return []string{"it names no units, or no later day"}
	}
	for _, code := range l.units() {
		if s.units[code] == nil {
			return []string{code + " is no unit"}
		}
	}
	return nil
}

// confirmationVoids wants a proposal voided in the same moment in which an adjustment is confirmed.
func confirmationVoids(j *journal) []string {
	return j.replay(func(s *standing, l line) []string {
		proposal := s.proposals[s.proposed]
		if l.Event != "adjustment_confirmed" || proposal == nil || proposal.state != "open" {
			return nil
		}
		if slices.ContainsFunc(s.lines[l.Seq:], func(later line) bool {
			return later.Event == "proposal_voided" && later.At.Equal(l.At) && later.Data.Number == s.proposed
		}) {
			return nil
		}
		return []string{fmt.Sprintf("proposal %d stays open", s.proposed)}
	})
}

func bulletinAfterApproval(s *standing, l line) []string {
	proposal := s.proposals[s.proposed]
	switch {
	case l.Event != "bulletin_issued":
	case proposal == nil || proposal.state != "approved":
		return []string{"no results are approved"}
	case s.released == s.proposed:
		return []string{"these results were announced before"}
	}
	return nil
}

// feedbackOnce counts feedback a unit and release: the bulletins tell the releases.
func feedbackOnce(j *journal) []string {
	given := map[order]int{}
	bulletins := map[int]bool{}
	found := j.replay(func(s *standing, l line) []string {
		if l.Event == "bulletin_issued" {
			bulletins[s.proposed] = true
		}
		if l.Event != "feedback_issued" {
			return nil
		}
		given[order{l.Unit, l.Data.Number}]++
		if l.Data.Number != s.released {
			return []string{fmt.Sprintf("release %d is not in force", l.Data.Number)}
		}
		return nil
	})
	for release := range bulletins {
		for _, unit := range j.plan.Units {
			if times := given[order{unit.Code, release}]; times != 1 {
				found = append(found, fmt.Sprintf("%s has feedback on release %d %d times", unit.Code, release, times))
			}
		}
	}
	if len(bulletins) == 0 {
		return append(found, "there is no bulletin")
	}
	return found
}

func eachReleaseReported(j *journal) []string {
	reported, bulletins := map[int]int{}, 0
	found := j.replay(func(s *standing, l line) []string {
		switch l.Event {
		case "bulletin_issued":
			bulletins++
		case "results_reported":
			reported[s.released]++
			if proposal := s.proposals[s.released]; proposal == nil || proposal.digest != l.Data.Digest {
				return []string{"that is not the digest in force"}
			}
		}
		return nil
	})
	for release, times := range reported {
		if times != 1 {
			found = append(found, fmt.Sprintf("release %d was reported %d times", release, times))
		}
	}
	if len(reported) != bulletins {
		found = append(found, fmt.Sprintf("%d releases were reported, and there are %d bulletins", len(reported), bulletins))
	}
	return found
}
