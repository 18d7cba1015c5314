package service

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/store/query"
)

// lookForRehearsals is how often a worker looks for rehearsals whose people nobody plays.
const lookForRehearsals = 2 * time.Second

// playRehearsals plays the people of rehearsals that were started from the portal, each by one worker at a time: if that
// is gone another goes on, since people act on what they find.
func (s *Service) playRehearsals(ctx context.Context) {
	ticker := time.NewTicker(lookForRehearsals)
	defer ticker.Stop()
	var playing errgroup.Group
	for {
		cycles, err := s.store.CycleSimulated(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("couldn't look for rehearsals", "error", err)
		}
		for _, cycle := range cycles {
			release, held, err := s.store.Hold(ctx, cycle.CycleID)
			if err != nil && ctx.Err() == nil {
				s.log.Warn("couldn't take a rehearsal up", "error", err)
			}
			if !held {
				continue
			}
			playing.Go(func() error {
				defer release()
				s.playRehearsal(ctx, cycle)
				return nil
			})
		}
		select {
		case <-ctx.Done():
			_ = playing.Wait() // each has told its own error
			return
		case <-ticker.C:
		}
	}
}

func (s *Service) playRehearsal(ctx context.Context, cycle query.Cycle) {
	set, err := s.store.DataSet(ctx, cycle)
	if err == nil {
		var cast *rehearsal.Cast
		if cast, err = rehearsal.NewCast(ctx, s.office, cycle, rehearsal.NewScript(set.Plan), nil, s.log); err == nil {
			err = cast.Play(ctx)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("a rehearsal was broken off", "cycle", cycle.CycleID, "error", err)
	}
}
