package workflows

import (
	"fmt"
	"reflect"
	"testing"
)

const approval1 = "approval/pingliang/2025/1"

// playApproval plays the approval of proposal 1, with digest-0, and returns what became of it.
func playApproval(t *testing.T, script func(*stage)) (*stage, ApprovalResult) {
	t.Helper()
	s := setup(t, approval1)
	s.add("C01", "C02", "C03")
	s.state = "running"
	script(s)
	s.play(Approval, ApprovalInput{Cycle: pingliang, Number: 1})
	var result ApprovalResult
	if err := s.GetWorkflowResult(&result); err != nil {
		t.Fatal(err)
	}
	return s, result
}

func (s *stage) ask(when, update, id string, in any) {
	s.at(when, func() { s.act(s.root, update, id, in) })
}

func approveAs(login, digest string) ApproveRequest {
	return ApproveRequest{Person: Person{Login: login}, Digest: digest}
}

func wantResult(t *testing.T, got, want ApprovalResult) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the proposal ended as %+v, want %+v", got, want)
	}
}

func TestApprovalByTheLeader(t *testing.T) {
	t.Parallel()
	s, result := playApproval(t, func(s *stage) {
		s.ask("2025-11-24 09:00", UpdateApprove, "old", approveAs("leader", "digest-9"))
		s.ask("2025-11-24 10:00", UpdateApprove, "approve", approveAs("leader", "digest-0"))
	})
	wantLines(t, s.except("Mails.Deliver"),
		"11-21 08:00 Proposals.Make #1",
		"11-24 09:00 Proposals.Approve #1 digest-9 by leader",
		"11-24 10:00 Proposals.Approve #1 digest-0 by leader",
	)
	s.wantTold("old", "refused: the results have changed since you saw them", "approve", "{}")
	wantResult(t, result, ApprovalResult{Decision: DecisionApproved})
}

// A silent leader ends nothing: the proposal stays open, and the deputy decides. Who may is the activity's to know.
func TestApprovalByTheDeputy(t *testing.T) {
	t.Parallel()
	s, result := playApproval(t, func(s *stage) {
		s.ask("2026-02-02 10:00", UpdateApprove, "deputy", approveAs("deputy", "digest-0"))
	})
	wantLines(t, s.except("Mails.Deliver"),
		"11-21 08:00 Proposals.Make #1",
		"02-02 10:00 Proposals.Approve #1 digest-0 by deputy",
	)
	wantResult(t, result, ApprovalResult{Decision: DecisionApproved})
}

// Comments and a new review date come with a return; the named units begin again at review (A8(6)).
func TestApprovalReturned(t *testing.T) {
	t.Parallel()
	s, result := playApproval(t, func(s *stage) {
		s.ask("2025-11-24 10:00", UpdateReturnProposal, "return", UnitsRequest{
			Person: Person{Login: "leader"}, Units: []string{"C01", "C03"}, ReviewDue: date(t, "2025-11-28"),
		})
	})
	wantLines(t, s.except("Mails.Deliver"),
		"11-21 08:00 Proposals.Make #1",
		"11-24 10:00 Proposals.Return #1 C01+C03 2025-11-28 by leader",
	)
	wantResult(t, result, ApprovalResult{Decision: DecisionReturned, Units: []UnitGeneration{{"C01", 2}, {"C03", 2}}})
}

// Whatever changes a score while a proposal is open voids it (A8(6)).
func TestApprovalVoided(t *testing.T) {
	t.Parallel()
	s, result := playApproval(t, func(s *stage) {
		s.ask("2025-11-24 10:00", UpdateConfirmAdjustment, "confirm", ConfirmRequest{Person: Person{Login: "second"}, Adjustment: "a-1"})
	})
	wantLines(t, s.only("Proposals.ConfirmAdjustment"), "11-24 10:00 Proposals.ConfirmAdjustment a-1 by second")
	wantResult(t, result, ApprovalResult{Decision: DecisionVoided})

	s, result = playApproval(t, func(s *stage) {
		s.ask("2025-11-24 10:00", UpdateReopenUnits, "reopen", UnitsRequest{
			Person: Person{Login: "admin"}, Units: []string{"C02"}, ReviewDue: date(t, "2025-11-28"),
		})
	})
	wantLines(t, s.only("Proposals.Reopen"), "11-24 10:00 Proposals.Reopen C02 2025-11-28 by admin")
	wantResult(t, result, ApprovalResult{Decision: DecisionVoided, Units: []UnitGeneration{{"C02", 2}}})
}

// Of a hundred decisions at the same moment, of all kinds, the first is taken; the others are told which it was.
func TestApprovalHundredDecisionsAtOnce(t *testing.T) {
	t.Parallel()
	s, result := playApproval(t, func(s *stage) {
		s.at("2025-11-24 10:00", func() {
			s.act(approval1, UpdateConfirmAdjustment, "confirm", ConfirmRequest{Person: Person{Login: "second"}, Adjustment: "a-1"})
			for i := range 98 {
				s.act(approval1, UpdateApprove, fmt.Sprint("approve ", i), approveAs("leader", "digest-0"))
			}
			s.act(approval1, UpdateReturnProposal, "return", UnitsRequest{Person: Person{Login: "leader"}, Units: []string{"C01"}})
		})
	})
	wantLines(t, s.except("Mails.Deliver"),
		"11-21 08:00 Proposals.Make #1",
		"11-24 10:00 Proposals.ConfirmAdjustment a-1 by second",
	)
	refused := "refused: the proposal is decided already: voided"
	s.wantTold("confirm", "{}", "approve 0", refused, "approve 97", refused, "return", refused)
	wantResult(t, result, ApprovalResult{Decision: DecisionVoided})
}

// While the results are computed nobody can approve them.
func TestApprovalBeforeTheProposal(t *testing.T) {
	t.Parallel()
	s, _ := playApproval(t, func(s *stage) {
		s.fail(MakeProposal.Name(), 9, errOutage) // the tenth attempt comes 102 s later
		s.ask("2025-11-21 08:01", UpdateApprove, "early", approveAs("leader", "digest-0"))
		s.ask("2025-11-21 09:00", UpdateApprove, "approve", approveAs("leader", "digest-0"))
	})
	s.wantTold("early", "rejected: the proposal is being computed; try again in a moment", "approve", "{}")
}
