package portal

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// given are the points that an assessor does not give in full: by assessor, unit and indicator.
type given map[string]rules.Points

// scores fills and submits an assessor's open sheets: in full, but for what is given.
func scores(t *testing.T, b *bundle, assessor string, points given) {
	t.Helper()
	desk := b.As(assessor)
	sheets, err := desk.OpenSheets(t.Context())
	stage.Must(t, err)
	for _, sheet := range sheets {
		filled, err := desk.Sheet(t.Context(), sheet.Unit)
		stage.Must(t, err)
		var list []office.Score
		for _, item := range filled.Items {
			full := item.Indicator.Max
			score := office.Score{Indicator: item.Indicator.Code, Points: &full, Method: item.Indicator.Methods[0], Place: "单位网站", CheckedOn: b.today(), Seen: "逐条核对"}
			if less, ok := points[assessor+" "+sheet.Unit+" "+item.Indicator.Code]; ok {
				score.Points, score.Reason = &less, assessor[:3]+"所见：扣分情形"
			}
			list = append(list, score)
		}
		stage.Must(t, desk.SaveSheet(t.Context(), sheet.Unit, list))
		stage.Must(t, desk.SubmitSheet(t.Context(), "sheet/"+assessor+"/"+sheet.Unit+"/"+b.today().String(), sheet.Unit))
	}
}

func (b *bundle) today() calendar.Date { return b.As("admin").Today() }

var assessors = []string{"gov1", "gov2", "media1", "opinion1", "web1", "web2"}

// unitPoints are those of the tests. C01: 3.1 is the mean of 8, 7 and 6, 7.2 of 10 and 8: 100 − 1 − 1 = 98. C02: 8.2 is the mean of 8, 8
// and 7: 99.666…, 99.67.
var unitPoints = given{"web2 C01 3.1": 700, "gov2 C01 3.1": 600, "gov2 C01 7.2": 800, "media1 C02 8.2": 700}

// releasedUnits is a year of C01 and C02 whose results are out.
func releasedUnits(t *testing.T) *bundle {
	t.Helper()
	b := opened(t, stage.Running(t, "C01", "C02"))
	b.At(stage.Day(time.December, 10), 10)
	for _, unit := range []string{"C01", "C02"} {
		writes(t, b, unit)
	}
	for _, login := range []string{"c01.contact", "c02.contact"} {
		_, err := b.As(login).SubmitReport(t.Context(), "submit/"+login)
		stage.Must(t, err)
	}
	b.At(stage.Day(time.December, 20), 10)
	for _, assessor := range assessors {
		scores(t, b, assessor, unitPoints)
	}
	b.approve(t)
	return b
}

// approve has the leader approve the open proposal.
func (b *bundle) approve(t *testing.T) {
	t.Helper()
	leader := b.As("leader")
	proposal, err := leader.OpenProposal(t.Context())
	stage.Must(t, err)
	stage.Must(t, leader.Approve(t.Context(), "approve/"+proposal.Digest, proposal.Digest))
	b.Reload()
}

// A unit sees where it stands; who scores it and to whom mails went it does not see.
func TestAUnitSeesWhereItStands(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	writes(t, b, "C01", "1.1", "1.2")
	page := b.as(t, "c01.contact").get("units/C01")
	page.shows(http.StatusOK, "崆峒区人民政府", "县（市、区）", "起草中", "截止日期 2025年12月12日(周五，还有14个工作日)", "已填指标 23/25项", "待报送", "已交评分表 0/6份", "考核结果尚未发布。", "暂无整改事项。")
	page.lacks("考核员一", "发给该单位的邮件", "指定第三位考核员")
	b.as(t, "c01.head").get("units/C01").shows(http.StatusOK, "起草中")
	b.At(stage.Day(time.December, 15), 9)
	b.as(t, "leader").get("units/C01").shows(http.StatusOK, "逾期", "政府网站维管单位考核员一", "未开始")
}

