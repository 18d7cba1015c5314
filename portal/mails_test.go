package portal

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
)

func TestTheMailLedger(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	page := w.get("mails")
	page.shows(http.StatusOK, "11月24日 10:00 考核通知 华亭市人民政府 zwgk@huating.pingliang.example 被退回 1 550 5.1.1 no such user",
		"11月24日 10:00 考核通知 崆峒区人民政府 zwgk@kongtong.pingliang.example 已送达 1", "延期通知", "待发送（1）", "已送达（2）", "被退回（1）", "共4条")
	page = w.get("mails?state=refused&kind=notice&q=" + url.QueryEscape("华亭"))
	page.shows(http.StatusOK, "共1条", "huating")
	page.lacks("kongtong")
	w.get("mails?q=550").shows(http.StatusOK, "共1条")
	w.get("mails?q=kongtong").shows(http.StatusOK, "共1条")
	w.get("mails?q=%25").shows(http.StatusOK, "没有符合条件的邮件")
	w.get("mails?page=7&state=sent").shows(http.StatusOK, "共2条，第1–2条")
	auditor := b.as(t, "auditor").get("mails")
	auditor.shows(http.StatusOK, "考核通知")
	auditor.lacks("新的邮箱", "办结")
}

// A refused address is a telephone task: with a note it is done, with a new address mail goes out again (A8(4)).
func TestATelephoneTask(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	page := w.get("mails")
	page.shows(http.StatusOK, "华亭市人民政府 邮件被退回，请电话告知并核对邮箱。 0933-0000102", "新的邮箱地址，用于以下单位和人员 华亭市人民政府 华亭市人民政府联络员")
	form := page.form("/mails/done")
	w.post("mails/done", form).shows(http.StatusUnprocessableEntity, "请填写办理情况")
	form.Set("note", "已电话告知王主任")
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0003")
	w.post("mails/done", form).shows(http.StatusOK, "事项已办结。", "目前没有需要打电话的事项")
	if got := b.counted(t, `SELECT count(*) FROM tasks WHERE kind = 'telephone' AND state = 'done' AND note = '已电话告知王主任'`); got != 1 {
		t.Errorf("%d tasks are done", got)
	}
}

func TestCorrectingAnAddress(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	form := w.get("mails").form("/mails/address")
	form.Set("email", "new")
	page := w.post("mails/address", form)
	page.shows(http.StatusUnprocessableEntity, `"new"不是有效的电子邮箱地址`)
	if form = page.form("/mails/address"); form.Get("email") != "new" {
		t.Error("what was typed is lost")
	}
	form.Set("email", "new@huating.example")
	owners := form["whose"]
	form.Del("whose")
	w.post("mails/address", form).shows(http.StatusUnprocessableEntity, "请勾选这个邮箱属于哪些单位和人员")
	form["whose"] = owners
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0004")
	w.post("mails/address", form).shows(http.StatusOK, "邮箱已更正", "目前没有需要打电话的事项")
	if got := b.counted(t, `SELECT count(*) FROM units WHERE email = 'new@huating.example'`); got != 1 {
		t.Errorf("%d units have the new address", got)
	}
	if got := b.counted(t, `SELECT count(*) FROM people WHERE email = 'new@huating.example' AND login = 'c02.contact'`); got != 1 {
		t.Errorf("%d contacts have the new address", got)
	}
	if got := b.counted(t, `SELECT count(*) FROM refused_addresses`); got != 0 {
		t.Errorf("%d addresses are still refused", got)
	}
	if got := b.counted(t, `SELECT count(*) FROM mails WHERE recipient = 'new@huating.example' AND kind = 'notice' AND state = 'queued'`); got != 1 {
		t.Errorf("%d notices are on their way to the new address", got)
	}
}

func TestTheCallList(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	_, err := b.DB.ExecContext(t.Context(), `INSERT INTO tasks (cycle_id, key, kind, role, person, due, opened_at)
		SELECT cycle_id, 'review_overdue/media1', 'review_overdue', 'admin', 'media1', '2025-12-12', '2025-12-15' FROM cycles`)
	stage.Must(t, err)
	page := b.as(t, "admin").get("calls")
	page.shows(http.StatusOK, "电话清单", "平凉市政府政务公开办公室 · 2025年12月15日(周一)")
	for heading, wanted := range map[string]string{
		"华亭市人民政府":   "1 华亭市人民政府 华亭市人民政府联络员 0933-0000102 邮件被退回，请电话告知并核对邮箱。 zwgk@huating.pingliang.example",
		"平凉市文化和旅游局": "2 平凉市文化和旅游局 政务新媒体维管单位考核员 0933-0000318 评分逾期未交，请电话催办。",
	} {
		if got := page.row(heading); got != wanted {
			t.Errorf("the row is %q, want %q", got, wanted)
		}
	}
}

// Every kind of mail that can go out has a name.
func TestEveryMailHasAName(t *testing.T) {
	t.Parallel()
	catalogue, err := readCatalogue()
	stage.Must(t, err)
	files, err := os.ReadDir("../mail/templates")
	stage.Must(t, err)
	for _, file := range files {
		kind, _, _ := strings.Cut(file.Name(), ".")
		if kind != "layout" && !catalogue.Has("mails.kind."+kind) {
			t.Errorf("a mail %s has no name", kind)
		}
	}
}
