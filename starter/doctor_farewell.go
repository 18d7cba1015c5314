package main

import (
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// farewell looks at what a cancelled year still has to tell, and whether its farewell goes on telling it.
func (e *examination) farewell(row query.CycleListRow) error {
	left, err := e.store.MailOpenCount(e, query.MailOpenCountParams{CycleID: row.CycleID})
	if err != nil || left == 0 {
		return err
	}
	if err := e.openMails(row); err != nil || e.temporal == nil {
		return err
	}
	id := workflows.FarewellID(reference(row))
	described, err := e.temporal.DescribeWorkflowExecution(e, id, "")
	var missing *serviceerror.NotFound
	switch status := described.GetWorkflowExecutionInfo().GetStatus(); {
	case errors.As(err, &missing), err == nil && status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING:
		e.wrong("%s: nobody delivers its mails: Temporal does not run %s", rowName(row), id)
	case err != nil:
		return fmt.Errorf("couldn't look at %s: %w", id, err)
	default:
		e.failing([]string{id})
	}
	return nil
}
