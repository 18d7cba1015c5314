package portal

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/stage"
)

var invitationLink = regexp.MustCompile(`http://kaoping\.example(/invitations/\S+)`)

func TestThePeople(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "admin")
	page := w.get("people")
	page.shows(http.StatusOK, "还有17人未邀请", "共18条，第1–18条")
	for heading, wanted := range map[string]string{
		"市政务公开办公室管理员":  "admin 管理员 — — 已开通 20",
		"政务新媒体维管单位考核员": "media1 考核员 平凉市文化和旅游局 政策解读、公众参与、平台建设 政务新媒体维管单位 未邀请 —",
		"崆峒区人民政府联络员":   "c01.contact 联络员 崆峒区人民政府 — 未邀请 —",
	} {
		if got := page.row(heading); !strings.Contains(got, wanted) {
			t.Errorf("the row is %q, want %q in it", got, wanted)
		}
	}
	for query, count := range map[string]int{
		"role=assessor": 6, "access=active": 1, "q=" + url.QueryEscape("崆峒"): 2, "q=MEDIA1": 1, "role=leader&q=web": 0,
	} {
		if got := len(strings.Fields(w.get("people?" + query).rows())); got != count {
			t.Errorf("%s finds %d people, want %d", query, got, count)
		}
	}
}

// An initial password opens only the page that changes it.
func TestAnInitialPassword(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	initial, err := b.GivePassword(t.Context(), "pingliang", "founder", "founder@example.com")
	stage.Must(t, err)
	w := b.browser(t)
	if page := w.post("/login", url.Values{"login": {"founder"}, "password": {initial}, "next": {"/years"}}); page.path != "/password" {
		t.Errorf("the login leads to %s", page.path)
	}
	for _, path := range []string{"/years", "year", "/"} {
		page := w.get(path)
		page.shows(http.StatusOK, "初始密码")
		if page.path != "/password" {
			t.Errorf("%s leads to %s", path, page.path)
		}
	}
	w.post("/password", url.Values{"old": {initial}, "new": {password}, "again": {password}}).shows(http.StatusOK, "密码已修改")
	w.get("/years").shows(http.StatusOK, "建立新年度")
}

// Whoever is invited gets a letter whose link sets his password; a form that is sent twice invites once.
func TestInvitingAPerson(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "admin")
	form := w.get("people/leader").form("/invite")
	for range 2 {
		w.post("people/leader/invite", form).shows(http.StatusOK, "邀请邮件已发出。", "已邀请，未开通")
	}
	if len(b.letters) != 1 {
		t.Fatalf("%d letters were posted", len(b.letters))
	}
	letter := b.letters[0]
	if letter.Subject != "邀请您参加2025年度政务公开考核" || !strings.HasPrefix(letter.Text, "市政务公开领导小组组长：\n\n您是2025年度政务公开工作考核的领导小组组长，用户名：leader。") {
		t.Errorf("the letter says %s\n%s", letter.Subject, letter.Text)
	}
	guest := b.browser(t)
	guest.post(invitationLink.FindStringSubmatch(letter.Text)[1], url.Values{"new": {password}, "again": {password}})
	guest.get("").shows(http.StatusOK, "我的待办")
	w.get("people/leader").shows(http.StatusOK, "已开通", "设置或修改密码 通过邀请链接")
}

func TestInvitingEverybody(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "admin")
	b.as(t, "leader")
	form := w.get("people").form("/people/invite")
	for range 2 {
		w.post("people/invite", form).shows(http.StatusOK, "封邀请邮件。")
	}
	if len(b.letters) != 16 {
		t.Errorf("%d letters were posted, want one for each of the 18 but the administrator and the leader", len(b.letters))
	}
	w.get("people").lacks("人未邀请")
}

// A reset password comes by mail; all sessions end at once when the administrator says so.
func TestResettingAndSigningOut(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w, contact := b.as(t, "admin"), b.as(t, "c01.contact")
	page := w.get("people/c01.contact")
	page.lacks("发送邀请 ", "从未登录")
	w.post("people/c01.contact/sessions", page.form("/sessions")).shows(http.StatusOK, "已强制退出此人的全部登录。")
	contact.get("").shows(http.StatusOK, "用户名")
	w.post("people/c01.contact/reset", page.form("/reset")).shows(http.StatusOK, "重置密码的邮件已发出。")
	if len(b.letters) != 1 || !strings.Contains(b.letters[0].Text, "链接24小时内有效") {
		t.Fatalf("the letters are %v", b.letters)
	}
	contact.post(invitationLink.FindStringSubmatch(b.letters[0].Text)[1], url.Values{"new": {"another password"}, "again": {"another password"}})
	contact.get("").shows(http.StatusOK, "我的待办")
	w.get("access?login=c01.contact").shows(http.StatusOK, "退出 全部设备，由admin强制退出", "发出重置密码链接", "设置或修改密码")
}

