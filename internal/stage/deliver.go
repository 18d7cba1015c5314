package stage

import (
	"slices"
	"time"

	"github.com/kaoping/kaoping/store"
)

// Deliver sends what is on the ledger; the mail server refuses some addresses for good (A8(4)).
func (s *Stage) Deliver(refused ...string) {
	s.t.Helper()
	for {
		batch, err := s.Store.ClaimMails(s.t.Context(), s.Cycle.CycleID, 100, time.Minute)
		Must(s.t, err)
		if len(batch) == 0 {
			return
		}
		var outcomes []store.Outcome
		for _, mail := range batch {
			outcome := store.Outcome{Mail: mail, Begun: s.Store.Now(s.Cycle)}
			if slices.Contains(refused, mail.Recipient) {
				outcome.Refused, outcome.Answer = true, "550 5.1.1 no such user"
			}
			outcomes = append(outcomes, outcome)
		}
		Must(s.t, s.Store.SettleMails(s.t.Context(), s.Cycle.CycleID, outcomes))
	}
}