// The administrator sees the unit's mails with their state, and the server's answer to a refused one (A8(4)).
func TestAUnitsMails(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.alter(t, `UPDATE mails SET state = 'refused', answer = '550 no such user' WHERE unit = 'C01'`)
	page := b.as(t, "admin").get("units/C01")
	page.shows(http.StatusOK, "考核通知", "zwgk@kongtong.pingliang.example", "被拒收", "550 no such user")
	page.lacks("zwgk@huating.pingliang.example")
	page = b.as(t, "auditor").get("units/C01")
	page.shows(http.StatusOK)
	page.lacks("发给该单位的邮件")
}

func TestAUnitThatIsNotThere(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.as(t, "admin").get("units/C99").shows(http.StatusNotFound, "没有编码为C99的单位")
}

// What the authority still drafts or only proposes the unit does not see (A13, A14).
func TestAUnitsRectifications(t *testing.T) {
	t.Parallel()
	b := releasedUnits(t)
	b.alter(t, `INSERT INTO violations SELECT gen_random_uuid(), cycle_id, 'C01', '违规', '记录', 'ordinary', 'admin' FROM cycles`)
	b.alter(t, `INSERT INTO consequences (cycle_id, number, unit, kind, basis, violation_id) SELECT cycle_id, 1, 'C01', 'public_criticism', 'violation', violation_id FROM violations`)
	contact, admin := b.as(t, "c01.contact"), b.as(t, "admin")
	page := contact.get("units/C01")
	page.shows(http.StatusOK, "98.00 优秀", "总排名第2名", "暂无整改事项。")
	page.lacks("处理建议")
	admin.get("units/C01").shows(http.StatusOK, "考核问题整改 拟制中", "约谈、通报批评和处理建议（1项）")
	b.alter(t, `UPDATE consequences SET state = 'imposed', decided_by = 'admin', reason = '情节较重'`)
	stage.Must(t, b.As("admin").OrderRectifications(t.Context(), "order"))
	contact.get("units/C01").shows(http.StatusOK, "考核问题整改 待报措施 2026年3月13日(周五，还有55个工作日)", "约谈、通报批评和处理建议（1项）")
}

// Assessors who lie too far apart twice get a third, of another organisation and new to the indicators (A8(6)).
func TestAThirdAssessorIsNamed(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.RunningOn(t, func(plan *rules.Plan) {
		plan.Scheme.MaxSpread = "2"
		for i := range plan.People { // web2 is of the unit
			if plan.People[i].Login == "web2" {
				plan.People[i].Unit, plan.People[i].Areas = "C01", []string{"organization"}
			}
		}
	}, "C01"))
	writes(t, b, "C01")
	_, err := b.As("c01.contact").SubmitReport(t.Context(), "submit")
	stage.Must(t, err)
	far := given{"gov2 C01 7.2": 700, "gov1 C01 1.1": 100}
	for range 2 {
		for _, assessor := range assessors {
			scores(t, b, assessor, far)
		}
		b.At(stage.Day(time.December, 20), 10)
	}
	admin := b.as(t, "admin")
	page := admin.get("units/C01")
	page.shows(http.StatusOK, "评分差距较大的指标", "7.2 依申请公开答复和复议诉讼 10.00 7.00 10.00", "政务新媒体维管单位考核员")
	page.lacks("1.1 领导机制")
	choices := page.block("assessor")
	want(t, "who may be named", choices, "请选择 政务新媒体维管单位考核员 网络舆情回应监管单位考核员 政府网站维管单位考核员一")
	form := page.form("units/C01/third")
	page = admin.post("units/C01/third", url.Values{"act": {form.Get("act")}})
	page.shows(http.StatusUnprocessableEntity, "请选择考核员")
	form = page.form("units/C01/third")
	form.Set("assessor", "gov1")
	page = admin.post("units/C01/third", form)
	page.shows(http.StatusUnprocessableEntity, "gov1已为这些指标评过分，请另行指定")
	form = page.form("units/C01/third")
	form.Set("assessor", "opinion1")
	admin.post("units/C01/third", form).shows(http.StatusOK, "已指定第三位考核员", "请作为第三方复核")
	want(t, "whose sheet is open", b.text(t, `SELECT string_agg(assessor, ' ') FROM sheets WHERE state = 'open'`), "opinion1")
}
