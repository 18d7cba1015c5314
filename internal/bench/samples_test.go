package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/portal"
)

// Every address that is read is a page that somebody looks at, or is known not to be one.
func TestEveryPageHasASample(t *testing.T) {
	t.Parallel()
	for _, pattern := range portal.Patterns() {
		_, sampled := samples[pattern]
		if strings.HasPrefix(pattern, "GET ") && sampled == slices.Contains(noPages, pattern) {
			t.Errorf("%s has a sample and is no page, or neither", pattern)
		}
	}
	for pattern := range samples {
		if !slices.Contains(portal.Patterns(), pattern) {
			t.Errorf("the sample of %s is of no route", pattern)
		}
	}
}

func TestThe95thOfAHundred(t *testing.T) {
	t.Parallel()
	var times []time.Duration
	for n := range 100 {
		times = append(times, time.Duration(100-n))
	}
	is(t, "of a hundred", percentile(times), 95)
	is(t, "of thirty", percentile(times[70:]), 29)
	is(t, "of one", percentile(times[:1]), 100)
}
