package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
)

// reading opens the script's database.
func reading(ctx context.Context, ts *testscript.TestScript) *office.Office {
	data, err := settings.Settings{DatabaseURL: ts.Getenv(settings.DatabaseURL)}.OpenStore(ctx)
	ts.Check(err)
	ts.Defer(func() { ts.Check(data.Close()) })
	library, err := settings.Rules("")
	ts.Check(err)
	return &office.Office{Store: data, Rules: library}
}

// rehearse DIR PACE stores a data set as a rehearsal, as demo does.
func rehearse(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	pace, err := time.ParseDuration(args[1])
	ts.Check(err)
	office := reading(ctx, ts)
	set, err := documents.ReadDataSet(os.DirFS(ts.MkAbs(args[0])), office.Rules)
	ts.Check(err)
	_, err = office.ImportRehearsal(ctx, set, pace)
	ts.Check(err)
}

// until CYCLE reporting|cancelled waits until a rehearsal's units may report, or the cycle is cancelled and every mail
// about it is sent; until FILE waits until there is a file.
func until(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	happened := func() (bool, error) {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil, nil
	}
	if len(args) == 2 {
		office := reading(ctx, ts)
		happened = func() (bool, error) {
			cycle, err := office.Find(ctx, args[0], -1)
			if err != nil {
				return false, err
			}
			status, err := office.Status(ctx, cycle.CycleID)
			switch args[1] {
			case "reporting":
				return status.Units > 0 && status.Assessments["reporting"] == status.Units, err
			case "cancelled":
				return status.State == "cancelled" && status.Mails["queued"]+status.Mails["sending"] == 0, err
			}
			return false, errors.New("nothing is known of " + args[1])
		}
	}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		there, err := happened()
		ts.Check(err)
		if there {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("waited in vain for %v", args)
		case <-ticker.C:
		}
	}
}
