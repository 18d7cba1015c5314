package portal

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// deed is something that a person does or looks at: on a page, by a form of it.
type deed struct {
	login, page string
	// form is the address to which the form goes, without the year; empty: nothing is sent. button is its name and value,
	// where there are several. fields are pairs of a name and what is typed or chosen; a field with several controls, and
	// a radio or a checkbox, is NAME=VALUE.
	form, button string
	fields       []string
	// says is on the page that comes then.
	says string
	// between is what happens meanwhile without this hand.
	between func(*testing.T, *byHand)
}

// byHand is a year in which people use nothing but the keyboard, and browsers without JavaScript.
type byHand struct {
	*bundle
	tabs   map[string]*chromium.Tab
	folder string
	signs  *strings.Replacer
	sent   map[string]bool
}

// Every act is done once in the course of a year, by whom it is for, without JavaScript and by keyboard alone. What is
// the same act for many is done in the office for the others.
func TestAYearByHand(t *testing.T) {
	inChromium(t)
	b := opened(t, stage.Empty(t))
	b.At(stage.Day(time.November, 24), 8)
	h := &byHand{bundle: b, tabs: map[string]*chromium.Tab{}, folder: t.TempDir(), signs: strings.NewReplacer(), sent: map[string]bool{}}
	for name, content := range sampleFiles(t) {
		stage.Must(t, os.WriteFile(filepath.Join(h.folder, name+map[bool]string{true: ".yaml", false: ".csv"}[name == "scheme"]), content, 0o600))
	}
	stage.Must(t, os.WriteFile(filepath.Join(h.folder, "proof.pdf"), []byte(pdf), 0o600))
	for _, deed := range slices.Concat(beginning, writing, judging, deciding, mending) {
		if deed.between != nil {
			deed.between(t, h)
		}
		if h.do(t, deed); t.Failed() {
			return // whatever comes next would only follow from it
		}
	}
	for _, route := range slices.Concat(doors, rooms, pages) {
		if strings.HasPrefix(route.pattern, "POST ") && !h.sent[route.pattern] {
			t.Errorf("nobody does %s by hand", route.pattern)
		}
	}
}

// tab is the window of a person; of whoever has not signed in yet, if the login is not known.
func (h *byHand) tab(t *testing.T, login string) *chromium.Tab {
	t.Helper()
	if h.tabs[login] == nil {
		view := chromium.Wide
		view.Script = false
		signed := login
		if login == "founder" {
			signed = ""
		}
		h.tabs[login] = h.window(t, signed, view)
	}
	return h.tabs[login]
}

func (h *byHand) do(t *testing.T, deed deed) {
	t.Helper()
	tab, page := h.tab(t, deed.login), h.signs.Replace(deed.page)
	stage.Must(t, tab.Goto("about:blank")) // else an address with another place on the same page would load nothing
	stage.Must(t, tab.Goto((&browser{b: h.bundle}).address(page)))
	if deed.form != "" {
		form := &handForm{t: t, tab: tab, what: deed.login + " on " + page, end: h.signs.Replace(deed.form)}
		for i := 0; i < len(deed.fields); i += 2 {
			form.fill(deed.fields[i], deed.fields[i+1], h.folder)
		}
		h.sent[h.pattern(t, http.MethodPost, form.press(deed.button))] = true
	}
	says(t, tab, deed.says)
}

// sign sets what stands for a name in braces from now on.
func (h *byHand) sign(name, value string) { h.signs = strings.NewReplacer("{"+name+"}", value) }

