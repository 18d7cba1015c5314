package office

import (
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
)

var successor = Successor{Login: "web3", Name: "王新", Email: "wangxin@example.com"}

// What an assessor has not submitted passes on, and so does the task of calling him; he is nobody of the cycle any more.
func TestASuccessorTakesOver(t *testing.T) {
	t.Parallel()
	b := running(t)
	id := b.cycle.CycleID
	b.execute(t, `UPDATE sheets SET state = 'submitted' WHERE unit = 'C02' AND assessor = 'web2'`)
	b.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, person, due, opened_at) VALUES ($1, 'review_overdue/web2', 'review_overdue', 'admin', 'web2', '2026-01-09', now())`, id)
	b.execute(t, `INSERT INTO accounts (authority, login) VALUES ('pingliang', 'web2')`)
	lines := b.text(t, `SELECT journal_seq::text FROM cycles`)
	var passed store.HandedOver
	for range 2 {
		var err error
		passed, err = b.desk(t, "admin").ReplacePerson(t.Context(), "a", "web2", successor)
		must(t, err)
	}
	is(t, "sheets and tasks", asJSON(t, passed), `{"sheets":2,"tasks":1}`)
	is(t, "whose sheets they are", b.text(t, `SELECT string_agg(unit || ' ' || assessor, ', ' ORDER BY unit) FROM sheets WHERE assessor IN ('web2', 'web3')`), "C01 web3, C02 web2, D18 web3")
	is(t, "whose scores", b.text(t, `SELECT string_agg(DISTINCT unit || ' ' || assessor, ', ') FROM scores WHERE assessor IN ('web2', 'web3')`), "C01 web3, C02 web2, D18 web3")
	is(t, "the tasks", b.text(t, `SELECT string_agg(key || ' ' || state, ', ' ORDER BY key) FROM tasks WHERE person <> ''`),
		"handover/web2/web3 open, review_overdue/web2 done, review_overdue/web3 open")
	is(t, "what he inherits", b.text(t, `SELECT role || ' ' || group_kinds::text || areas::text FROM people WHERE login = 'web3'`), "assessor {website}{proactive_disclosure,platforms,participation}")
	is(t, "the sessions of who left", b.text(t, `SELECT epoch::text FROM accounts`), "2")
	is(t, "the journal", b.text(t, `SELECT string_agg(event || ' ' || person, ', ' ORDER BY seq) FROM journal WHERE seq > `+lines), "task_done admin, task_opened web3, task_opened web3")
	_, err := b.Desk(t.Context(), b.cycle, "web2")
	fails(t, err, store.Forbidden, "web2 is nobody of pingliang/2025")
	_, err = b.desk(t, "admin").ReplacePerson(t.Context(), "b", "web2", Successor{Login: "web4", Name: "李新", Email: "lixin@example.com"})
	fails(t, err, store.NotFound, "web2 is nobody of pingliang/2025")
}

// Of two who follow each other the last one takes over, from the first too.
func TestASuccessorOfASuccessor(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `UPDATE sheets SET state = 'submitted' WHERE unit = 'C02' AND assessor = 'web2'`)
	desk := b.desk(t, "admin")
	_, err := desk.ReplacePerson(t.Context(), "a", "web2", successor)
	must(t, err)
	_, err = desk.ReplacePerson(t.Context(), "b", "web3", Successor{Login: "web4", Name: "李新", Email: "lixin@example.com"})
	must(t, err)
	is(t, "who follows", b.text(t, `SELECT string_agg(login || ' ' || replaced_by, ', ' ORDER BY login) FROM people WHERE login LIKE 'web_'`), "web1 , web2 web4, web3 web4, web4 ")
	is(t, "the handovers", b.text(t, `SELECT string_agg(key || ' ' || state, ', ' ORDER BY key) FROM tasks WHERE kind = 'handover'`), "handover/web2/web3 done, handover/web3/web4 open")
	fails(t, b.desk(t, "gov1").FinishTask(t.Context(), "c", "handover/web3/web4", "好"), store.Forbidden, "gov1 may not do this: it is for admin")
	must(t, b.desk(t, "web4").FinishTask(t.Context(), "c", "handover/web3/web4", "已核对"))
	is(t, "the note", b.text(t, `SELECT note FROM tasks WHERE key = 'handover/web3/web4'`), "已核对")
}

// Everything that speaks against a successor is told at once, and nothing is changed.
func TestWhoCannotSucceed(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "admin")
	// media1 belongs to D18, which web2 scores; also where the unit is written by its name.
	_, err := desk.ReplacePerson(t.Context(), "a", "web2", Successor{Login: "gov1", Name: "王新", Email: "wangxin@example.com", Unit: "平凉市文化和旅游局"})
	fails(t, err, store.Refused, "gov1 is somebody of pingliang/2025 already: the successor needs a login of his own",
		"gov1 belongs to D18, which web2 scores: an assessor never scores his own organisation (A8(6))")
	_, err = desk.ReplacePerson(t.Context(), "b", "web2", Successor{Login: "王", Email: "x"})
	fails(t, err, store.Refused, `login "王": want 1 to 32 letters, digits or . _ -`, "the successor's name is missing", `"x" is not an address of the form name@host`)
	_, err = desk.ReplacePerson(t.Context(), "c", "confirm", successor)
	fails(t, err, store.Refused, "an administrator is not replaced but invited")
	is(t, "people", b.text(t, `SELECT count(*)::text FROM people WHERE replaced_by <> '' OR login = 'web3'`), "0")
	// Even a submitted sheet: opened again it would be his.
	b.execute(t, `UPDATE sheets SET state = 'submitted'`)
	other := successor
	other.Unit = "d18"
	_, err = desk.ReplacePerson(t.Context(), "d", "web2", other)
	fails(t, err, store.Refused, "web3 belongs to D18, which web2 scores: an assessor never scores his own organisation (A8(6))")
	b = imported(t)
	_, err = b.desk(t, "admin").ReplacePerson(t.Context(), "a", "web2", successor)
	fails(t, err, store.Refused, "pingliang/2025 is draft: people are replaced while a year runs; until then import the list again")
}

// A contact's successor stands for the same unit whatever is asked, and mail goes to him.
func TestAContactsSuccessor(t *testing.T) {
	t.Parallel()
	b := running(t)
	in := successor
	in.Login, in.Unit = "c01.new", "D18"
	_, err := b.desk(t, "admin").ReplacePerson(t.Context(), "a", "c01.contact", in)
	must(t, err)
	is(t, "his unit", b.desk(t, "c01.new").Person.Unit, "C01")
	tasks, err := b.desk(t, "c01.new").Tasks(t.Context())
	must(t, err)
	is(t, "his tasks", tasks[0].Kind+" "+tasks[1].Kind+" "+tasks[1].Subject, "self_report handover 崆峒区人民政府联络员")
	cycles, err := b.Cycles(t.Context(), Account{Authority: "pingliang", Login: "c01.contact"})
	must(t, err)
	is(t, "the years of who left", len(cycles), 0)
}

// The next year is drafted with the people as they are now.
func TestTheNextYearHasTheSuccessor(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "admin")
	_, err := desk.ReplacePerson(t.Context(), "a", "web2", successor)
	must(t, err)
	must(t, desk.ChangeAddress(t.Context(), "b", "C01", "new@kongtong.example"))
	set, err := b.Store.DataSetNow(t.Context(), b.cycle)
	must(t, err)
	logins := map[string]bool{}
	for _, person := range set.Plan.People {
		logins[person.Login] = true
	}
	is(t, "the successor", logins["web3"] && !logins["web2"], true)
	is(t, "the unit's address", set.Plan.Units[0].Email, "new@kongtong.example")
	old, err := b.Store.DataSet(t.Context(), b.cycle)
	must(t, err)
	is(t, "the address in the frozen plan", old.Plan.Units[0].Email, "zwgk@kongtong.pingliang.example")
}

// Where a person stands with his account.
func TestMembers(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "admin")
	_, err := desk.InvitePerson(t.Context(), "web1")
	must(t, err)
	token, err := desk.InvitePerson(t.Context(), "web2")
	must(t, err)
	_, err = b.Redeem(t.Context(), token, "a good password", "192.0.2.1")
	must(t, err)
	_, err = desk.InvitePerson(t.Context(), "gov1")
	must(t, err)
	b.execute(t, `UPDATE accounts SET locked_until = '2025-11-24 09:00+08' WHERE login = 'gov1'`)
	_, err = desk.ReplacePerson(t.Context(), "a", "gov2", successor)
	must(t, err)
	for login, access := range map[string]string{"web1": "invited", "web2": "active", "gov1": "locked", "gov2": "replaced", "web3": "new"} {
		member, err := desk.Member(t.Context(), login)
		must(t, err)
		is(t, login, member.Access(), access)
		is(t, "whether "+login+" signed in", member.LastLogin != nil, login == "web2")
	}
	b.at(day(time.December, 24), 8)
	member, err := b.desk(t, "admin").Member(t.Context(), "web1")
	must(t, err)
	is(t, "when the link has expired", member.Access(), "new")
	must(t, desk.EndSessions(t.Context(), "web2", "192.0.2.1"))
	is(t, "the epoch", b.text(t, `SELECT epoch::text FROM accounts WHERE login = 'web2'`), "3")
	fails(t, desk.EndSessions(t.Context(), "leader", ""), store.NotFound, "leader has no account yet: invite him")
}
