package rules_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// The reference computes books a second time, slowly and with nothing of the
// package: every number a fraction from its text to its end, each rank
// counted from all other units.

type referenceUnit struct {
	Code, Base, Bonus, Deduction, Total, Grade string
	Rank, CategoryRank                         int
}

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

// shown rounds half away from zero, which is half up for what is not negative.
func shown(r *big.Rat) string { return r.FloatString(2) }

var (
	referenceBonus = map[string]string{
		"10.1": "1", "10.2": "1", "10.3": "1",
		"10.4-national": "1", "10.4-provincial": "0.6", "10.4-city": "0.4",
	}
	referenceDeduction = map[string]string{
		"11.1": "2", "11.2-national": "2", "11.2-provincial": "1.5", "11.2-city": "1",
		"11.3": "2", "11.4": "2", "11.5": "2",
	}
)

type referenceBook struct {
	Units []struct {
		Code, Category string
		Scores         map[string][]string
		Adjustments    []struct {
			Clause string
			Count  int64
		}
	}
	Answers  map[string]string `json:"answer_points"`
	Channels map[string]struct {
		Weight string
		Least  int `json:"min_ballots"`
	}
	Thresholds map[string]string
	Ballots    []struct {
		Unit, Channel string
		Answers       map[string]string
	}
}

func reference(t *testing.T, text string) referenceBook {
	t.Helper()
	var book referenceBook
	if err := json.Unmarshal([]byte(text), &book); err != nil {
		t.Fatal(err)
	}
	return book
}

func (book referenceBook) assess() []referenceUnit {
	zero, ten, hundred := rat("0"), rat("10"), rat("100")
	units, lost := make([]referenceUnit, len(book.Units)), make([]*big.Rat, len(book.Units))
	for i, u := range book.Units {
		base, bonus, deduction := rat("0"), rat("0"), rat("0")
		for _, points := range u.Scores {
			base.Add(base, meanOf(points))
		}
		for _, a := range u.Adjustments {
			times := new(big.Rat).SetInt64(a.Count)
			if worth, ok := referenceBonus[a.Clause]; ok {
				bonus.Add(bonus, times.Mul(times, rat(worth)))
			} else {
				deduction.Add(deduction, times.Mul(times, rat(referenceDeduction[a.Clause])))
			}
		}
		if bonus.Cmp(ten) > 0 {
			bonus = ten
		}
		total := new(big.Rat).Add(base, bonus)
		lost[i] = rat("0")
		if total.Cmp(hundred) > 0 {
			lost[i].Sub(total, hundred)
			total.Set(hundred)
		}
		total.Sub(total, deduction)
		if total.Sign() < 0 {
			total = zero
		}
		units[i] = referenceUnit{Code: u.Code, Base: shown(base), Bonus: shown(bonus), Deduction: shown(deduction), Total: shown(total)}
		units[i].Grade = referenceGrade(units[i].Total)
	}
	for i := range units {
		units[i].Rank, units[i].CategoryRank = 1, 1
		for k := range units {
			order := rat(units[k].Total).Cmp(rat(units[i].Total))
			if order > 0 || order == 0 && lost[k].Cmp(lost[i]) > 0 {
				units[i].Rank++
				if book.Units[k].Category == book.Units[i].Category {
					units[i].CategoryRank++
				}
			}
		}
	}
	return units
}

func referenceGrade(total string) string {
	for _, grade := range []struct{ name, least string }{{"excellent", "90"}, {"good", "80"}, {"pass", "60"}} {
		if rat(total).Cmp(rat(grade.least)) >= 0 {
			return grade.name
		}
	}
	return "fail"
}

func meanOf(points []string) *big.Rat {
	sum := rat("0")
	for _, p := range points {
		sum.Add(sum, rat(p))
	}
	return sum.Quo(sum, new(big.Rat).SetInt64(int64(len(points))))
}

func TestAgainstTheReference(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		text := newRandomBook(seed).assessment()
		var got []referenceUnit
		for _, u := range read(t, text).Compute().Units {
			addsUp(t, u)
			if u.Total < 0 || u.Total > 10000 {
				t.Errorf("seed %d: unit %s has %s points", seed, u.Code, u.Total)
			}
			got = append(got, referenceUnit{
				Code: u.Code, Base: u.Base.String(), Bonus: u.Bonus.String(), Deduction: u.Deduction.String(),
				Total: u.Total.String(), Grade: u.Grade, Rank: u.Rank, CategoryRank: u.CategoryRank,
			})
		}
		if diff := cmp.Diff(reference(t, text).assess(), got); diff != "" {
			t.Fatalf("seed %d (-reference +got):\n%s\n%s", seed, diff, text)
		}
	}
}

