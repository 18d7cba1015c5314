package activities

import (
	"context"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// confirmAdjustment confirms a bonus or deduction while a proposal is open, and voids the proposal (A10, A11).
func (a *Activities) confirmAdjustment(ctx context.Context, in workflows.ConfirmAdjustmentInput) (workflows.UnitsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.UnitsResult, error) {
		if err := y.ConfirmAdjustment(in.Adjustment, in.Act.By); err != nil {
			return workflows.UnitsResult{}, err
		}
		open, err := y.openNow()
		if err != nil {
			return workflows.UnitsResult{}, err
		}
		return workflows.UnitsResult{}, y.void(int(open.Number), in.Act.By, "an adjustment was confirmed")
	})
}

// correctResults begins the correction of released results: an adjustment confirmed late, or units whose review is
// opened again. A new proposal follows, and the released results stay in force until it is approved (A8(7)).
func (a *Activities) correctResults(ctx context.Context, in workflows.CorrectInput) (workflows.UnitsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.UnitsResult, error) {
		none := workflows.UnitsResult{}
		reason, err := y.reason(in.Act)
		var wrong error
		switch {
		case len(in.Units) > 0:
			wrong = y.mayReopen(in.Units, in.ReviewDue)
		case in.Adjustment == "":
			wrong = store.Refuse("a correction names an adjustment or units (A8(7))")
		}
		if err := together(err, wrong); err != nil {
			return none, err
		}
		if err := y.startCorrection(reason); err != nil {
			return none, err
		}
		if in.Adjustment != "" {
			if err := y.ConfirmAdjustment(in.Adjustment, in.Act.By); err != nil {
				return none, err
			}
		}
		if len(in.Units) == 0 {
			return none, nil
		}
		return y.reopenByHand(in.Units, in.ReviewDue, in.Act, reason)
	})
}
