package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

const (
	tallyTime  = 3 * time.Second
	tallyUnits = 100
	// tallyRuns is how often each list is tallied; the median counts.
	tallyRuns = 3
	// tallyGrowth is how much more memory the large list may take than the small one, of what a collector lets lie about.
	tallyGrowth = 1.5
)

// lists are sizes of which the second is ten times the first.
var lists = [2]int{100_000, 1_000_000}

// tally is how long it takes to count a large sealed list into results, and that the memory for it does not grow with
// the list.
func (b *bench) tally(ctx context.Context) (figures []figure, err error) {
	dir, err := os.MkdirTemp(b.dir, "tally-")
	if err != nil {
		return nil, err
	}
	servers, err := devstack.Start(ctx, devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(dir, "servers"), Progress: b.progressLine}, Postgres: &devstack.PostgresOptions{},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, servers.Close()) }()
	var took [len(lists)]time.Duration
	var memory [len(lists)]int64
	for i, size := range lists {
		address, err := servers.Postgres.CreateDatabase(ctx, fmt.Sprintf("tally_%d", size), "template1")
		if err != nil {
			return nil, err
		}
		if took[i], memory[i], err = b.tallyOf(ctx, address, size); err != nil {
			return nil, err
		}
	}
	return []figure{
		{
			name: fmt.Sprintf("tally of %d ballots, %d units", lists[1], tallyUnits), ours: seconds(took[1]), reference: seconds(tallyTime),
			ratio: took[1].Seconds() / tallyTime.Seconds(), bound: 1,
		},
		{
			name: fmt.Sprintf("its memory: %d against %d ballots", lists[1], lists[0]), ours: fmt.Sprintf("%d kB", memory[1]>>10),
			reference: fmt.Sprintf("%d kB", memory[0]>>10), ratio: float64(memory[1]) / float64(memory[0]), bound: tallyGrowth,
		},
	}, nil
}

// tallyOf makes a sealed list of that size and tallies it.
func (b *bench) tallyOf(ctx context.Context, address string, size int) (took time.Duration, memory int64, err error) {
	if err := store.Migrate(ctx, store.Config{URL: address}); err != nil {
		return 0, 0, err
	}
	library, err := settings.Rules("")
	if err != nil {
		return 0, 0, err
	}
	kept, err := store.Open(ctx, store.Config{URL: address})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	cycle, err := importEvaluation(ctx, &office.Office{Store: kept, Rules: library})
	if err != nil {
		return 0, 0, err
	}
	if err := sealMany(ctx, address, cycle.CycleID, size); err != nil {
		return 0, 0, err
	}
	set, err := kept.DataSet(ctx, cycle)
	if err != nil {
		return 0, 0, err
	}
	ruleSet, _ := library.RuleSet(cycle.RuleSet)
	var times []time.Duration
	var peaks []int64
	for range tallyRuns {
		start := time.Now()
		peak, err := peakOf(func() error {
			book, err := kept.EvaluationTally(ctx, cycle, set, ruleSet, store.WithoutExcluded)
			if err == nil && len(book.Compute().Evaluated) != tallyUnits {
				err = errors.New("not every unit has a result")
			}
			return err
		})
		if err != nil {
			return 0, 0, err
		}
		times, peaks = append(times, time.Since(start)), append(peaks, peak)
		b.tell("tally, %d ballots: %s", size, seconds(times[len(times)-1]))
	}
	return median(times), median(peaks), nil
}

// importEvaluation imports the sample's evaluation with as many units as the figure wants.
func importEvaluation(ctx context.Context, o *office.Office) (query.Cycle, error) {
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	if err != nil {
		return query.Cycle{}, err
	}
	set, err := documents.ReadDataSet(files, o.Rules)
	if err != nil {
		return query.Cycle{}, err
	}
	pattern := set.Evaluation.Units[0]
	set.Evaluation.Units, set.Evaluation.Representatives = nil, nil
	for i := range tallyUnits {
		unit := pattern
		unit.Code, unit.Name = fmt.Sprintf("U%03d", i), fmt.Sprintf("第%d号单位", i)
		set.Evaluation.Units = append(set.Evaluation.Units, unit)
	}
	if _, err := o.Import(ctx, set); err != nil {
		return query.Cycle{}, err
	}
	return o.Find(ctx, "pingliang/2025/evaluation", 0)
}

// sealMany fills the list as a sealing does, without its hashes.
func sealMany(ctx context.Context, address string, cycle int64, size int) error {
	connector, err := pq.NewConnector(address)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO sealed_ballots (cycle_id, position, receipt, unit, channel, hall, survey, answers, comment, nonce, hash)
			SELECT %d, n, substring(uuid_send(gen_random_uuid()) from 1 for 10), 'U' || lpad((n %% %d)::text, 3, '0'),
				CASE WHEN n %% 7 = 0 THEN 'representative' ELSE 'public' END, '', 0,
				(1 + n %% 3)::text || translate(lpad((n * 7919 %% 1000000)::text, 6, '0'), '456789', '012301'), '', '', sha256(int8send(n))
			FROM generate_series(0::bigint, %d) n`, cycle, tallyUnits, size-1),
		fmt.Sprintf(`INSERT INTO seals VALUES (%d, %d, sha256(''), 'unsigned', 'none')`, cycle, size),
		`VACUUM ANALYZE sealed_ballots`,
	} {
		_, failed := db.ExecContext(ctx, statement)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, db.Close())
}

// peakOf is the most of the heap that is in use while something runs.
func peakOf(run func() error) (int64, error) {
	runtime.GC()
	stop, peak := make(chan struct{}), make(chan int64)
	go func() {
		var most uint64
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			select {
			case <-stop:
				peak <- int64(most)
				return
			case <-ticker.C:
			}
		}
	}()
	err := run()
	close(stop)
	return <-peak, err
}
