// Package workflows decides what happens next in a cycle: one file a process, steps named as the regulation names
// them. It does no I/O; what it needs of the world are Steps, which the activities package carries out.
package workflows

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// TaskQueue is where every worker listens.
const TaskQueue = "kaoping"

// CycleRef names a cycle in payloads.
type CycleRef struct {
	ID        int64  `json:"id"`
	Authority string `json:"authority"`
	Year      int    `json:"year"`
	Rehearsal int    `json:"rehearsal,omitempty"`
	// Evaluation says that it is the year's social evaluation.
	Evaluation bool `json:"evaluation,omitempty"`
}

// Name is how people name the cycle: pingliang/2025.
func (c CycleRef) Name() string { return fmt.Sprintf("%s/%d", c.Authority, c.Year) }

func (c CycleRef) path(kind string) string {
	prefix := ""
	if c.Rehearsal > 0 {
		prefix = fmt.Sprintf("rehearsal/%d/", c.Rehearsal)
	}
	return prefix + kind + "/" + c.Name()
}

// AssessmentID is assessment/pingliang/2025; a rehearsal's begins with rehearsal/N/, as all the following do.
func AssessmentID(cycle CycleRef) string { return cycle.path("assessment") }

// EvaluationID is evaluation/pingliang/2025.
func EvaluationID(cycle CycleRef) string { return cycle.path("evaluation") }

// CycleID is the id of the workflow that a cycle is.
func CycleID(cycle CycleRef) string {
	if cycle.Evaluation {
		return EvaluationID(cycle)
	}
	return AssessmentID(cycle)
}

// UnitID is unit/pingliang/2025/C01, and for a unit that was returned unit/pingliang/2025/C01/2.
func UnitID(cycle CycleRef, unit string, generation int) string {
	id := cycle.path("unit") + "/" + unit
	if generation > 1 {
		id += "/" + strconv.Itoa(generation)
	}
	return id
}

// ApprovalID is approval/pingliang/2025/1.
func ApprovalID(cycle CycleRef, number int) string {
	return cycle.path("approval") + "/" + strconv.Itoa(number)
}

// RectificationID is rectification/pingliang/2025/C01, and for one that follows from a violation …/C01/1.
func RectificationID(cycle CycleRef, unit string, number int) string {
	id := cycle.path("rectification") + "/" + unit
	if number > 0 {
		id += "/" + strconv.Itoa(number)
	}
	return id
}

// ID is a workflow's id taken apart again.
type ID struct {
	Kind      string
	Authority string
	Year      int
	Rehearsal int
	// Rest is what follows the cycle's name: a unit, a number.
	Rest []string
}

// String is the id as text.
func (id ID) String() string {
	cycle := CycleRef{Authority: id.Authority, Year: id.Year, Rehearsal: id.Rehearsal}
	return strings.Join(append([]string{cycle.path(id.Kind)}, id.Rest...), "/")
}

// ParseID reads what the functions above make, and nothing else.
func ParseID(text string) (ID, error) {
	parts := strings.Split(text, "/")
	id := ID{}
	var err error
	if parts[0] == "rehearsal" && len(parts) > 2 {
		if id.Rehearsal, err = strconv.Atoi(parts[1]); err != nil || id.Rehearsal < 1 {
			return ID{}, fmt.Errorf("%q is not a workflow id of a cycle: no rehearsal number", text)
		}
		parts = parts[2:]
	}
	if len(parts) < 3 || slices.Contains(parts, "") {
		return ID{}, fmt.Errorf("%q is not a workflow id of a cycle: want KIND/AUTHORITY/YEAR", text)
	}
	if id.Year, err = strconv.Atoi(parts[2]); err != nil {
		return ID{}, fmt.Errorf("%q is not a workflow id of a cycle: no year", text)
	}
	id.Kind, id.Authority, id.Rest = parts[0], parts[1], parts[3:]
	if id.String() != text {
		return ID{}, fmt.Errorf("%q is not a workflow id of a cycle: it would be %s", text, id)
	}
	return id, nil
}

// Search attributes, so that Temporal's own pages show where a year stands. All are keywords.
var (
	AttributeAuthority = temporal.NewSearchAttributeKeyKeyword("KaopingAuthority")
	AttributeYear      = temporal.NewSearchAttributeKeyKeyword("KaopingYear")
	AttributePhase     = temporal.NewSearchAttributeKeyKeyword("KaopingPhase")
	AttributeUnit      = temporal.NewSearchAttributeKeyKeyword("KaopingUnit")
)

// SearchAttributes names what the server must know before a cycle starts.
func SearchAttributes() []string {
	return []string{AttributeAuthority.GetName(), AttributeYear.GetName(), AttributePhase.GetName(), AttributeUnit.GetName()}
}

// Attributes are those of a workflow that starts.
func Attributes(cycle CycleRef, phase, unit string) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(
		AttributeAuthority.ValueSet(cycle.Authority), AttributeYear.ValueSet(strconv.Itoa(cycle.Year)),
		AttributePhase.ValueSet(phase), AttributeUnit.ValueSet(unit))
}

// showPhase tells Temporal's pages where a workflow stands.
func showPhase(ctx workflow.Context, phase, details string) error {
	workflow.SetCurrentDetails(ctx, details)
	return workflow.UpsertTypedSearchAttributes(ctx, AttributePhase.ValueSet(phase))
}

// Register makes a worker run every process.
func Register(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflow(AssessmentCycle)
	registry.RegisterWorkflow(UnitAssessment)
	registry.RegisterWorkflow(Approval)
	registry.RegisterWorkflow(Rectification)
	registry.RegisterWorkflow(SocialEvaluation)
	registry.RegisterWorkflow(Farewell)
	registry.RegisterWorkflow(YearDraft)
}

// clock is a cycle's own time inside a workflow.
type clock struct{ calendar.Clock }

func (c clock) now(ctx workflow.Context) time.Time { return c.At(workflow.Now(ctx)) }

func (c clock) wait(ctx workflow.Context, until time.Time) time.Duration {
	return c.Wait(workflow.Now(ctx), until)
}

// rehearsal is a clock that runs faster than the world's.
func (c clock) rehearsal() bool { return c.Pace > 0 }
