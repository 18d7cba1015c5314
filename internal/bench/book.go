package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kaoping/kaoping/rules"
)

// The shape of a measured book.
const (
	bookIndicators = 40
	bookAssessors  = 3
	// 28 indicators of 2.5 points are the 70 of the special track, 12 the 30 of the daily one (A7).
	specialIndicators = 28
	bookMax           = rules.Points(250)
)

// areas are those of Article 6.
var areas = []string{
	"organization", "mechanisms", "proactive_disclosure", "policy_interpretation", "response", "participation",
	"disclosure_on_request", "platforms",
}

type (
	bookIndicator struct {
		Code  string       `json:"code"`
		Area  string       `json:"area"`
		Track string       `json:"track"`
		Max   rules.Points `json:"max"`
	}
	bookAdjustment struct {
		Clause string `json:"clause"`
		Count  int    `json:"count"`
	}
	bookUnit struct {
		Code        string                    `json:"code"`
		Name        string                    `json:"name"`
		Category    string                    `json:"category"`
		Scores      map[string][]rules.Points `json:"scores"`
		Adjustments []bookAdjustment          `json:"adjustments"`
	}
)

func writeBook(name string, units int) error {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("couldn't write a book of %d units: %w", units, err)
	}
	out := bufio.NewWriter(file)
	if err := errors.Join(bookOf(out, units), out.Flush(), file.Close()); err != nil {
		return fmt.Errorf("couldn't write a book of %d units: %w", units, err)
	}
	return nil
}

// bookOf writes a unit at a time: this program must stay small beside the one that it measures.
func bookOf(out io.Writer, units int) error {
	if _, err := io.WriteString(out, `{"kind": "assessment", "rule_set": "pingliang-2022", "year": 2025, "indicators": `); err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	indicators := indicatorsOfBook()
	if err := encoder.Encode(indicators); err != nil {
		return err
	}
	separator := `, "units": [`
	for at := range units {
		if _, err := io.WriteString(out, separator); err != nil {
			return err
		}
		if err := encoder.Encode(unitOfBook(at, indicators)); err != nil {
			return err
		}
		separator = ","
	}
	_, err := io.WriteString(out, "]}\n")
	return err
}

func indicatorsOfBook() []bookIndicator {
	indicators := make([]bookIndicator, bookIndicators)
	for i := range indicators {
		track := "special"
		if i >= specialIndicators {
			track = "daily"
		}
		area := i % len(areas)
		indicators[i] = bookIndicator{fmt.Sprintf("%d.%d", area+1, i/len(areas)+1), areas[area], track, bookMax}
	}
	return indicators
}

func unitOfBook(at int, indicators []bookIndicator) bookUnit {
	unit := bookUnit{
		Code: fmt.Sprintf("U%05d", at), Name: fmt.Sprintf("第%d号单位", at), Category: []string{"county", "department", "zone"}[at%3],
		Scores:      map[string][]rules.Points{},
		Adjustments: []bookAdjustment{{"10.4-national", at%12 + 1}, {"11.2-city", at%3 + 1}},
	}
	for i, indicator := range indicators {
		points := make([]rules.Points, bookAssessors)
		for assessor := range points { // a different fraction of the maximum each
			points[assessor] = rules.Points((at*7+i*13+assessor*31)%int(bookMax) + 1)
		}
		unit.Scores[indicator.Code] = points
	}
	return unit
}
