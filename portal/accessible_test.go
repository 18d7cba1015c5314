package portal

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// scene is a time of the year, and what somebody looks at then: logins with paths. Nobody is signed in under "".
type scene struct {
	name  string
	set   func(*testing.T, *bundle) []string
	looks map[string][]string
}

// scenes are one year in which every page is seen, in its most telling states.
var scenes = []scene{
	{"before the first year", beforeTheFirst, map[string][]string{
		"": {"/login", "/invitations/unknown"}, "nobody": {"/", "/password", "/years", "/nowhere"}, "founder": {"/years"},
	}},
	{"a draft", drafted, map[string][]string{"admin": {"/years", "setup"}, "leader": {"approval"}}},
	{"reporting", reporting, map[string][]string{
		"admin": {
			"", "year", "year/selection?do=remind&unit=C01", "mails", "calls", "journal", "people", "people?role=leader", "people/web2", "access", "administration", "rules", "sheets",
			"rectifications", "consequences", "overview", "whatif", "units/C01", "setup", "/years",
		},
		"c01.contact": {"", "units/C01", "units/C01/report", "units/C01/results", "adjustments", "notice", "bulletin", "units/D18"},
		"c01.head":    {"units/C01/report"}, "web1": {"", "sheets", "sheets/by"}, "auditor": {"audit"}, "orgdept": {"", "results"},
	}},
	{"review", inReview, map[string][]string{
		"admin": {
			"", "year", "year/selection?do=extend&unit=C01&unit=C02", "year/selection?do=return&unit=C01", "dates?phase=review&to=2026-01-12", "mails", "sheets", "sheets/C01", "units/C01",
			"units/C01/report", "adjustments", "adjustments/{waiting}",
		},
		"web1": {"sheets", "sheets/C01", "sheets/by", "sheets/by/3.1"}, "c01.contact": {"", "units/C01/report", "units/C01/report?compare=1", "units/C01/report?revision=1"},
	}},
	{"approval", inApproval, map[string][]string{
		"leader": {"", "approval", "approval/1/units/C01", "overview", "year"},
		"admin":  {"whatif?unit=C02&add=11.5", "administration", "administration/reopen?unit=C01", "approval/1"},
	}},
	{"release", releasing, map[string][]string{
		"admin": {"rectifications?edit=C01/1", "rectifications?add=C01", "results"}, "auditor": {"audit?check=book", "audit?check=journal"},
		"c01.contact": {"units/C01/results", "units/C01/feedback"}, "orgdept": {"results", "bulletin", "bulletin/1"},
	}},
	{"rectification", inRectification, map[string][]string{
		"admin":       {"rectifications", "rectifications/print", "units/C01/rectification/0", "consequences", "units/C01/consequences"},
		"leader":      {"units/C01/consequences"},
		"c01.contact": {"units/C01/rectification/0", "units/C01/consequences", "units/C01"},
		"d18.contact": {"units/D18/rectification/0", "units/D18/consequences/{met}/record"},
	}},
}

// leadElsewhere are the addresses behind which there is no page: files, and ways to another page.
var leadElsewhere = []string{
	"GET /oidc", "GET /oidc/callback", "GET /{authority}/{year}", "GET /{authority}/{year}/overview.csv", "GET /{authority}/{year}/results.csv",
	"GET /{authority}/{year}/results.xlsx", "GET /{authority}/{year}/book.json", "GET /{authority}/{year}/journal.jsonl",
	"GET /{authority}/{year}/units/{unit}/evidence/{sha}/{name}", "GET /{authority}/{year}/units/{unit}/rectification/{number}/evidence/{digest}",
}

// axe-core finds nothing on any page, in either language and theme, on a desk and on a telephone, and none is wider than
// its window.
func TestEveryPageIsAccessible(t *testing.T) {
	inChromium(t)
	s := stage.Empty(t)
	e := &eyes{bundle: opened(t, s), tabs: map[string]*chromium.Tab{}, seen: map[string]bool{}}
	for _, scene := range scenes {
		signs := strings.NewReplacer(scene.set(t, e.bundle)...)
		var looks sync.WaitGroup
		for _, login := range slices.Sorted(maps.Keys(scene.looks)) {
			for _, language := range []string{"zh", "en"} {
				tab := e.tab(t, login, language)
				looks.Go(func() {
					for _, path := range scene.looks[login] {
						e.look(t, tab, signs.Replace(path), fmt.Sprintf("%s, %s by %s in %s", scene.name, path, login, language))
					}
				})
			}
		}
		looks.Wait()
	}
	for _, route := range slices.Concat(doors, rooms, pages) {
		if strings.HasPrefix(route.pattern, "GET ") && e.seen[route.pattern] == slices.Contains(leadElsewhere, route.pattern) {
			t.Errorf("%s: seen is %t", route.pattern, e.seen[route.pattern])
		}
	}
}

// eyes look at pages in one browser, in a window for each person and language.
type eyes struct {
	*bundle
	tabs map[string]*chromium.Tab

	mu   sync.Mutex
	seen map[string]bool
}

func (e *eyes) tab(t *testing.T, login, language string) *chromium.Tab {
	t.Helper()
	key := login + " " + language
	if e.tabs[key] == nil {
		tab := e.window(t, login, chromium.Wide)
		if login == "" {
			stage.Must(t, tab.Goto(e.server.URL+"/login"))
		}
		_, err := chromium.Evaluate[string](tab, `document.cookie = "language=`+language+`; path=/"`)
		stage.Must(t, err)
		e.tabs[key] = tab
	}
	return e.tabs[key]
}

