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
var places = map[rules.Role][]place{
	rules.Admin: {
		tasksPlace, yearPlace, sheetsPlace, adjustmentsPlace, approvalPlace, rectificationsPlace, consequencesPlace, overviewPlace,
		resultsPlace, bulletinPlace, mailsPlace, journalPlace, auditPlace, peoplePlace, administrationPlace,
	},
	rules.Leader:                 {tasksPlace, approvalPlace, overviewPlace, resultsPlace, yearPlace, rectificationsPlace, consequencesPlace, adjustmentsPlace, bulletinPlace},
	rules.Deputy:                 {tasksPlace, approvalPlace, overviewPlace, resultsPlace, yearPlace, rectificationsPlace, consequencesPlace, adjustmentsPlace, bulletinPlace},
	rules.Assessor:               {tasksPlace, sheetsPlace, adjustmentsPlace, bulletinPlace},
	rules.Contact:                {tasksPlace, reportPlace, ownResultsPlace, unitPlace, adjustmentsPlace, bulletinPlace},
	rules.Head:                   {tasksPlace, reportPlace, ownResultsPlace, unitPlace, adjustmentsPlace, bulletinPlace},
	rules.OrganizationDepartment: {tasksPlace, resultsPlace, bulletinPlace},
	rules.Auditor:                {tasksPlace, auditPlace, journalPlace, yearPlace, sheetsPlace, resultsPlace, rectificationsPlace, adjustmentsPlace, bulletinPlace},
}

// place is an entry of the navigation: its message, and its page with {unit} for the person's own.
type place struct{ message, page string }

var (
	tasksPlace          = place{"nav.tasks", ""}
	yearPlace           = place{"nav.year", "year"}
	sheetsPlace         = place{"nav.sheets", "sheets"}
	adjustmentsPlace    = place{"nav.adjustments", "adjustments"}
	approvalPlace       = place{"nav.approval", "approval"}
	rectificationsPlace = place{"nav.rectifications", "rectifications"}
	consequencesPlace   = place{"nav.consequences", "consequences"}
	overviewPlace       = place{"nav.overview", "overview"}
	resultsPlace        = place{"nav.results", "results"}
	bulletinPlace       = place{"nav.bulletin", "bulletin"}
	mailsPlace          = place{"nav.mails", "mails"}
	journalPlace        = place{"nav.journal", "journal"}
	auditPlace          = place{"nav.audit", "audit"}
	peoplePlace         = place{"nav.people", "people"}
	administrationPlace = place{"nav.administration", "administration"}
	reportPlace         = place{"nav.report", "units/{unit}/report"}
	ownResultsPlace     = place{"nav.ownresults", "units/{unit}/results"}
	unitPlace           = place{"nav.unit", "units/{unit}"}
)

func (v *visit) nav() []navItem {
	person := v.desk.Person
	var items []navItem
	for _, place := range places[rules.Role(person.Role)] {
		href := v.in("%s", strings.ReplaceAll(place.page, "{unit}", person.Unit))
		items = append(items, navItem{Href: href, Text: v.t(place.message), Current: href == v.requested()})
	}
	return items
}
