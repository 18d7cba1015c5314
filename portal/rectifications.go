package portal

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// How much is shown at once: drafted orders, each with all of its problems, and orders that are out, a line each.
const (
	draftsAPage = 10
	ordersAPage = 100
)

// rectificationsPage is every order of the year: those to be sent first, then those that are out, by urgency (A13).
type rectificationsPage struct {
	// Acts is who edits and orders.
	Acts   bool
	Tally  tally
	Drafts []draftView
	// Limits are the time limits that the drafted orders set: one, as long as none was moved.
	Limits []calendar.Date
	// Passed says that one of them is not ahead any more.
	Passed bool
	Page   pageOfList
	State  string
	States []stateTab
	Orders []orderView
	Shown  pageOfList
}

// tally counts orders by where they stand.
type tally struct{ Drafted, Open, Reported, Concluded, Overdue int }

// draftView is an order as drafted.
type draftView struct {
	office.Order
	Lost     string
	Chosen   bool
	Problems []problemView
	// Added is the form of a problem that is being added.
	Added *addedProblem
}

// problemView is a problem of an order.
type problemView struct {
	office.OrderProblem
	// Editing is one whose text is being edited; Text is what was typed so far.
	Editing bool
	Text    string
	Fault   string
}

// orderView is an order that is out.
type orderView struct {
	office.Order
	Href, Badge string
	// Limit is its time limit, with what is left of it while the unit is to act.
	Limit string
}

type stateTab struct {
	State   string
	Count   int
	Current bool
}

// pageOfList is one page of a long list.
type pageOfList struct{ Number, Pages, From, To, All int }

// Prev and Next are the pages beside it; 0 where there is none.
func (p pageOfList) Prev() int { return p.Number - 1 }

// Next is the page after it.
func (p pageOfList) Next() int {
	if p.Number == p.Pages {
		return 0
	}
	return p.Number + 1
}

// pageOf is the page with a number, or the nearest that there is.
func pageOf(number string, all, size int) pageOfList {
	pages := max(1, (all+size-1)/size)
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 1
	}
	n = min(max(n, 1), pages)
	return pageOfList{Number: n, Pages: pages, From: (n-1)*size + 1, To: min(n*size, all), All: all}
}

// is tells whether the person has one of the roles: for what is shown. What may be done is checked in office.
func (v *visit) is(roles ...rules.Role) bool {
	return slices.Contains(roles, rules.Role(v.desk.Person.Role))
}

func (v *visit) showRectifications() error {
	orders, err := v.desk.Rectifications(v.r.Context())
	if err != nil {
		return err
	}
	page := rectificationsPage{Acts: v.is(rules.Admin), Tally: tallyOf(orders)}
	first := slices.IndexFunc(orders, func(o office.Order) bool { return o.State == "draft" })
	if first >= 0 {
		if err := v.addDrafts(&page, orders); err != nil {
			return err
		}
	}
	orders = slices.DeleteFunc(orders, func(o office.Order) bool { return o.State == "draft" })
	if err := v.addOrders(&page, orders); err != nil {
		return err
	}
	return v.render("rectifications", page)
}

func tallyOf(orders []office.Order) tally {
	var t tally
	for _, order := range orders {
		switch order.State {
		case "draft":
			t.Drafted++
		case "reported":
			t.Reported++
		case "accepted", "ended":
			t.Concluded++
		default:
			t.Open++
		}
		if order.Overdue {
			t.Overdue++
		}
	}
	return t
}

// addDrafts shows one page of the drafted orders with their problems, read at once.
func (v *visit) addDrafts(page *rectificationsPage, orders []office.Order) error {
	drafts := slices.DeleteFunc(slices.Clone(orders), func(o office.Order) bool { return o.State != "draft" })
	for _, draft := range drafts {
		if !slices.Contains(page.Limits, draft.Due) {
			page.Limits = append(page.Limits, draft.Due)
		}
		page.Passed = page.Passed || !draft.Due.After(v.desk.Today())
	}
	page.Page = pageOf(v.r.FormValue("page"), len(drafts), draftsAPage)
	shown := drafts[page.Page.From-1 : page.Page.To]
	units := make([]string, len(shown))
	for i, draft := range shown {
		units[i] = draft.Unit
	}
	problems, err := v.desk.DraftedProblems(v.r.Context(), units...)
	if err != nil {
		return err
	}
	added, err := v.addedProblem(page.Acts)
	if err != nil {
		return err
	}
	byUnit := map[string][]problemView{}
	for _, problem := range problems {
		byUnit[problem.Unit] = append(byUnit[problem.Unit], v.problemView(page.Acts, problem))
	}
	for _, draft := range shown {
		view := draftView{
			Order: draft, Lost: rules.Points(draft.Lost).Short(), Problems: byUnit[draft.Unit],
			Chosen: slices.Contains(v.r.PostForm["unit"], draft.Unit),
		}
		if draft.Unit == v.r.FormValue("add") {
			view.Added = added
		}
		page.Drafts = append(page.Drafts, view)
	}
	return nil
}

// problemView shows a problem, with a field for its text if that is being edited.
func (v *visit) problemView(acts bool, problem office.OrderProblem) problemView {
	view := problemView{OrderProblem: problem, Text: problem.Problem.Problem}
	key := problem.Unit + "/" + strconv.Itoa(int(problem.Position))
	if !acts || v.r.FormValue("edit") != key {
		return view
	}
	view.Editing, view.Text = true, v.typed("text", view.Text)
	view.Fault = v.faultOf("the problem's text is missing")
	return view
}

