package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Import is a data set that becomes a cycle.
type Import struct {
	DataSet DataSet
	// Questions are those of an evaluation's ballot, in their order.
	Questions []rules.Question
	// Rehearsal is 0 for the real cycle, NextRehearsal for a new one, else its number.
	Rehearsal int
	// Pace and Virtual are a rehearsal's clock: real time a day, and what it shows first.
	Pace    time.Duration
	Virtual time.Time
}

// NextRehearsal stands for the number after the newest rehearsal's.
const NextRehearsal = -1

// ImportDataSet stores a data set as a draft cycle, whole or not at all. Until the cycle starts it replaces what was
// imported before; recorded adjustments stay.
func (s *Store) ImportDataSet(ctx context.Context, in Import) (int64, error) {
	ids, err := s.ImportDataSets(ctx, in)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// ImportDataSets stores an assessment and its evaluation, both or none. One of several that has started may stay as it
// is, if nothing of it is changed: an evaluation may begin before its assessment or after it.
func (s *Store) ImportDataSets(ctx context.Context, all ...Import) ([]int64, error) {
	var ids []int64
	err := s.transaction(ctx, func(queries *query.Queries) error {
		ids = nil
		stayed := 0
		number, err := rehearsalNumber(ctx, queries, all[0])
		if err != nil {
			return err
		}
		for _, in := range all {
			in.Rehearsal = number
			id, err := importOne(ctx, queries, in)
			if errors.Is(err, errUnchanged) && stayed < len(all)-1 {
				stayed, err = stayed+1, nil
			}
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't import: %w", err)
	}
	return ids, nil
}

// rehearsalNumber is the import's. A new one waits for others who number a rehearsal of the same year at this moment.
func rehearsalNumber(ctx context.Context, queries *query.Queries, in Import) (int, error) {
	if in.Rehearsal != NextRehearsal {
		return in.Rehearsal, nil
	}
	scheme := in.DataSet.Plan.Scheme
	year := query.CycleNewestRehearsalParams{Authority: scheme.Authority.Code, Year: int32(scheme.Year)}
	if err := queries.RehearsalLock(ctx, query.RehearsalLockParams{Authority: year.Authority, Year: year.Year}); err != nil {
		return 0, err
	}
	newest, err := queries.CycleNewestRehearsal(ctx, year)
	return int(newest) + 1, err
}

func importOne(ctx context.Context, queries *query.Queries, in Import) (int64, error) {
	id, err := draft(ctx, queries, in)
	if err != nil {
		return id, err
	}
	if err := replaceDataSet(ctx, queries, id, in); err != nil {
		return 0, err
	}
	if in.Rehearsal > 0 || len(in.DataSet.Holidays) == 0 {
		return id, nil
	}
	days, works, names := holidayColumns(in.DataSet.Holidays)
	return id, queries.HolidayUpsert(ctx, query.HolidayUpsertParams{Days: days, Works: works, Names: names})
}

// draft finds the cycle's row, or makes it.
func draft(ctx context.Context, queries *query.Queries, in Import) (int64, error) {
	scheme := in.DataSet.Plan.Scheme
	var virtual *time.Time
	if in.Rehearsal > 0 {
		virtual = &in.Virtual
	}
	found, err := queries.CycleFind(ctx, query.CycleFindParams{
		Authority: scheme.Authority.Code, Year: int32(scheme.Year), Rehearsal: int32(in.Rehearsal), Kind: in.DataSet.kind(),
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && found.State == "cancelled" {
		return queries.CycleInsert(ctx, query.CycleInsertParams{
			Authority: scheme.Authority.Code, Year: int32(scheme.Year), Rehearsal: int32(in.Rehearsal), Kind: in.DataSet.kind(),
			RuleSet: scheme.RuleSet, ClockVirtual: virtual, ClockPace: int64(in.Pace),
		})
	}
	if err != nil {
		return 0, err
	}
	locked, err := queries.CycleLock(ctx, query.CycleLockParams{CycleID: found.CycleID})
	if err != nil {
		return 0, err
	}
	if locked.State != "draft" {
		return locked.CycleID, frozen(ctx, queries, locked, in.DataSet)
	}
	return locked.CycleID, queries.CycleReplace(ctx, query.CycleReplaceParams{
		CycleID: locked.CycleID, RuleSet: scheme.RuleSet, ClockVirtual: virtual, ClockPace: int64(in.Pace),
	})
}

// errUnchanged is within the refusal of a data set that is the cycle's already.
var errUnchanged = errors.New("nothing of it is changed")

// frozen refuses to import into a cycle that has started.
func frozen(ctx context.Context, queries *query.Queries, cycle query.Cycle, set DataSet) error {
	reason := CycleName(cycle) + " has started: its scheme is frozen (A8(3))"
	if cycle.Kind == Evaluation {
		reason = CycleName(cycle) + " has started: its plan is frozen (E8(1))"
	}
	refusal := &Error{Kind: Refused, Reasons: []string{reason}}
	kept, err := queries.DataSetGet(ctx, query.DataSetGetParams{CycleID: cycle.CycleID})
	if err != nil {
		return err
	}
	var started DataSet
	if err := json.Unmarshal(kept, &started); err != nil {
		return err
	}
	if same, err := equal(started, set); err != nil {
		return err
	} else if same {
		refusal.Err = errUnchanged
	}
	return refusal
}

// equal compares data sets as they are kept.
func equal(kept, given DataSet) (bool, error) {
	one, err := json.Marshal(kept)
	if err != nil {
		return false, err
	}
	other, err := json.Marshal(given)
	return bytes.Equal(one, other), err
}

func replaceDataSet(ctx context.Context, queries *query.Queries, id int64, in Import) error {
	text, err := json.Marshal(in.DataSet)
	if err != nil {
		return err
	}
	if err := queries.DataSetPut(ctx, query.DataSetPutParams{CycleID: id, DataSet: text}); err != nil {
		return err
	}
	if in.DataSet.Evaluation != nil {
		return replaceEvaluation(ctx, queries, id, in)
	}
	return replacePlan(ctx, queries, id, in.DataSet.Plan)
}