// beginning is the year before it starts, and its first days (A2 to A8(4)).
var beginning = []deed{
	{between: func(t *testing.T, h *byHand) {
		t.Helper()
		token, err := h.Invite(t.Context(), nil, "pingliang", "founder", "founder@example.com", true)
		stage.Must(t, err)
		h.sign("token", token)
	}, login: "founder", page: "/invitations/{token}", form: "/invitations/{token}", fields: []string{"new", "the first password", "again", "the first password"}, says: "建立新年度"},
	{login: "founder", page: "/password", form: "/password", fields: []string{"old", "the first password", "new", password, "again", password}, says: "密码已修改"},
	{login: "founder", page: "/years", form: "/preferences", button: "theme=dark", says: "建立新年度"},
	{login: "founder", page: "/years", form: "/logout", says: "用户名"},
	{login: "founder", page: "/years", form: "/login", fields: []string{"login", "founder", "password", password}, says: "建立新年度"},
	{login: "founder", page: "/years", form: "/years/files", fields: []string{"units", "units.csv", "people", "people.csv", "scheme", "scheme.yaml", "indicators", "indicators.csv", "holidays", "units.csv"}, says: "已收到5个文件"},
	{login: "founder", page: "/years", form: "/years/files", button: "part=holidays", says: "文件已撤下"},
	{login: "founder", page: "/years", form: "/years/import", says: "年度草稿已建立"},
	{between: smallYear, login: "admin", page: "setup", form: "/rehearse", says: "演练已开始"},
	{login: "admin", page: "setup", form: "/start", says: "年度考核已启动"},
	{between: func(t *testing.T, h *byHand) {
		t.Helper()
		h.IssueNotices()
		h.At(stage.Day(time.November, 24), 10)
		h.Reload()
		h.Deliver("zwgk@huating.pingliang.example", "zwgk@wlj.pingliang.example")
		h.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, opened_at) SELECT cycle_id, 'stuck/Reminders.Send/assessment/pingliang/2025', 'stuck_step', 'admin', now() FROM cycles WHERE cycle_id = $1`, h.Cycle.CycleID)
	}, login: "admin", page: "", form: "/tasks/retry", says: "已重新执行"},
	{login: "admin", page: "people/leader", form: "/people/leader/invite", says: "邀请邮件已发出"},
	{login: "admin", page: "people", form: "/people/invite", says: "封邀请邮件"},
	{login: "admin", page: "people/admin", form: "/people/admin/reset", says: "重置密码的邮件已发出"},
	{login: "admin", page: "mails", form: "/mails/address", fields: []string{"email", "office@huating.example"}, says: "邮箱已更正"},
	{login: "admin", page: "mails", form: "/mails/done", fields: []string{"note", "已电话通知"}, says: "事项已办结"},
	{login: "c01.contact", page: "notice", says: "崆峒区人民政府"},
}

// writing are the self-reports (A8(5)).
var writing = []deed{
	{
		between: func(t *testing.T, h *byHand) { t.Helper(); writes(t, h.bundle, "C01", "1.1") },
		login:   "c01.contact", page: "units/C01/report#i1.1", form: "/report/item?indicator=1.1",
		fields: []string{"statement", "已明确工作机构", "self_score", "2", "link", "https://kongtong.example/zwgk", "file", "proof.pdf"}, says: "proof.pdf",
	},
	{login: "c01.head", page: "units/C01/report", says: "已明确工作机构"},
	{login: "c01.contact", page: "units/C01/report#submit", form: "/report/submit", says: "自查报告已按时提交"},
	{login: "admin", page: "units/C01/report", form: "/report/return", fields: []string{"reason", "第3.1项佐证材料缺失", "date", "2025-12-12"}, says: "已退回，并已发邮件通知该单位"},
	{login: "c01.contact", page: "units/C01/report#submit", form: "/report/submit", says: "自查报告已按时提交"},
	{login: "admin", page: "units/D18/report", form: "/report/extend", fields: []string{"reason", "系统升级", "date", "2025-12-17"}, says: "时限已延长"},
	{login: "admin", page: "year/selection?do=remind&unit=C02&unit=D18", form: "/year/selection", says: "已办理2家，未办理0家"},
	{login: "admin", page: "dates?phase=review&to=2026-01-12", form: "/dates", fields: []string{"reason", "工作安排调整"}, says: "期限已调整"},
	{login: "admin", page: "people/c02.contact", form: "/people/c02.contact/replace", fields: []string{"login", "c02.new", "name", "李新", "email", "lixin@example.com"}, says: "已更换人员"},
	{login: "c02.new", page: "", form: "/tasks/done", fields: []string{"note", "已核对"}, says: "事项已办结"},
	{login: "c01.contact", page: "adjustments#propose", form: "/adjustments", fields: []string{"date", "2025-03-01", "clause", "10.1", "event", "省级表彰", "evidence", "表彰文件"}, says: "已申报，待他人确认"},
	{between: func(t *testing.T, h *byHand) {
		t.Helper()
		h.sign("id", h.text(t, `SELECT adjustment_id::text FROM adjustments`))
	}, login: "admin", page: "adjustments/{id}", form: "/adjustments/{id}/confirm", says: "已确认，计入得分"},
	{
		between: func(t *testing.T, h *byHand) { t.Helper(); h.sign("id", h.adjust(t, "D18", "10.1", "表彰")) },
		login:   "admin", page: "adjustments/{id}", form: "/adjustments/{id}/reject", fields: []string{"rejection", "不属于上级表彰"}, says: "已登记为不予认可",
	},
}

// judging are the sheets, and what becomes of them (A8(6)).
var judging = []deed{
	{
		between: func(t *testing.T, h *byHand) {
			t.Helper()
			h.Report("c02.new")
			h.Report("d18.contact")
			h.execute(t, `UPDATE scores SET points = scores.max_points, method = i.methods[1], place = '专栏', checked_on = '2025-11-24', seen = '已核查'
			FROM indicators i WHERE i.cycle_id = scores.cycle_id AND i.code = scores.indicator AND assessor = 'web1' AND unit = 'C01' AND indicator <> '3.1'`)
		}, login: "web1", page: "sheets/C01#i-3.1", form: "/sheets/C01", button: "next=i-3.2",
		fields: []string{"points", "7", "reason", "超期公开一件", "method", "website", "place", "网站专栏", "seen", "抽查20件"}, says: "已保存",
	},
	{login: "web1", page: "sheets/C01#submit", form: "/sheets/C01/submit", says: "崆峒区人民政府的评分表已提交"},
	{between: func(t *testing.T, h *byHand) {
		t.Helper()
		for range 2 {
			for _, assessor := range assessors {
				scores(t, h.bundle, assessor, given{"gov2 C02 7.2": 700})
			}
			h.At(stage.Day(time.December, 20), 10)
		}
	}, login: "admin", page: "units/C02", form: "/units/C02/third", fields: []string{"assessor", "opinion1"}, says: "已指定第三位考核员"},
	{login: "admin", page: "people/web1", form: "/people/web1/sessions", says: "已强制退出此人的全部登录"},
}

// deciding is the approval, by both offices, and what it leads to (A8(6), A8(7), A12).
var deciding = []deed{
	{
		between: func(t *testing.T, h *byHand) { t.Helper(); scores(t, h.bundle, "opinion1", given{}) },
		login:   "leader", page: "approval/1", form: "/approval/1/return", button: "which=some", fields: []string{"comment.C01", "请复核指标3.1"}, says: "已退回，考核员会收到通知",
	},
	{between: resubmit, login: "admin", page: "administration/reopen?unit=D18", form: "/administration/reopen", fields: []string{"reason", "发现漏查栏目"}, says: "评分已重新开放"},
	{between: func(t *testing.T, h *byHand) {
		t.Helper()
		resubmit(t, h)
		h.At(january(22), 9)
	}, login: "deputy", page: "approval/3", form: "/approval/3/approve", says: "考核结果已审定通过"},
	{login: "orgdept", page: "results", says: "崆峒区人民政府"},
	{login: "c01.contact", page: "units/C01/feedback", says: "崆峒区人民政府"},
	{login: "auditor", page: "audit?check=book", says: "一致"},
	{login: "auditor", page: "audit?check=journal", says: "完整"},
	{login: "founder", page: "/years", form: "/years/next", says: "年度草稿已建立"},
}

// mending is the rectification, and what follows from violations (A13 to A15); at last the year is cancelled.
var mending = []deed{
	{
		between: func(_ *testing.T, h *byHand) { h.At(calendar.Date{Year: 2026, Month: time.March, Day: 2}, 9) },
		login:   "admin", page: "rectifications?edit=C01/1#edit", form: "/rectifications/problem", fields: []string{"text", "超期公开一件"}, says: "问题表述已修改",
	},
	{login: "admin", page: "rectifications?add=C01#added", form: "/rectifications/added", fields: []string{"method", "phone", "text", "电话无人接听"}, says: "已增加问题"},
	{login: "admin", page: "rectifications", form: "/rectifications/removed", button: "remove=C01/1", says: "已删除问题"},
	{login: "admin", page: "rectifications", form: "/rectifications/order", button: "which=all", says: "整改通知已下达"},
	{login: "c01.contact", page: orderC01 + "#filing", form: orderC01 + "/file", button: "do=file", fields: []string{"text", "逐项整改", "file", "proof.pdf"}, says: "整改措施已报送"},
	{login: "admin", page: orderC01, form: orderC01 + "/extend", fields: []string{"extension_reason", "系统迁移", "extension_due", "2026-03-27"}, says: "整改期限已延长"},
	{login: "c01.contact", page: orderC01 + "#filing", form: orderC01 + "/file", button: "do=file", fields: []string{"text", "已全部整改"}, says: "整改情况已报告"},
	{login: "admin", page: orderC01, form: orderC01 + "/back", fields: []string{"back_reason", "未附答复文书", "back_due", "2026-04-03"}, says: "已退回"},
	{login: "c01.contact", page: orderC01 + "#filing", form: orderC01 + "/file", button: "do=file", fields: []string{"text", "已全部整改，附答复文书"}, says: "整改情况已报告"},
	{login: "admin", page: orderC01, form: orderC01 + "/accept", fields: []string{"seen-1", "电话有人接听"}, says: "已通过审核"},
	{login: "admin", page: "consequences#record", form: "/consequences/violation", fields: []string{"unit", "C01", "facts", "删除应公开的文件", "evidence", "网页存档", "severity=ordinary", ""}, says: "违规行为已登记"},
	{login: "leader", page: ofC01, form: ofC01 + "/1/impose", fields: []string{"reason", "情况属实", "date", "2026-03-02", "persons", "局长", "text", "限期整改", "due", "2026-04-03"}, says: "决定已记录"},
	{login: "admin", page: "administration", form: "/administration/cancel", fields: []string{"reason", "方案有误", "sure=1", ""}, says: "年度考核已撤销"},
}

// smallYear puts three of the forty units in place of the draft, and has points of assessors lie at most two apart.
func smallYear(t *testing.T, h *byHand) {
	t.Helper()
	set := stage.Sample(t, h.Rules)
	set.Plan.Scheme.MaxSpread = "2"
	_, err := h.Import(t.Context(), set)
	stage.Must(t, err)
	h.Reload()
}

// resubmit submits what was opened again, as it stands.
func resubmit(t *testing.T, h *byHand) {
	t.Helper()
	h.submit(t)
}
