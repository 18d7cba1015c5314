package workflows

import (
	"reflect"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	rehearsal := pingliang
	rehearsal.Rehearsal = 12
	for _, c := range []struct {
		built, want string
		parsed      ID
	}{
		{AssessmentID(pingliang), "assessment/pingliang/2025", ID{Kind: "assessment"}},
		{AssessmentID(rehearsal), "rehearsal/12/assessment/pingliang/2025", ID{Kind: "assessment", Rehearsal: 12}},
		{UnitID(pingliang, "C01", 1), "unit/pingliang/2025/C01", ID{Kind: "unit", Rest: []string{"C01"}}},
		{UnitID(pingliang, "C01", 2), "unit/pingliang/2025/C01/2", ID{Kind: "unit", Rest: []string{"C01", "2"}}},
		{UnitID(rehearsal, "C01", 3), "rehearsal/12/unit/pingliang/2025/C01/3", ID{Kind: "unit", Rehearsal: 12, Rest: []string{"C01", "3"}}},
		{ApprovalID(pingliang, 1), "approval/pingliang/2025/1", ID{Kind: "approval", Rest: []string{"1"}}},
		{RectificationID(pingliang, "C01", 0), "rectification/pingliang/2025/C01", ID{Kind: "rectification", Rest: []string{"C01"}}},
		{RectificationID(pingliang, "C01", 1), "rectification/pingliang/2025/C01/1", ID{Kind: "rectification", Rest: []string{"C01", "1"}}},
		{FarewellID(rehearsal), "rehearsal/12/farewell/pingliang/2025/7", ID{Kind: "farewell", Rehearsal: 12, Rest: []string{"7"}}},
	} {
		if c.built != c.want {
			t.Errorf("the id is %s, want %s", c.built, c.want)
		}
		c.parsed.Authority, c.parsed.Year = "pingliang", 2025
		got, err := ParseID(c.built)
		if c.parsed.Rest == nil {
			c.parsed.Rest = []string{}
		}
		if err != nil || !reflect.DeepEqual(got, c.parsed) {
			t.Errorf("%s parses as %+v (%v), want %+v", c.built, got, err, c.parsed)
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "unit", "unit/pingliang", "unit/pingliang/C01", "unit//2025", "unit/pingliang/2025/", "unit/pingliang/+2025", "unit/pingliang/02025",
		"rehearsal/0/unit/pingliang/2025", "rehearsal/x/unit/pingliang/2025", "rehearsal/01/unit/pingliang/2025", "rehearsal/1/unit",
	} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("%q parses as %+v, want an error", text, id)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"unit/pingliang/2025/C01/2", "rehearsal/3/approval/pingliang/2025/1", "a/b/-0", "rehearsal/1/rehearsal/2/x/y/3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID(text)
		if err != nil {
			return
		}
		if id.String() != text {
			t.Errorf("%q parses as %+v, which is %q", text, id, id)
		}
		if id.Kind == "" || id.Authority == "" || strings.Contains(id.Kind+id.Authority, "/") {
			t.Errorf("%q parses as %+v", text, id)
		}
	})
}

func TestStuckTask(t *testing.T) {
	t.Parallel()
	key := StuckTask("rehearsal/12/approval/pingliang/2025/1", "Proposals.Make")
	if key != "stuck/Proposals.Make/rehearsal/12/approval/pingliang/2025/1" {
		t.Errorf("the key is %s", key)
	}
	for _, text := range []string{"", "stuck/", "stuck/Proposals.Make", "stuck/Proposals.Make/", "stuck//approval", "telephone/a@b"} {
		if workflowID, step, err := ParseStuckTask(text); err == nil {
			t.Errorf("%q parses as %s of %s, want an error", text, step, workflowID)
		}
	}
}

func FuzzParseStuckTask(f *testing.F) {
	f.Add("approval/pingliang/2025/1", "Proposals.Make")
	f.Fuzz(func(t *testing.T, workflowID, step string) {
		if workflowID == "" || step == "" || strings.Contains(step, "/") {
			return // no step is called so
		}
		gotID, gotStep, err := ParseStuckTask(StuckTask(workflowID, step))
		if err != nil || gotID != workflowID || gotStep != step {
			t.Errorf("%s of %s comes back as %s of %s (%v)", step, workflowID, gotStep, gotID, err)
		}
	})
}

// The names of steps stand in histories and in tasks: no two alike, none with a slash.
func TestNamesOfSteps(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	s := setup(t, year2025)
	for _, name := range s.registered {
		if seen[name] || strings.Contains(name, "/") || strings.Count(name, ".") != 1 {
			t.Errorf("the step %q is there twice, or named badly", name)
		}
		seen[name] = true
	}
	if len(seen) != 51 {
		t.Errorf("the world carries out %d steps, want 51", len(seen))
	}
}

// Temporal's pages show whose year it is, and where it stands.
func TestSearchAttributes(t *testing.T) {
	t.Parallel()
	want := []string{"KaopingAuthority", "KaopingYear", "KaopingPhase", "KaopingUnit"}
	if got := SearchAttributes(); !reflect.DeepEqual(got, want) {
		t.Errorf("the search attributes are %q, want %q", got, want)
	}
	attributes := Attributes(pingliang, PhaseReview, "C01")
	for key, want := range map[string]string{"KaopingAuthority": "pingliang", "KaopingYear": "2025", "KaopingPhase": "review", "KaopingUnit": "C01"} {
		found := false
		for known, value := range attributes.GetUntypedValues() {
			found = found || known.GetName() == key && value == want
		}
		if !found {
			t.Errorf("%s is not %s", key, want)
		}
	}
}

func TestPhasesShown(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	for _, phase := range []string{"notice", "assessment", "review", "approval"} { // the unit's review is its own
		s.OnUpsertTypedSearchAttributes(temporal.NewSearchAttributes(AttributePhase.ValueSet(phase))).Return(nil).Once()
	}
	in := s.first()
	s.AssertExpectations(t)

	s = s.second()
	for _, phase := range []string{"rectification", "closed"} {
		s.OnUpsertTypedSearchAttributes(temporal.NewSearchAttributes(AttributePhase.ValueSet(phase))).Return(nil).Once()
	}
	s.play(AssessmentCycle, in)
	s.AssertExpectations(t)
}

// A schedule drafts the next year; its own clock says which.
func TestYearDraft(t *testing.T) {
	t.Parallel()
	s := setup(t, YearDraftID("pingliang"))
	s.fail(DraftNextYear.Name(), 3, errOutage)
	s.play(YearDraft, YearDraftInput{Authority: "pingliang"})
	var result YearDraftResult
	if err := s.GetWorkflowResult(&result); err != nil || result.Year != 2025 {
		t.Errorf("drafted %+v (%v), want 2025", result, err)
	}
}
