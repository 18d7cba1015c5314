package activities

import (
	"context"
	"slices"

	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// remindByHand writes to units, or to everybody, what is open with them; the mails carry no moment of a policy. A unit
// gets one a day: who asks twice does not write twice.
func (a *Activities) remindByHand(ctx context.Context, in workflows.RemindInput) (workflows.RemindResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RemindResult, error) {
		book, err := y.directory()
		if err != nil {
			return workflows.RemindResult{}, err
		}
		open, err := y.openItems(book, in.Units)
		if err != nil {
			return workflows.RemindResult{}, err
		}
		reminded, err := y.MailRemindedByHand(y.Context, query.MailRemindedByHandParams{CycleID: y.id(), Day: y.today().String()})
		if err != nil {
			return workflows.RemindResult{}, err
		}
		var result workflows.RemindResult
		for _, unit := range book.units {
			items := open[unit.Code]
			if len(items) == 0 {
				continue
			}
			if slices.Contains(reminded, unit.Code) {
				result.Reminded = append(result.Reminded, unit.Code)
				continue
			}
			result.Queued += len(book.contacts(unit.Code))
			if err := y.tellContacts(book, unit.Code, func(query.Unit) letter {
				return letter{kind: "reminder_by_hand", article: "A8(5)", key: y.today().String() + "/" + unit.Code, data: mail.Data{
					Items: items, Due: items[0].Due, Link: y.links.to("units/%s", unit.Code),
				}}
			}); err != nil {
				return workflows.RemindResult{}, err
			}
		}
		return result, nil
	})
}

// openItems are what units owe: reports and rectifications. Naming a unit that owes nothing, or that is none, is refused.
func (y *year) openItems(book directory, units []string) (map[string][]mail.Item, error) {
	items := map[string][]mail.Item{}
	reports, err := y.DueReports(y.Context, query.DueReportsParams{CycleID: y.id()})
	if err != nil {
		return nil, err
	}
	for _, row := range reports {
		items[row.Unit] = append(items[row.Unit], mail.Item{Title: "报送自查报告", Due: row.ReportDue})
	}
	rectifications, err := y.DueRectifications(y.Context, query.DueRectificationsParams{CycleID: y.id()})
	if err != nil {
		return nil, err
	}
	for i, item := range orderItems(rectifications) {
		unit := rectifications[i].Unit
		items[unit] = append(items[unit], item)
	}
	if len(units) == 0 {
		return items, nil
	}
	named := map[string][]mail.Item{}
	var reasons []string
	for _, unit := range units {
		if _, known := book.byCode[unit]; !known {
			reasons = append(reasons, "no unit "+unit)
		} else if len(items[unit]) == 0 {
			reasons = append(reasons, unit+" owes nothing now")
		}
		named[unit] = items[unit]
	}
	if len(reasons) > 0 {
		return nil, store.Refuse(reasons...)
	}
	return named, nil
}
