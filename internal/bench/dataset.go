package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

// builtIn is the data set that others are made of.
const builtIn = "data/pingliang"

// Columns of units.csv and people.csv.
const (
	unitCode, unitName, unitEmail                                  = 0, 1, 3
	personLogin, personName, personRole, personUnit, personAddress = 0, 1, 2, 3, 4
)

// writeDataSet writes the built-in data set into a folder, with as many units as are asked for: beyond its own there
// are copies of them, each with its contact and head, under codes, names and addresses of their own. Scheme, indicators
// and the six assessors stay as they are.
func writeDataSet(dir string, count int) error {
	units, err := readTable("units.csv")
	if err != nil {
		return err
	}
	people, err := readTable("people.csv")
	if err != nil {
		return err
	}
	units, people = multiply(units, people, count)
	for name, rows := range map[string][][]string{"units.csv": units, "people.csv": people} {
		if err := writeTable(filepath.Join(dir, name), rows); err != nil {
			return err
		}
	}
	for _, name := range []string{"scheme.yaml", "indicators.csv"} {
		content, err := fs.ReadFile(schemas.Data, builtIn+"/"+name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// multiply makes the rows of count units and of their people; the first rows are headers.
func multiply(units, people [][]string, count int) (allUnits, allPeople [][]string) {
	allUnits = units[:1]
	of := map[string][][]string{}
	for i, person := range people {
		if role := rules.Role(person[personRole]); role == rules.Contact || role == rules.Head {
			of[person[personUnit]] = append(of[person[personUnit]], person)
		} else if i == 0 || role != "" {
			allPeople = append(allPeople, person)
		}
	}
	own := units[1:]
	for i := range count {
		unit, round := own[i%len(own)], i/len(own)
		allUnits = append(allUnits, copied(unit, round, unitCode, unitName, unitEmail))
		for _, person := range of[unit[unitCode]] {
			row := copied(person, round, personLogin, personName, personAddress)
			row[personUnit] = numbered(person[personUnit], round)
			allPeople = append(allPeople, row)
		}
	}
	return allUnits, allPeople
}

// copied is a row's n-th copy; the 0th is the row itself.
func copied(row []string, n, code, name, address int) []string {
	row = slices.Clone(row)
	if n > 0 {
		row[code], row[name], row[address] = numbered(row[code], n), fmt.Sprintf("%s（%d）", row[name], n), fmt.Sprintf("copy%d.%s", n, row[address])
	}
	return row
}

func numbered(code string, n int) string {
	if n == 0 {
		return code
	}
	return fmt.Sprintf("%s-%d", code, n)
}

func readTable(name string) ([][]string, error) {
	content, err := fs.ReadFile(schemas.Data, builtIn+"/"+name)
	if err != nil {
		return nil, err
	}
	return csv.NewReader(bytes.NewReader(content)).ReadAll()
}

func writeTable(name string, rows [][]string) error {
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
		return err
	}
	return os.WriteFile(name, text.Bytes(), 0o600)
}