// The successor of an assessor takes over what is not submitted, with the points in it; what is submitted stays the
// other's; who left sees nothing more (A8(6)).
func TestReplacingAnAssessor(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	b.Score("web2", "C01", 0)
	w, old := b.as(t, "admin"), b.as(t, "web2")
	old.get("").shows(http.StatusOK, "我的待办")
	page := w.get("people/web2")
	page.shows(http.StatusOK, "未提交的评分表 2份 华亭市人民政府、平凉市文化和旅游局", "已提交的评分表 1份 崆峒区人民政府")
	form := page.form("/replace")
	form.Set("login", "c01.contact")
	form.Set("email", "new")
	form.Set("unit", "平凉市文化和旅游局")
	w.post("people/web2/replace", form).shows(http.StatusUnprocessableEntity, "请填写接替人姓名", `"new"不是有效的电子邮箱地址`)
	form.Set("name", "王新")
	form.Set("email", "wangxin@example.com")
	page = w.post("people/web2/replace", form)
	page.shows(http.StatusUnprocessableEntity, "用户名c01.contact在本年度已有人使用", "c01.contact属于D18，而web2承担该单位的评分：考核员不得为本单位评分（A8(6)）")
	if got := page.form("/replace").Get("name"); got != "王新" {
		t.Errorf("what was typed is lost: %q", got)
	}
	form = page.form("/replace")
	form.Set("login", "web3")
	form.Set("unit", "")
	for range 2 {
		w.post("people/web2/replace", form).shows(http.StatusOK, "王新")
	}
	w.get("people/web3").shows(http.StatusOK, "未提交的评分表 2份", "已提交的评分表 0份", "接替他人工作，请核对接手的事项")
	w.get("people/web2").shows(http.StatusOK, "此人已更换，接替人： web3", "已提交的评分表 1份 崆峒区人民政府")
	old.get("").shows(http.StatusOK, "用户名")
	if len(b.letters) != 1 || !strings.Contains(b.letters[0].Text, "用户名：web3") {
		t.Errorf("the letters are %v", b.letters)
	}
	for query, count := range map[string]int{
		`SELECT count(*) FROM sheets WHERE assessor = 'web3' AND state <> 'submitted'`:                                                                                                                          2,
		`SELECT count(*) FROM sheets WHERE assessor = 'web2' AND state = 'submitted' AND unit = 'C01'`:                                                                                                          1,
		`SELECT count(*) FROM sheet_submissions WHERE author = 'web2' AND assessor = 'web2'`:                                                                                                                    1,
		`SELECT count(*) FROM journal WHERE event = 'task_opened' AND person = 'web3' AND data LIKE '%"handover/web2/web3"%'`:                                                                                   1,
		`SELECT count(*) FROM journal WHERE event NOT IN ('cycle_started', 'mail_queued', 'mail_sent', 'mail_refused', 'task_opened', 'task_done', 'report_submitted', 'deadline_extended', 'sheet_submitted')`: 0,
	} {
		if got := b.counted(t, query); got != count {
			t.Errorf("%s: %d, want %d", query, got, count)
		}
	}
	b.Score("web3", "C02", 0)
}

// A submitted sheet that is opened again is filled by the successor; what was submitted keeps its author.
func TestASheetOpenedAgainPassesOn(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	b.Score("web2", "C02", 0)
	w := b.as(t, "admin")
	form := w.get("people/web2").form("/replace")
	for field, value := range map[string]string{"login": "web3", "name": "王新", "email": "wangxin@example.com", "invite": ""} {
		form.Set(field, value)
	}
	w.post("people/web2/replace", form).shows(http.StatusOK, "移交评分表2份、未办事项0项")
	b.Report("c02.contact") // late: its sheets open again (A8(5))
	for query, count := range map[string]int{
		`SELECT count(*) FROM sheets WHERE unit = 'C02' AND assessor = 'web3' AND state = 'open'`:             1,
		`SELECT count(*) FROM sheets WHERE assessor = 'web2'`:                                                 0,
		`SELECT count(*) FROM sheet_submissions WHERE unit = 'C02' AND author = 'web2' AND assessor = 'web3'`: 1,
		`SELECT count(*) FROM scores WHERE unit = 'C02' AND assessor = 'web3' AND points IS NULL`:             0,
	} {
		if got := b.counted(t, query); got != count {
			t.Errorf("%s: %d, want %d", query, got, count)
		}
	}
	b.At(stage.Day(time.December, 16), 9)
	b.Score("web3", "C02", 0)
}

// A contact's successor reports for the unit, and ends his own look at what he took over.
func TestReplacingAContact(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	form := w.get("people/c02.contact").form("/replace")
	for field, value := range map[string]string{"login": "c02.new", "name": "李新", "email": "lixin@example.com", "invite": ""} {
		form.Set(field, value)
	}
	w.post("people/c02.contact/replace", form).shows(http.StatusOK, "华亭市人民政府", "未邀请")
	successor := b.as(t, "c02.new")
	page := successor.get("")
	page.shows(http.StatusOK, "提交自查报告（华亭市人民政府）", "接替他人工作，请核对接手的事项（华亭市人民政府联络员）")
	done := page.form("/tasks/done")
	done.Set("note", "已核对")
	successor.post("tasks/done", done).shows(http.StatusOK, "事项已办结。")
	b.Report("c02.new")
	if _, err := b.Desk(t.Context(), b.Cycle, "c02.contact"); err == nil {
		t.Error("who was replaced still has a desk")
	}
	w.get("people/admin").lacks("更换人员")
	w.get("people/nobody").shows(http.StatusNotFound, "人员名单中没有nobody")
}

// An administrator sees who signed in and who read what, and is seen to have looked.
func TestTheAccessLog(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "admin")
	b.as(t, "auditor").get("journal")
	w.get("access").shows(http.StatusOK, "auditor 查阅工作日志", "auditor 登录", "127.0.0.1")
	page := w.get("access?event=admin_read")
	page.shows(http.StatusOK, "admin 查阅管理页面 登录与查阅记录")
	page.lacks("auditor")
}
