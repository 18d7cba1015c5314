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
	rules.Admin:                  {{"nav.tasks", ""}, {"nav.sheets", "sheets"}, {"nav.rectifications", "rectifications"}, {"nav.consequences", "consequences"}},
	rules.Leader:                 {{"nav.tasks", ""}, {"nav.rectifications", "rectifications"}, {"nav.consequences", "consequences"}},
	rules.Deputy:                 {{"nav.tasks", ""}, {"nav.rectifications", "rectifications"}, {"nav.consequences", "consequences"}},
	rules.Assessor:               {{"nav.tasks", ""}, {"nav.sheets", "sheets"}},
	rules.Contact:                {{"nav.tasks", ""}, {"nav.consequences", "units/{unit}/consequences"}},
	rules.Head:                   {{"nav.tasks", ""}, {"nav.consequences", "units/{unit}/consequences"}},
	rules.OrganizationDepartment: {{"nav.tasks", ""}},
	rules.Auditor:                {{"nav.tasks", ""}, {"nav.sheets", "sheets"}, {"nav.rectifications", "rectifications"}, {"nav.consequences", "consequences"}},
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
