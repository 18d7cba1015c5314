package stage

import (
	"fmt"
	"strconv"

	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/workflows"
)

// acts are the updates by name, each with the activity that carries it out.
var acts = map[string]func(*hand, workflows.ID, client.UpdateWorkflowOptions) (any, error){
	workflows.UpdateAwaitStart: func(*hand, workflows.ID, client.UpdateWorkflowOptions) (any, error) { return workflows.Empty{}, nil },

	// No step is ever stuck here: what is taken again is done.
	workflows.UpdateRetryStep: func(*hand, workflows.ID, client.UpdateWorkflowOptions) (any, error) { return workflows.Empty{}, nil },

	workflows.UpdateSubmitReport: act(workflows.SubmitReport, func(a workflows.Act, id workflows.ID, _ workflows.Person) workflows.SubmitReportInput {
		return workflows.SubmitReportInput{Act: a, Unit: id.Rest[0]}
	}),
	workflows.UpdateReturnReport: act(workflows.ReturnReport, func(a workflows.Act, id workflows.ID, in workflows.ReturnRequest) workflows.ReturnReportInput {
		return workflows.ReturnReportInput{Act: a, Unit: id.Rest[0], Due: in.Due}
	}),
	workflows.UpdateExtend: act(workflows.ExtendUnit, func(a workflows.Act, id workflows.ID, in workflows.ExtendRequest) workflows.ExtendUnitInput {
		return workflows.ExtendUnitInput{Act: a, Unit: id.Rest[0], Phase: in.Phase, To: in.To, Rectification: numberOf(id)}
	}),
	workflows.UpdateSubmitSheet: act(workflows.SubmitSheet, func(a workflows.Act, id workflows.ID, _ workflows.Person) workflows.SubmitSheetInput {
		return workflows.SubmitSheetInput{Act: a, Unit: id.Rest[0]}
	}),
	workflows.UpdateAssignAssessor: act(workflows.AssignAssessor, func(a workflows.Act, id workflows.ID, in workflows.AssignRequest) workflows.AssignAssessorInput {
		return workflows.AssignAssessorInput{Act: a, Unit: id.Rest[0], Assessor: in.Assessor}
	}),

	workflows.UpdateApprove: act(workflows.ApproveProposal, func(a workflows.Act, id workflows.ID, in workflows.ApproveRequest) workflows.ApproveInput {
		return workflows.ApproveInput{Act: a, Number: number(id.Rest[0]), Digest: in.Digest}
	}),
	workflows.UpdateReturnProposal: act(workflows.ReturnProposal, func(a workflows.Act, id workflows.ID, in workflows.UnitsRequest) workflows.ReturnProposalInput {
		return workflows.ReturnProposalInput{Act: a, Number: number(id.Rest[0]), Units: in.Units, ReviewDue: in.ReviewDue}
	}),
	workflows.UpdateConfirmAdjustment: act(workflows.ConfirmAdjusted, func(a workflows.Act, _ workflows.ID, in workflows.ConfirmRequest) workflows.ConfirmAdjustmentInput {
		return workflows.ConfirmAdjustmentInput{Act: a, Adjustment: in.Adjustment}
	}),
	workflows.UpdateReopenUnits: act(workflows.ReopenUnits, func(a workflows.Act, _ workflows.ID, in workflows.UnitsRequest) workflows.ReopenInput {
		return workflows.ReopenInput{Act: a, Units: in.Units, ReviewDue: in.ReviewDue}
	}),

	workflows.UpdateRemind: act(workflows.RemindByHand, func(a workflows.Act, _ workflows.ID, in workflows.UnitsRequest) workflows.RemindInput {
		return workflows.RemindInput{Act: a, Units: in.Units}
	}),
	workflows.UpdateMoveDate: act(workflows.MoveDate, func(a workflows.Act, _ workflows.ID, in workflows.ExtendRequest) workflows.MoveDateInput {
		return workflows.MoveDateInput{Act: a, Phase: in.Phase, To: in.To}
	}),
	workflows.UpdateCancel: act(workflows.CancelCycle, func(a workflows.Act, _ workflows.ID, _ workflows.Person) workflows.CancelInput {
		return workflows.CancelInput{Act: a}
	}),
	workflows.UpdateOrderRectifications: act(workflows.OrderRectifications, func(a workflows.Act, _ workflows.ID, in workflows.UnitsRequest) workflows.OrderInput {
		return workflows.OrderInput{Act: a, Units: in.Units}
	}),
	workflows.UpdateRecordViolation: act(workflows.RecordViolation, func(a workflows.Act, _ workflows.ID, in workflows.ViolationRequest) workflows.ViolationInput {
		return workflows.ViolationInput{Act: a, Unit: in.Unit}
	}),
	workflows.UpdateCorrectResults: act(workflows.CorrectResults, func(a workflows.Act, _ workflows.ID, in workflows.CorrectRequest) workflows.CorrectInput {
		return workflows.CorrectInput{Act: a, Adjustment: in.Adjustment, Units: in.Units, ReviewDue: in.ReviewDue}
	}),

	workflows.UpdateFileMeasures:        act(workflows.FileMeasures, rectification),
	workflows.UpdateReportRectification: act(workflows.ReportRectification, rectification),
	workflows.UpdateSendBack:            act(workflows.SendBack, rectification),
	workflows.UpdateAccept:              act(workflows.AcceptRectification, rectification),
	workflows.UpdateDecideConsequence: act(workflows.DecideConsequence, func(a workflows.Act, _ workflows.ID, in workflows.DecideRequest) workflows.DecideInput {
		return workflows.DecideInput{Act: a, Number: in.Number, Impose: in.Impose, Due: in.Due}
	}),
}

func rectification(a workflows.Act, id workflows.ID, in workflows.RectificationRequest) workflows.RectificationAct {
	return workflows.RectificationAct{Act: a, Unit: id.Rest[0], Number: numberOf(id), Due: in.Due}
}

// act makes an update's argument the input of its activity.
func act[Request interface{ Who() string }, In, Out any](step workflows.Step[In, Out], input func(workflows.Act, workflows.ID, Request) In) func(*hand, workflows.ID, client.UpdateWorkflowOptions) (any, error) {
	return func(h *hand, id workflows.ID, options client.UpdateWorkflowOptions) (any, error) {
		request, ok := options.Args[0].(Request)
		if !ok {
			return nil, fmt.Errorf("%s got a %T", options.UpdateName, options.Args[0])
		}
		return carry(h, step, input(h.act(options.UpdateID, request.Who()), id, request))
	}
}

// numberOf is the number of a rectification; 0 follows from the results.
func numberOf(id workflows.ID) int {
	if len(id.Rest) < 2 {
		return 0
	}
	return number(id.Rest[1])
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err) // the id was parsed from what office made
	}
	return n
}
