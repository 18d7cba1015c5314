package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// sample is where a page is looked at, and by whom; {unit}, {number} and {id} are of the played year.
type sample struct{ login, path string }

// samples are all pages by their route. Paths are below the year's, except those with a slash at their beginning.
var samples = map[string]sample{
	"GET /login": {"", "/login"}, "GET /invitations/{token}": {"", "/invitations/unknown"},
	"GET /password": {"admin", "/password"}, "GET /years": {"admin", "/years"},
	"GET /{authority}/{year}/{$}":                                       {"admin", ""},
	"GET /{authority}/{year}/setup":                                     {"admin", "setup"},
	"GET /{authority}/{year}/rectifications":                            {"admin", "rectifications"},
	"GET /{authority}/{year}/rectifications/print":                      {"admin", "rectifications/print"},
	"GET /{authority}/{year}/units/{unit}/rectification/{number}":       {"admin", "units/{unit}/rectification/0"},
	"GET /{authority}/{year}/consequences":                              {"admin", "consequences"},
	"GET /{authority}/{year}/units/{unit}/consequences":                 {"admin", "units/{unit}/consequences"},
	"GET /{authority}/{year}/units/{unit}/consequences/{number}/record": {"admin", "units/{talked}/consequences/{number}/record"},
	"GET /{authority}/{year}/sheets":                                    {"web1", "sheets"},
	"GET /{authority}/{year}/sheets/by":                                 {"web1", "sheets/by"},
	"GET /{authority}/{year}/sheets/by/{indicator}":                     {"web1", "sheets/by/{indicator}"},
	"GET /{authority}/{year}/sheets/{unit}":                             {"web1", "sheets/{unit}"},
	"GET /{authority}/{year}/approval/{number}":                         {"leader", "approval/1"},
	"GET /{authority}/{year}/approval/{number}/units/{unit}":            {"leader", "approval/1/units/{unit}"},
	"GET /{authority}/{year}/whatif":                                    {"admin", "whatif"},
	"GET /{authority}/{year}/adjustments":                               {"admin", "adjustments"},
	"GET /{authority}/{year}/adjustments/{id}":                          {"admin", "adjustments/{id}"},
	"GET /{authority}/{year}/overview":                                  {"leader", "overview"},
	"GET /{authority}/{year}/results":                                   {"orgdept", "results"},
	"GET /{authority}/{year}/notice":                                    {"{contact}", "notice"},
	"GET /{authority}/{year}/bulletin/{number}":                         {"{contact}", "bulletin/1"},
	"GET /{authority}/{year}/audit":                                     {"auditor", "audit"},
	"GET /{authority}/{year}/year":                                      {"admin", "year"},
	"GET /{authority}/{year}/year/selection":                            {"admin", "year/selection?do=remind&unit={unit}"},
	"GET /{authority}/{year}/dates":                                     {"admin", "dates"},
	"GET /{authority}/{year}/mails":                                     {"admin", "mails"},
	"GET /{authority}/{year}/calls":                                     {"admin", "calls"},
	"GET /{authority}/{year}/journal":                                   {"auditor", "journal"},
	"GET /{authority}/{year}/people":                                    {"admin", "people"},
	"GET /{authority}/{year}/people/{login}":                            {"admin", "people/web1"},
	"GET /{authority}/{year}/access":                                    {"admin", "access"},
	"GET /{authority}/{year}/administration":                            {"admin", "administration"},
	"GET /{authority}/{year}/administration/reopen":                     {"admin", "administration/reopen?unit={unit}"},
	"GET /{authority}/{year}/rules":                                     {"{contact}", "rules"},
	"GET /{authority}/{year}/units/{unit}":                              {"{contact}", "units/{unit}"},
	"GET /{authority}/{year}/units/{unit}/report":                       {"{contact}", "units/{unit}/report"},
	"GET /{authority}/{year}/units/{unit}/results":                      {"{contact}", "units/{unit}/results"},
	"GET /{authority}/{year}/units/{unit}/feedback":                     {"{contact}", "units/{unit}/feedback"},
}

