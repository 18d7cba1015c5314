package rules

import (
	"maps"
	"regexp"
	"slices"
)

var (
	wordForm    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	articleForm = regexp.MustCompile(`^[A-Z][0-9]{1,3}(\([0-9]{1,2}\)){0,2}$`)
)

// Faults are all that is wrong with the rule set.
func (s *RuleSet) Faults() Faults {
	var faults Faults
	if !codeForm.MatchString(s.ID) {
		faults.add("id", "%q: %s", shortened(s.ID), codeRule)
	}
	faults.wantText("title", s.Title)
	faults.wantText("document", s.Document)
	faults.under("validity", s.Validity.faults())
	faults.under("grades", s.gradeFaults())
	faults.under("total", s.Total.faults())
	faults.under("clauses", s.clauseFaults())
	faults.under("tracks", s.Tracks.faults())
	faults.under("tiers", s.tierFaults())
	faults.under("areas", s.Areas.faults())
	faults.under("methods", s.Methods.faults())
	faults.under("group_kinds", s.GroupKinds.faults())
	faults.under("evaluation", s.Evaluation.faults())
	return faults
}

func (f *Faults) wantArticle(path, article string) {
	if !articleForm.MatchString(article) {
		f.add(joined(path, "article"), "%q is not an article such as A8(6)", shortened(article))
	}
}

func (v Validity) faults() Faults {
	var faults Faults
	switch {
	case !v.From.Valid():
		faults.add("from", "%q is not a day such as 2022-08-05", v.From)
	case !v.To.Valid():
		faults.add("to", "%q is not a day such as 2024-08-04", v.To)
	case v.To < v.From:
		faults.add("to", "before %s", v.From)
	}
	if len(v.Articles) == 0 {
		faults.add("articles", "missing")
	}
	for i, article := range v.Articles {
		if !articleForm.MatchString(article) {
			faults.add(indexed("articles", i), "%q is not an article such as A16", shortened(article))
		}
	}
	return faults
}

// gradeFaults wants the thresholds to fall from grade to grade and the last to
// be 0, so that every total has one grade.
func (s *RuleSet) gradeFaults() Faults {
	var faults Faults
	terms := make(Terms, len(s.Grades))
	for i, grade := range s.Grades {
		terms[i] = Term{ID: grade.ID, Name: grade.Name, Article: grade.Article}
		last := i == len(s.Grades)-1
		switch {
		case i > 0 && grade.AtLeast >= s.Grades[i-1].AtLeast:
			faults.add(indexed("", i)+".at_least", "%s is not below %s", grade.AtLeast.Short(), s.Grades[i-1].AtLeast.Short())
		case last && grade.AtLeast != 0:
			faults.add(indexed("", i)+".at_least", "the last grade must begin at 0")
		}
	}
	return append(faults, terms.faults()...)
}

func (t Total) faults() Faults {
	var faults Faults
	faults.wantArticle("mean", t.Mean.Article)
	faults.wantArticle("rounding", t.Rounding.Article)
	faults.wantArticle("bonus_cap", t.BonusCap.Article)
	faults.wantArticle("cap", t.Cap.Article)
	faults.wantArticle("floor", t.Floor.Article)
	if t.Cap.Points <= t.Floor.Points {
		faults.add("cap.points", "%s is not above the floor of %s", t.Cap.Points.Short(), t.Floor.Points.Short())
	}
	return faults
}

func (s *RuleSet) clauseFaults() Faults {
	var faults Faults
	seen := newCodes()
	for i, clause := range s.Clauses {
		path := indexed("", i)
		faults = append(faults, seen.faults(path+".id", clause.ID)...)
		if clause.Kind != Bonus && clause.Kind != Deduction {
			faults.add(path+".kind", "%q is neither %s nor %s", shortened(string(clause.Kind)), Bonus, Deduction)
		}
		if clause.Points <= 0 || clause.Points > s.Total.Cap.Points {
			faults.add(path+".points", "%s is not above 0 and at most %s", clause.Points.Short(), s.Total.Cap.Points.Short())
		}
		faults.wantArticle(path, clause.Article)
		faults.wantText(path+".text", clause.Text)
	}
	return faults
}

// tierFaults wants each tier to split the whole of the points over the tracks
// (A7).
func (s *RuleSet) tierFaults() Faults {
	var faults Faults
	terms := make(Terms, len(s.Tiers))
	for i, tier := range s.Tiers {
		terms[i] = Term{ID: tier.ID, Name: tier.Name, Article: tier.Article}
		faults.under(indexed("", i)+".points", s.splitFaults(tier.Points))
	}
	return append(faults, terms.faults()...)
}

func (s *RuleSet) splitFaults(points map[string]Points) Faults {
	var faults Faults
	var sum Points
	for _, track := range slices.Sorted(maps.Keys(points)) {
		if !s.Tracks.Has(track) {
			faults.add("", "unknown track %q", shortened(track))
		}
		sum += points[track]
	}
	for _, track := range s.Tracks {
		if _, ok := points[track.ID]; !ok {
			faults.add("", "track %s is missing", track.ID)
		}
	}
	if sum != s.Total.Cap.Points {
		faults.add("", "add up to %s, not %s", sum.Short(), s.Total.Cap.Points.Short())
	}
	return faults
}

func (e Evaluation) faults() Faults {
	var faults Faults
	faults.wantText("title", e.Title)
	faults.under("questions", e.Questions.faults())
	faults.under("channels", e.Channels.faults())
	faults.under("grades", e.Grades.faults())
	if len(e.Grades) == 1 {
		faults.add("grades", "one grade tells nothing")
	}
	faults.under("insufficient", e.Insufficient.faults())
	if e.Grades.Has(e.Insufficient.ID) {
		faults.add("insufficient.id", "%q is a grade", e.Insufficient.ID)
	}
	faults.wantArticle("min_ballots", e.MinBallots.Article)
	if e.MinBallots.Number < 1 {
		faults.add("min_ballots.number", "must be positive")
	}
	return faults
}

// faults wants at least one term, and each id once.
func (t Terms) faults() Faults {
	var faults Faults
	if len(t) == 0 {
		faults.add("", "missing")
	}
	for i, term := range t {
		path := indexed("", i)
		faults.under(path, term.faults())
		if t.at(term.ID) < i {
			faults.add(path+".id", "%s is there twice", shortened(term.ID))
		}
	}
	return faults
}

func (t Term) faults() Faults {
	var faults Faults
	if !wordForm.MatchString(t.ID) {
		faults.add("id", "%q: must be small letters, digits and _, a letter first", shortened(t.ID))
	}
	faults.wantText("name", t.Name)
	faults.wantArticle("", t.Article)
	return faults
}
