package portal

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

// The notice says what the mail says: the units by name (A2), the date, the year before (A4), the extension (A16).
func TestTheNotice(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	for _, login := range []string{"c01.contact", "c02.head", "web1", "orgdept"} {
		page := b.as(t, login).get("notice")
		page.shows(http.StatusOK, "平凉市政府政务公开办公室文件", "平政公开办发〔2025〕12号(示例)", "平凉市政府政务公开办公室 关于开展2025年度政务公开工作考核的通知", "各被考核单位：",
			"根据《平凉市政务公开工作考核实施细则（试行）》（平政办发〔2022〕99号，依据平政办发〔2024〕00号(示例)继续施行），现就开展2025年度",
			"于2025年12月12日24时前向考核小组报送自查报告", "共3个：崆峒区人民政府、华亭市人民政府、平凉市文化和旅游局。", "下列指标考核2024年度的工作：政府信息公开年度报告编制和发布。",
			"平凉市政府政务公开办公室 2025年11月24日")
		body := page.find(func(n *html.Node) bool { return n.Data == "body" })
		if attribute(body, "class") != "paper" {
			t.Error("the page does not print as a document")
		}
	}
	draft := opened(t, stage.Draft(t))
	draft.as(t, "c01.contact").get("notice").shows(http.StatusNotFound, "考核通知尚未印发")
}

// The bulletin is for everybody of the year; a correcting one names the old, which stays to be read (A8(7)).
func TestBulletins(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.as(t, "c02.contact").get("bulletin").shows(http.StatusOK, "尚未通报")
	b.as(t, "c02.contact").get("bulletin/1").shows(http.StatusNotFound, "没有第1号通报")
	b.At(january(14), 10)
	leader := b.As("leader")
	stage.Must(t, leader.Approve(t.Context(), uuid.NewString(), b.column(t, `SELECT digest FROM proposals`)))
	for _, login := range []string{"c02.contact", "d18.head", "web1", "auditor"} {
		page := b.as(t, login).get("bulletin")
		page.shows(http.StatusOK, "第1号", "关于2025年度政务公开工作考核结果的通报", "考核小组对3个单位进行了2025年度政务公开工作考核", "考核等次：优秀2个，良好1个",
			"1 华亭市人民政府 县（市、区）第1名 100.00 优秀 2 崆峒区人民政府 县（市、区）第2名 98.10 优秀 3 平凉市文化和旅游局 部门第1名 81.50 良好", "2026年1月14日")
		page.lacks("历次通报", "0.67")
	}
	id := b.adjust(t, "C02", "11.1", "行政诉讼败诉")
	stage.Must(t, b.As("confirm").ConfirmAdjustment(t.Context(), uuid.NewString(), id, "法院2026年3月判决败诉"))
	b.At(january(30), 10)
	stage.Must(t, b.As("leader").Approve(t.Context(), uuid.NewString(), b.column(t, `SELECT digest FROM proposals WHERE number = 2`)))
	w := b.as(t, "c02.contact")
	page := w.get("bulletin")
	page.shows(http.StatusOK, "第2号", "关于更正2025年度政务公开工作考核结果的通报", "第1号通报的2025年度政务公开工作考核结果需要更正", "更正原因：法院2026年3月判决败诉",
		"1 崆峒区人民政府 县（市、区）第1名 98.10 优秀 2 华亭市人民政府 县（市、区）第2名 98.00 优秀", "2026年1月30日")
	if page.path != cycle+"bulletin/2" {
		t.Errorf("the newest is at %s", page.path)
	}
	w.get("bulletin/1").shows(http.StatusOK, "100.00", "2026年1月14日")
	w.get("bulletin/3").shows(http.StatusNotFound)
}

// A rehearsal's documents say that they have no effect.
func TestARehearsalsNotice(t *testing.T) {
	t.Parallel()
	s := stage.Empty(t)
	b := opened(t, s)
	rehearsal, err := s.ImportRehearsal(t.Context(), stage.Sample(t, s.Rules), time.Second)
	stage.Must(t, err)
	b.execute(t, `INSERT INTO mail_shared (cycle_id, key, data) VALUES ($1, 'notice', '{"Authority": "平凉市政府政务公开办公室", "Year": 2025, "Rehearsal": true, "Due": "2025-12-12", "Units": ["甲"]}')`, rehearsal.CycleID)
	token, err := b.Invite(t.Context(), nil, "pingliang", "c01.contact", "x@example.com", false)
	stage.Must(t, err)
	w := b.browser(t)
	w.post("/invitations/"+token, with(map[string][]string{}, "new", password, "again", password))
	w.get("/rehearsal/1"+cycle+"notice").shows(http.StatusOK, "演练 本文书为系统演练生成，不具有任何效力。")
}