// noPages are addresses that are read and are no page: files to keep, ways to another address, another server's door.
var noPages = []string{
	"GET /oidc", "GET /oidc/callback", "GET /{$}", "GET /{authority}/{year}", "GET /{authority}/{year}/approval",
	"GET /{authority}/{year}/bulletin", "GET /{authority}/{year}/overview.csv", "GET /{authority}/{year}/results.csv",
	"GET /{authority}/{year}/results.xlsx", "GET /{authority}/{year}/book.json", "GET /{authority}/{year}/journal.jsonl",
	"GET /{authority}/{year}/units/{unit}/evidence/{sha}/{name}",
	"GET /{authority}/{year}/units/{unit}/rectification/{number}/evidence/{digest}",
}

// widen makes a data set one of 40 indicators with three assessors each: of 25 the larger ones are halved, and each of
// the six assessors scores every other area.
func widen(plan *rules.Plan) {
	const wanted = 40
	byMax := slices.Clone(plan.Indicators)
	slices.SortStableFunc(byMax, func(a, b rules.Indicator) int { return int(b.Max - a.Max) })
	halved := map[string]bool{}
	for _, indicator := range byMax[:max(0, wanted-len(byMax))] {
		halved[indicator.Code] = true
	}
	var all []rules.Indicator
	for _, indicator := range plan.Indicators {
		if halved[indicator.Code] {
			half := indicator
			half.Code, half.Max = indicator.Code+"a", indicator.Max/2
			indicator.Code, indicator.Max = indicator.Code+"b", indicator.Max-half.Max
			all = append(all, half)
		}
		all = append(all, indicator)
	}
	plan.Indicators = all
	var areas []string
	for _, indicator := range all {
		if !slices.Contains(areas, indicator.Area) {
			areas = append(areas, indicator.Area)
		}
	}
	assessor := 0
	for i := range plan.People {
		if plan.People[i].Role != rules.Assessor {
			continue
		}
		plan.People[i].Areas = nil
		for k, area := range areas {
			if k%2 == assessor%2 {
				plan.People[i].Areas = append(plan.People[i].Areas, area)
			}
		}
		assessor++
	}
}

// words are a unit whose year has everything, an indicator, an interview and an adjustment of the year.
func (s *stage) words(ctx context.Context, cycle query.Cycle) (*strings.Replacer, error) {
	set, err := s.office.Store.DataSet(ctx, cycle)
	if err != nil {
		return nil, err
	}
	orders, err := s.office.Store.RectificationList(ctx, query.RectificationListParams{CycleID: cycle.CycleID})
	if err != nil {
		return nil, err
	}
	consequences, err := s.office.Store.ConsequenceList(ctx, query.ConsequenceListParams{CycleID: cycle.CycleID})
	if err != nil {
		return nil, err
	}
	adjustments, err := s.office.Store.AdjustmentList(ctx, query.AdjustmentListParams{CycleID: cycle.CycleID})
	if err != nil {
		return nil, err
	}
	talk := slices.IndexFunc(consequences, func(c query.Consequence) bool { return c.Kind == "interview" && c.State == "imposed" })
	web1 := slices.IndexFunc(set.Plan.Assignments(), func(a rules.Assignment) bool { return a.Assessor == "web1" })
	if len(orders) == 0 || talk < 0 || len(adjustments) == 0 || web1 < 0 {
		return nil, errors.New("the played year has no order, no interview, no adjustment or nobody who scores")
	}
	contact := slices.IndexFunc(set.Plan.People, func(p rules.Person) bool { return p.Role == rules.Contact && p.Unit == orders[0].Unit })
	return strings.NewReplacer("{unit}", orders[0].Unit, "{contact}", set.Plan.People[contact].Login,
		"{indicator}", set.Plan.Assignments()[web1].Indicator, "{talked}", consequences[talk].Unit,
		"{number}", fmt.Sprint(consequences[talk].Number), "{id}", adjustments[0].AdjustmentID.String()), nil
}
