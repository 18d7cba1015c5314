package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Limits of a recomputation of the large book.
const (
	recomputeTime   = 2 * time.Second
	recomputeMemory = 500 << 20
	// recomputeRuns is how often each book is recomputed; the median counts.
	recomputeRuns = 5
)

// books are the sizes of which the second is ten times the first.
var books = [2]int{1_000, 10_000}

// cost is what one run of a program took.
type cost struct {
	wall, cpu time.Duration
	memory    int64 // the most it ever had, in bytes
}

// recompute is what it costs to compute a large book again, with the program that an auditor would use, and how that
// grows with the book.
func (b *bench) recompute(ctx context.Context) ([]figure, error) {
	var files [len(books)]string
	for i, units := range books {
		files[i] = filepath.Join(b.dir, fmt.Sprintf("book-%d.json", units))
		if err := writeBook(files[i], units); err != nil {
			return nil, err
		}
	}
	var costs [len(books)][]cost
	for range recomputeRuns {
		for i, file := range files {
			took, err := measure(exec.CommandContext(ctx, b.starter, "recompute", file))
			if err != nil {
				return nil, err
			}
			costs[i] = append(costs[i], took)
			b.tell("recompute, %d units: %s, of which %s of CPU", books[i], seconds(took.wall), seconds(took.cpu))
		}
	}
	return recomputeFigures(middle(costs[0]), middle(costs[1])), nil
}

// middle takes the median of each.
func middle(costs []cost) cost {
	var wall, cpu []time.Duration
	var memory []int64
	for _, c := range costs {
		wall, cpu, memory = append(wall, c.wall), append(cpu, c.cpu), append(memory, c.memory)
	}
	return cost{median(wall), median(cpu), median(memory)}
}

func recomputeFigures(small, large cost) []figure {
	const megabyte = 1 << 20
	name := fmt.Sprintf("recompute of %d units × %d indicators × %d assessors", books[1], bookIndicators, bookAssessors)
	growth := func(what string, small, large time.Duration) figure {
		return figure{
			name: fmt.Sprintf("recompute, %s: %d against %d units", what, books[1], books[0]), ours: seconds(large), reference: seconds(small),
			ratio: large.Seconds() / small.Seconds(), bound: 11,
		}
	}
	return []figure{
		{name: name, ours: seconds(large.wall), reference: seconds(recomputeTime), ratio: large.wall.Seconds() / recomputeTime.Seconds(), bound: 1},
		{
			name: "its memory", ours: fmt.Sprintf("%d MB", large.memory/megabyte), reference: fmt.Sprintf("%d MB", int64(recomputeMemory/megabyte)),
			ratio: float64(large.memory) / recomputeMemory, bound: 1,
		},
		growth("elapsed", small.wall, large.wall),
		growth("CPU", small.cpu, large.cpu),
	}
}

// measure runs a program to its end.
func measure(command *exec.Cmd) (cost, error) {
	began := time.Now()
	if err := command.Run(); err != nil {
		return cost{}, fmt.Errorf("%s failed: %w", command, err)
	}
	took := cost{wall: time.Since(began), cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		took.memory = usage.Maxrss
	}
	if runtime.GOOS != "darwin" { // elsewhere it is counted in kilobytes
		took.memory *= 1 << 10
	}
	return took, nil
}
