package workflows

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
)

const evaluation2025 = "evaluation/pingliang/2025"

var (
	evaluated       = CycleRef{ID: 8, Authority: "pingliang", Year: 2025, Evaluation: true}
	evaluationInput = SocialEvaluationInput{Cycle: evaluated, By: "admin"}
	leader          = Person{Login: "leader"}
)

// evaluationStage is a stage for a whole evaluation: it is announced on 13 October, the window is open from the 20th to
// 14 November, and the results are due on 5 December. It begins on the last working day before.
func evaluationStage(t *testing.T) *stage {
	t.Helper()
	w := newWorld(t)
	w.evaluation = EvaluationDates{
		Publish: date(t, "2025-10-13"), Open: date(t, "2025-10-20"), Close: date(t, "2025-11-14"), ResultsDue: date(t, "2025-12-05"),
	}
	policy := w.claim.Policies[PhaseApproval]
	w.claim.Policies = map[string]calendar.Policy{PhaseInvitation: policy, PhaseApproval: policy}
	s := stageAt(t, evaluation2025, w, moment(t, "2025-10-11 08:00"))
	s.evaluators()
	return s
}

// evaluators are the people of an evaluation: each acts an hour after what he waits for. Whom a test plays itself it takes
// out of cues.
func (s *stage) evaluators() {
	s.on(MakeTally.Name(), time.Hour, func(string) {
		s.act(evaluation2025, UpdateProposeResults, s.actID("propose"), admin)
	})
	s.on(ProposeEvaluation.Name(), time.Hour, func(string) {
		var digest string
		s.read(func() { digest = s.digest() })
		s.act(evaluation2025, UpdateApprove, s.actID("approve"), approveAs("leader", digest))
	})
	s.on(ReleaseEvaluation.Name(), time.Hour, func(string) {
		s.act(evaluation2025, UpdatePublishResults, s.actID("publish"), PublishRequest{Person: admin, Publish: true})
	})
}

// actID makes the ids of one person's acts differ.
func (s *stage) actID(who string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(who, " ", len(s.told))
}

func (w *world) registerEvaluation(s *stage) {
	carry(s, ClaimEvaluation, func(ClaimInput) (EvaluationClaim, error) {
		if w.state != "draft" {
			return EvaluationClaim{}, dataFault("pingliang/2025/evaluation has been started already")
		}
		w.state = "running"
		claim := w.claim
		claim.Consequences = len(w.consequences)
		return EvaluationClaim{ClaimResult: claim, Evaluation: w.evaluation, AfterProvince: w.afterProvince}, nil
	})
	for _, step := range []Step[EvaluationStep, Empty]{RecordProvince, PublishEvaluation, OpenWindow, InviteRepresentatives, CloseWindow, SealBallots, MakeTally} {
		carry(s, step, func(EvaluationStep) (Empty, error) {
			w.mails++
			return Empty{}, w.writable()
		})
	}
	carry(s, ProposeEvaluation, func(MakeProposalInput) (MakeProposalResult, error) {
		w.proposals = append(w.proposals, &fakeProposal{state: "open", digest: w.digest()})
		return MakeProposalResult{Digest: w.digest(), Due: w.evaluation.ResultsDue}, w.writable()
	})
	carry(s, ReturnEvaluation, func(ReturnEvaluationInput) (Empty, error) {
		w.openProposal().state = DecisionReturned
		return Empty{}, w.writable()
	})
	carry(s, ReleaseEvaluation, func(in ReleaseInput) (ReleaseEvaluationResult, error) {
		if approved := w.proposals[in.Number-1]; approved.digest != w.digest() {
			approved.state = DecisionVoided
			return ReleaseEvaluationResult{}, w.writable()
		}
		w.mails++
		for range w.dissatisfied {
			w.consequences = append(w.consequences, &fakeConsequence{unit: "C01"}, &fakeConsequence{unit: "C01"})
		}
		return ReleaseEvaluationResult{Released: true, Open: w.undecided()}, w.writable()
	})
	carry(s, PublishResults, func(PublishInput) (Empty, error) { return Empty{}, w.writable() })
	carry(s, MoveEvaluationDate, func(in MoveDateInput) (EvaluationDates, error) {
		switch in.Phase {
		case PhasePublish:
			w.evaluation.Publish = in.To
		case PhaseOpen:
			w.evaluation.Open = in.To
		case PhaseClose:
			w.evaluation.Close = in.To
		default:
			w.evaluation.ResultsDue = in.To
		}
		return w.evaluation, w.writable()
	})
	carry(s, RemindRepresentatives, func(EvaluationStep) (RemindResult, error) { return RemindResult{Queued: 2}, w.writable() })
}
