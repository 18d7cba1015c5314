package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"
)

// maxRuleSet bounds a rule set's file, in bytes.
const maxRuleSet = 1 << 20

// A Library is the rule sets that are known, by id.
type Library struct {
	sets map[string]*RuleSet
}

// RuleSet finds a rule set.
func (l Library) RuleSet(id string) (*RuleSet, bool) {
	set, ok := l.sets[id]
	return set, ok
}

// IDs are the ids of the rule sets, sorted.
func (l Library) IDs() []string { return slices.Sorted(maps.Keys(l.sets)) }

// With is the library and another beside it. An id in both is refused: a
// book must not mean one thing here and another there.
func (l Library) With(other Library) (Library, error) {
	both := Library{sets: map[string]*RuleSet{}}
	maps.Copy(both.sets, l.sets)
	var faults Faults
	for _, id := range other.IDs() {
		if _, doubled := both.sets[id]; doubled {
			faults.add(id, "a rule set of this id is there already")
		}
		both.sets[id] = other.sets[id]
	}
	return both, faults.Err()
}

// Load reads the rule sets of a folder: its *.yaml files, and those of a
// folder rules in it. Every fault of every file is reported at once.
func Load(fsys fs.FS) (Library, error) {
	library := Library{sets: map[string]*RuleSet{}}
	names, err := ruleSetFiles(fsys)
	if err != nil {
		return library, err
	}
	var faults Faults
	for _, name := range names {
		set, err := loadRuleSet(fsys, name)
		switch wrong := Faults(nil); {
		case errors.As(err, &wrong):
			faults = append(faults, wrong...)
		case err != nil:
			return library, err
		case library.sets[set.ID] != nil:
			faults.add(name, "id: %s is another file's already", set.ID)
		default:
			library.sets[set.ID] = set
		}
	}
	return library, faults.Err()
}

func ruleSetFiles(fsys fs.FS) ([]string, error) {
	var names []string
	for _, pattern := range []string{"*.yaml", "rules/*.yaml"} {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, fmt.Errorf("couldn't list rule sets: %w", err)
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		return nil, Faults{{Text: "no rule sets: there is no *.yaml in the folder, nor in rules/ beneath it"}}
	}
	return names, nil
}

// loadRuleSet reads and validates one file; what is wrong in it is Faults.
func loadRuleSet(fsys fs.FS, name string) (*RuleSet, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't load rule set %s: %w", name, err)
	}
	defer file.Close() // only read from
	content, err := io.ReadAll(io.LimitReader(file, maxRuleSet+1))
	if err != nil {
		return nil, fmt.Errorf("couldn't load rule set %s: %w", name, err)
	}
	set, faults := parseRuleSet(content)
	var named Faults
	for _, fault := range faults {
		named.add(name, "%s", fault)
	}
	return set, named.Err()
}

func parseRuleSet(content []byte) (*RuleSet, Faults) {
	var faults Faults
	if len(content) > maxRuleSet {
		faults.add("", "larger than %d bytes", maxRuleSet)
		return nil, faults
	}
	set := new(RuleSet)
	decoder := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict())
	if err := decoder.Decode(set); err != nil {
		faults.add("", "not a rule set: %s", yaml.FormatError(err, false, false))
		return nil, faults
	}
	if !errors.Is(decoder.Decode(new(any)), io.EOF) {
		faults.add("", "more than one document in the file")
	}
	return set, append(faults, set.Faults()...)
}
