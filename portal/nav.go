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
	rules.Admin:                  {{"nav.tasks", ""}},
	rules.Leader:                 {{"nav.tasks", ""}},
	rules.Deputy:                 {{"nav.tasks", ""}},
	rules.Assessor:               {{"nav.tasks", ""}},
	rules.Contact:                {{"nav.tasks", ""}, {"nav.unit", "units/{unit}"}, {"nav.report", "units/{unit}/report"}, {"nav.results", "units/{unit}/results"}},
	rules.Head:                   {{"nav.tasks", ""}, {"nav.unit", "units/{unit}"}, {"nav.report", "units/{unit}/report"}, {"nav.results", "units/{unit}/results"}},
	rules.OrganizationDepartment: {{"nav.tasks", ""}},
	rules.Auditor:                {{"nav.tasks", ""}},
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