// look opens a page once, and looks at it in both widths and themes.
func (e *eyes) look(t *testing.T, tab *chromium.Tab, path, what string) {
	t.Helper()
	address := (&browser{b: e.bundle}).address(path)
	pattern := e.pattern(t, http.MethodGet, address)
	e.mu.Lock()
	e.seen[pattern] = true
	e.mu.Unlock()
	if err := tab.Goto(address); err != nil {
		t.Error(err)
		return
	}
	_, err := chromium.Evaluate[string](tab, `document.querySelectorAll("details").forEach(d => d.open = true), ""`)
	if err != nil {
		t.Error(err)
	}
	for _, view := range []chromium.View{chromium.Wide, chromium.Narrow} {
		for _, dark := range []bool{false, true} {
			view.Dark = dark
			if err := tab.Look(view); err != nil {
				t.Error(err)
			}
			accessible(t, tab, fmt.Sprintf("%s, %d px, dark is %t", what, view.Width, dark))
		}
	}
}

// The ways from one scene to the next; each answers what stands for the names in braces.

func beforeTheFirst(t *testing.T, b *bundle) []string {
	t.Helper()
	_, err := b.Invite(t.Context(), nil, "pingliang", "founder", "founder@example.com", true)
	stage.Must(t, err)
	files := sampleFiles(t)
	files["units"] = []byte("code,name,category,email\nC01,崆峒区人民政府,county,none\n")
	b.as(t, "founder").upload(files)
	return nil
}

func drafted(t *testing.T, b *bundle) []string {
	t.Helper()
	_, err := b.Import(t.Context(), stage.Sample(t, b.Rules))
	stage.Must(t, err)
	return nil
}

// reporting is the day of the notice, of which one came back; C01 has begun to write, with a file and a link.
func reporting(t *testing.T, b *bundle) []string {
	t.Helper()
	stage.Must(t, b.As("admin").StartNow(t.Context()))
	b.IssueNotices()
	b.At(stage.Day(time.November, 24), 10)
	b.Reload()
	b.Deliver("zwgk@huating.pingliang.example")
	desk := b.As("c01.contact")
	stage.Must(t, desk.SaveItem(t.Context(), "C01", "1.1", "已明确工作机构", nil))
	file, err := desk.AttachFile(t.Context(), "台账.pdf", strings.NewReader(pdf))
	stage.Must(t, err)
	for _, evidence := range []office.Evidence{file, {Name: "专栏", Link: "https://kongtong.example/zwgk"}} {
		stage.Must(t, desk.AddEvidence(t.Context(), "C01", "1.1", evidence))
	}
	return nil
}

// inReview is 15 December: C01's report was returned once and is in, C02 is late, D18 has more time; an assessor has begun.
func inReview(t *testing.T, b *bundle) []string {
	t.Helper()
	admin := b.As("admin")
	b.Report("c01.contact")
	stage.Must(t, admin.ReturnReport(t.Context(), "return", "C01", stage.Day(time.December, 12), "第3.1项佐证材料缺失"))
	desk := b.As("c01.contact")
	full := rules.Points(800)
	stage.Must(t, desk.SaveItem(t.Context(), "C01", "3.1", "已全部落实", &full))
	_, err := desk.SubmitReport(t.Context(), "again")
	stage.Must(t, err)
	stage.Must(t, admin.Extend(t.Context(), "extend", "D18", office.PhaseSelfReport, stage.Day(time.December, 17), "系统升级"))
	b.At(stage.Day(time.December, 15), 9)
	b.OpenReviews("C01", "C02")
	points := rules.Points(700)
	stage.Must(t, b.As("web1").SaveSheet(t.Context(), "C01", []office.Score{{Indicator: "3.1", Points: &points, Reason: "超期公开", Method: "website"}}))
	b.execute(t, `UPDATE sheets SET remark = '考核员之间评分差距超过方案规定，请复核', marked = '{3.1}' WHERE unit = 'C01' AND assessor = 'web1'`)
	return []string{"{waiting}", b.adjust(t, "C01", "10.1", "省级表彰")}
}

func inApproval(t *testing.T, b *bundle) []string {
	t.Helper()
	b.lastYear(t)
	b.Report("d18.contact")
	for _, assessor := range assessors {
		scores(t, b, assessor, given{"web1 C01 3.1": 700, "web2 D18 3.1": 500})
	}
	stage.Must(t, b.As("confirm").ConfirmAdjustment(t.Context(), uuid.NewString(), b.adjust(t, "C02", "10.3", "创新"), ""))
	return nil
}

func releasing(t *testing.T, b *bundle) []string {
	t.Helper()
	b.release(t)
	return nil
}

// inRectification is March: measures are filed by C01 and a report by D18; of two violations of D18 one led to an interview.
func inRectification(t *testing.T, b *bundle) []string {
	t.Helper()
	b.At(calendar.Date{Year: 2026, Month: time.March, Day: 2}, 9)
	admin := b.As("admin")
	stage.Must(t, admin.OrderRectifications(t.Context(), "order"))
	b.meet(t, ownUnit)
	met := b.meet(t, foreignUnit)
	stage.Must(t, b.As("c01.contact").FileMeasures(t.Context(), "measures", 0, "逐项整改", office.Evidence{Name: "专栏", Link: "https://zwgk.example"}))
	stage.Must(t, b.As("d18.contact").FileMeasures(t.Context(), "measures/D18", 0, "逐项整改"))
	stage.Must(t, b.As("d18.contact").ReportRectification(t.Context(), "report/D18", 0, "已整改"))
	return []string{"{met}", met}
}
