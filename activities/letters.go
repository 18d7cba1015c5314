package activities

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// links are the pages where people act.
type links struct {
	portal string
	cycle  query.Cycle
}

func (l links) to(format string, args ...any) string {
	prefix := l.portal + "/"
	if l.cycle.Rehearsal > 0 {
		prefix += fmt.Sprintf("rehearsal/%d/", l.cycle.Rehearsal)
	}
	return prefix + store.CycleName(l.cycle) + "/" + fmt.Sprintf(format, args...)
}

// sharedCycle is the key of what every mail of a cycle has in common.
const sharedCycle = "cycle"

// commonLetter is what every mail of the cycle says of itself: the authority, the rules, their extension (A16).
func (y *year) commonLetter() mail.Data {
	scheme := y.set.Plan.Scheme
	letter := mail.Data{
		Authority: scheme.Authority.Name, RuleTitle: y.rules.Title, RuleDocument: y.rules.Document,
		Year: scheme.Year, DocumentNumber: scheme.DocumentNumber, Rehearsal: y.Cycle.Rehearsal > 0,
	}
	if y.set.Evaluation != nil {
		letter.RuleTitle, letter.Matter = y.rules.Evaluation.Title, "政务公开社会评议"
	}
	if scheme.Extension != nil {
		letter.Extension = scheme.Extension.Document
	}
	return letter
}

// letter is one mail that a step decides, before it is addressed.
type letter struct {
	kind    string
	article string
	// key is of the step; with the addressee it makes the mail's key.
	key    string
	shared string
	data   mail.Data
	// obligation is of reminders and escalations, the moment that the policy names of reminders only.
	obligation string
	scheduled  *time.Time
}

// queue addresses a letter to a person.
func (y *year) queue(letter letter, unit string, person query.Person) error {
	letter.data.PersonName = person.Name
	return y.send(letter, unit, person.Login, person.Email)
}

// send addresses a letter; unit and person say in the journal whom it concerns.
func (y *year) send(letter letter, unit, person, address string) error {
	if letter.shared == "" {
		letter.shared = sharedCycle
	}
	letter.data.Issued = calendar.DateOf(y.At)
	return y.Queue(store.Mail{
		Key: letter.kind + "/" + letter.key + "/" + address, Kind: letter.kind, Article: letter.article, Unit: unit, Person: person,
		To: address, Data: letter.data, Shared: letter.shared, Obligation: letter.obligation,
		Scheduled: letter.scheduled, MessageID: mail.MessageID(uuid.NewString(), y.domain),
	})
}

// queueAll addresses a letter to several people, each address once.
func (y *year) queueAll(letter letter, unit string, people []query.Person) error {
	var addresses []string
	for _, person := range people {
		if slices.Contains(addresses, person.Email) {
			continue
		}
		addresses = append(addresses, person.Email)
		if err := y.queue(letter, unit, person); err != nil {
			return err
		}
	}
	return nil
}

// directory is who is who in a cycle.
type directory struct {
	units  []query.Unit
	byCode map[string]query.Unit
	people []query.Person
	of     map[string][]query.Person
}

func (y *year) directory() (directory, error) {
	units, err := y.UnitList(y.Context, query.UnitListParams{CycleID: y.id()})
	if err != nil {
		return directory{}, err
	}
	people, err := y.PersonList(y.Context, query.PersonListParams{CycleID: y.id()})
	if err != nil {
		return directory{}, err
	}
	book := directory{units: units, byCode: map[string]query.Unit{}, people: people, of: map[string][]query.Person{}}
	for _, unit := range units {
		book.byCode[unit.Code] = unit
	}
	for _, person := range people {
		if person.ReplacedBy != "" {
			continue // nothing is written to him any more
		}
		key := person.Role
		if person.Role == string(rules.Contact) || person.Role == string(rules.Head) {
			key += "/" + person.Unit
		}
		book.of[key] = append(book.of[key], person)
	}
	return book, nil
}

func (d directory) contacts(unit string) []query.Person {
	return d.of[string(rules.Contact)+"/"+unit]
}

// heads are to whom a unit's matter escalates; where a unit has none, its contacts are told instead.
func (d directory) heads(unit string) []query.Person {
	if heads := d.of[string(rules.Head)+"/"+unit]; len(heads) > 0 {
		return heads
	}
	return d.contacts(unit)
}

func (d directory) role(role rules.Role) []query.Person { return d.of[string(role)] }

func (d directory) person(login string) (query.Person, bool) {
	for _, person := range d.people {
		if person.Login == login {
			return person, true
		}
	}
	return query.Person{}, false
}

// tellUnit queues a letter for a unit's contacts.
func (y *year) tellUnit(unit string, write func(query.Unit) letter) error {
	book, err := y.directory()
	if err != nil {
		return err
	}
	return y.tellContacts(book, unit, write)
}

func (y *year) tellContacts(book directory, unit string, write func(query.Unit) letter) error {
	row := book.byCode[unit]
	letter := write(row)
	letter.data.UnitName = row.Name
	return y.tell(book, unit, letter, book.contacts(unit))
}

// tell queues a letter for people of a unit; one that has none here, as the evaluation's own units, gets it at its own
// address (E11).
func (y *year) tell(book directory, unit string, letter letter, people []query.Person) error {
	if row := book.byCode[unit]; len(people) == 0 && y.set.Evaluation != nil {
		letter.data.UnitName = row.Name
		return y.send(letter, unit, "", row.Email)
	}
	return y.queueAll(letter, unit, people)
}