type referenceIndex struct {
	Code, Index, Grade     string
	Public, Representative int
	Rank                   int // 0 if there is none
}

func (book referenceBook) evaluate() []referenceIndex {
	units := make([]referenceIndex, len(book.Units))
	for i, u := range book.Units {
		units[i] = referenceIndex{Code: u.Code, Grade: "insufficient"}
		index, enough, count := rat("0"), true, map[string]int{}
		for name, channel := range book.Channels {
			sum := rat("0")
			for _, ballot := range book.Ballots {
				if ballot.Unit != u.Code || ballot.Channel != name {
					continue
				}
				var points []string
				for _, answer := range ballot.Answers {
					points = append(points, book.Answers[answer])
				}
				sum.Add(sum, meanOf(points))
				count[name]++
			}
			if count[name] < channel.Least {
				enough = false
				continue
			}
			sum.Quo(sum, new(big.Rat).SetInt64(int64(count[name])))
			index.Add(index, sum.Mul(sum, rat(channel.Weight)))
		}
		units[i].Public, units[i].Representative = count["public"], count["representative"]
		if !enough {
			continue
		}
		units[i].Index, units[i].Grade = shown(index), "dissatisfied"
		for _, grade := range []string{"basically_satisfied", "satisfied"} {
			if rat(shown(index)).Cmp(rat(book.Thresholds[grade])) >= 0 {
				units[i].Grade = grade
			}
		}
	}
	for i := range units {
		if units[i].Index == "" {
			continue
		}
		units[i].Rank = 1
		for k := range units {
			if units[k].Index != "" && rat(units[k].Index).Cmp(rat(units[i].Index)) > 0 {
				units[i].Rank++
			}
		}
	}
	return units
}

func TestEvaluationsAgainstTheReference(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		text := newRandomBook(seed).evaluation()
		var got []referenceIndex
		for _, u := range read(t, text).Compute().Evaluated {
			unit := referenceIndex{Code: u.Code, Grade: u.Grade, Public: u.Ballots["public"], Representative: u.Ballots["representative"]}
			if u.Index != nil {
				unit.Index, unit.Rank = u.Index.String(), *u.Rank
			}
			got = append(got, unit)
		}
		if diff := cmp.Diff(reference(t, text).evaluate(), got); diff != "" {
			t.Fatalf("seed %d (-reference +got):\n%s\n%s", seed, diff, text)
		}
	}
}

// The order of the units in a book changes nothing but the order of results.
func TestOrderOfUnitsDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		book := read(t, newRandomBook(seed).assessment())
		want := byCode(book.Compute())
		r := newRandomBook(seed + 1000)
		r.Shuffle(len(book.Units), func(i, j int) { book.Units[i], book.Units[j] = book.Units[j], book.Units[i] })
		if diff := cmp.Diff(want, byCode(book.Compute()), ignoreLost); diff != "" {
			t.Fatalf("seed %d (-in order +shuffled):\n%s", seed, diff)
		}
	}
}

func byCode(results rules.Results) map[string]rules.UnitResult {
	units := map[string]rules.UnitResult{}
	for _, u := range results.Units {
		units[u.Code] = u
	}
	return units
}

// One more bonus never lowers a total or a rank, and a deduction never raises
// one (A10, A11).
func TestAdjustmentsAreMonotone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		book := read(t, newRandomBook(seed).assessment())
		before := book.Compute().Units[0]
		for _, clause := range book.Rules.Clauses {
			changed := *book
			changed.Units = append([]rules.BookUnit(nil), book.Units...)
			first := &changed.Units[0]
			first.Adjustments = append(append([]rules.Adjustment(nil), first.Adjustments...), rules.Adjustment{Clause: clause.ID, Count: 1})
			after := changed.Compute().Units[0]
			if clause.Kind == rules.Bonus && (after.Total < before.Total || after.Rank > before.Rank) {
				t.Errorf("seed %d: one more of %s lowered %s, rank %d, to %s, rank %d", seed, clause.ID, before.Total, before.Rank, after.Total, after.Rank)
			}
			if clause.Kind == rules.Deduction && (after.Total > before.Total || after.Rank < before.Rank) {
				t.Errorf("seed %d: one more of %s raised %s, rank %d, to %s, rank %d", seed, clause.ID, before.Total, before.Rank, after.Total, after.Rank)
			}
		}
	}
}