// addOrders shows the orders that are out, of one state if one is chosen: first what waits for the authority, then what
// is overdue, then by limit; what is concluded comes last.
func (v *visit) addOrders(page *rectificationsPage, orders []office.Order) error {
	page.State = v.r.FormValue("state")
	page.States = v.stateTabs(page.State, orders)
	if page.State != "" {
		orders = slices.DeleteFunc(orders, func(o office.Order) bool { return !orderInState(o, page.State) })
	}
	slices.SortStableFunc(orders, func(a, b office.Order) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), a.Due.Compare(b.Due))
	})
	page.Shown = pageOf(v.r.FormValue("orders"), len(orders), ordersAPage)
	for _, order := range orders[page.Shown.From-1 : page.Shown.To] {
		limit, err := v.limit(order.Due, order.State)
		if err != nil {
			return err
		}
		page.Orders = append(page.Orders, orderView{
			Order: order, Badge: badges[order.State], Href: v.in("units/%s/rectification/%d", order.Unit, order.Number), Limit: limit,
		})
	}
	return nil
}

// limit is a time limit as a person reads it; what is left of it counts only while the unit is to act.
func (v *visit) limit(date calendar.Date, state string) (string, error) {
	if state == "reported" || state == "accepted" || state == "ended" {
		return day(v.language, date), nil
	}
	told, err := v.due(date)
	return told.Text, err
}

// orderStates are the filters of the list, in the order of the work; overdue is none of its own.
var orderStates = []string{"", "reported", "overdue", "ordered", "measures", "sent_back", "accepted", "ended"}

func (v *visit) stateTabs(current string, orders []office.Order) []stateTab {
	var tabs []stateTab
	for _, state := range orderStates {
		tab := stateTab{State: state, Current: state == current}
		for _, order := range orders {
			if orderInState(order, state) {
				tab.Count++
			}
		}
		if tab.Count > 0 || tab.Current || state == "" {
			tabs = append(tabs, tab)
		}
	}
	return tabs
}

func orderInState(order office.Order, state string) bool {
	return state == "" || order.State == state || state == "overdue" && order.Overdue
}

func urgency(order office.Order) int {
	switch {
	case order.State == "reported":
		return 0
	case order.Overdue:
		return 1
	case order.State == "accepted" || order.State == "ended":
		return 3
	}
	return 2
}

// badges are the looks of an order's state.
var badges = map[string]string{"reported": "pending", "sent_back": "returned", "accepted": "done", "ended": "done"}

// orderRectifications sends the chosen orders, or all that are drafted (A13).
func (v *visit) orderRectifications() error {
	units := v.r.PostForm["unit"]
	done, err := v.perform((*visit).showRectifications, func(act string) error {
		if v.r.PostFormValue("which") == "all" {
			units = nil
		} else if len(units) == 0 {
			return office.Refuse("none of the units is chosen")
		}
		return v.desk.OrderRectifications(v.r.Context(), act, units...)
	})
	if !done {
		return err
	}
	return v.done(v.in("rectifications"), "rectifications.sent")
}

// printRectifications is the list on paper: every problem of the orders that are out, some units a sheet.
func (v *visit) printRectifications() error {
	orders, err := v.desk.Rectifications(v.r.Context())
	if err != nil {
		return err
	}
	orders = slices.DeleteFunc(orders, func(order office.Order) bool {
		return order.State == "draft" || !orderInState(order, v.r.FormValue("state"))
	})
	page := printPage{On: v.desk.Today(), Count: len(orders), Pager: v.pager(len(orders))}
	orders = rowsOf(page.Pager, orders)
	problems, err := v.problemsOf(orders)
	if err != nil {
		return err
	}
	for _, order := range orders {
		page.Orders = append(page.Orders, printedOrder{order, v.printed(problems[orderKey{order.Unit, order.Number}])})
	}
	return v.render("rectifications_print", page)
}

type orderKey struct {
	unit   string
	number int32
}

func (v *visit) problemsOf(orders []office.Order) (map[orderKey][]office.OrderProblem, error) {
	of := map[orderKey][]office.OrderProblem{}
	if len(orders) == 0 {
		return of, nil
	}
	units := make([]string, len(orders))
	for i, order := range orders {
		units[i] = order.Unit
	}
	problems, err := v.desk.OrderedProblems(v.r.Context(), units...)
	for _, problem := range problems {
		at := orderKey{problem.Unit, problem.Rectification}
		of[at] = append(of[at], problem)
	}
	return of, err
}

type printPage struct {
	On calendar.Date
	// Count is of all orders, of which the pager's are on this sheet.
	Count  int
	Pager  pager
	Orders []printedOrder
}

type printedOrder struct {
	office.Order
	Problems []printedProblem
}

// printedProblem is a line of the list: there may be thousands, so that each is put together here, not in the template.
type printedProblem struct{ Text, Method, Lost string }

func (v *visit) printed(problems []office.OrderProblem) []printedProblem {
	lines := make([]printedProblem, len(problems))
	for i, problem := range problems {
		line := printedProblem{Text: strconv.Itoa(i+1) + "．", Method: term(v.language, problem.Method, problem.MethodName)}
		if problem.Indicator != "" {
			line.Text += v.t("rectification.indicator", problem.Indicator)
		}
		line.Text += problem.Problem.Problem
		if problem.Repeated {
			line.Text += v.t("rectification.again")
		}
		if problem.Lost > 0 {
			line.Lost = problem.Lost.Short()
		}
		lines[i] = line
	}
	return lines
}
