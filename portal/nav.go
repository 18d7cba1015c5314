package portal

import (
	"strings"

	"github.com/kaoping/kaoping/rules"
)

// navItem is one entry of the navigation.
type navItem struct {
	Href    string
	Text    string
	Current bool
}

// places are the entries of each role's navigation, in the order of its work: the message and the page.
var places = map[rules.Role][][2]string{
	rules.Admin:                  {{"nav.tasks", ""}, {"nav.adjustments", "adjustments"}, {"nav.approval", "approval"}, {"nav.overview", "overview"}, {"nav.results", "results"}, {"nav.bulletin", "bulletin"}, {"nav.audit", "audit"}},
	rules.Leader:                 {{"nav.tasks", ""}, {"nav.approval", "approval"}, {"nav.overview", "overview"}, {"nav.adjustments", "adjustments"}, {"nav.results", "results"}, {"nav.bulletin", "bulletin"}},
	rules.Deputy:                 {{"nav.tasks", ""}, {"nav.approval", "approval"}, {"nav.overview", "overview"}, {"nav.adjustments", "adjustments"}, {"nav.results", "results"}, {"nav.bulletin", "bulletin"}},
	rules.Assessor:               {{"nav.tasks", ""}, {"nav.adjustments", "adjustments"}, {"nav.bulletin", "bulletin"}},
	rules.Contact:                {{"nav.tasks", ""}, {"nav.adjustments", "adjustments"}, {"nav.bulletin", "bulletin"}},
	rules.Head:                   {{"nav.tasks", ""}, {"nav.adjustments", "adjustments"}, {"nav.bulletin", "bulletin"}},
	rules.OrganizationDepartment: {{"nav.tasks", ""}, {"nav.results", "results"}, {"nav.bulletin", "bulletin"}},
	rules.Auditor:                {{"nav.tasks", ""}, {"nav.audit", "audit"}, {"nav.results", "results"}, {"nav.adjustments", "adjustments"}, {"nav.bulletin", "bulletin"}},
}

func (v *visit) nav() []navItem {
	person := v.desk.Person
	var items []navItem
	for _, place := range places[rules.Role(person.Role)] {
		href := v.in("%s", strings.ReplaceAll(place[1], "{unit}", person.Unit))
		items = append(items, navItem{Href: href, Text: v.t(place[0]), Current: href == v.requested()})
	}
	return items
}
