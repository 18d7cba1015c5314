package portal

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// What full points say of their check until the assessor says otherwise: it becomes part of the record, which is Chinese.
const foundNothing = "经核查，未发现扣分情形"

var usualPlaces = map[string]string{
	"website": "单位网站及政府信息公开专栏", "documents": "单位报送的资料", "phone": "单位对外公布的电话",
	"video": "政务新媒体、政务服务场所（视频）", "on_site": "单位办公场所",
}

// usualPlace is where a method of A8(6) usually looks.
func usualPlace(method string) string { return usualPlaces[method] }

// saveScore keeps one indicator's score of a sheet. It is asked at every pause in typing, so it reads nothing that the
// page does not need; a browser without script gets the page again at the place where it was.
func (v *visit) saveScore() error {
	alone := v.r.Header.Get("HX-Request") == "true"
	if alone { // htmx sends the button along that was pressed last, though it is long done
		v.r.PostForm.Del("step")
		v.r.PostForm.Del("do")
	}
	score, err := v.postedScore()
	if err == nil {
		err = v.desk.SaveSheet(v.r.Context(), v.r.PathValue("unit"), []office.Score{score})
	}
	switch {
	case alone && office.KindOf(err) == office.Refused && err != nil:
		v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		v.w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(v.w, strings.Join(v.reasons(err), "\n")) // who asked is gone: nobody is left to tell
		return nil
	case err != nil:
		return v.refused(err, (*visit).showScores)
	case alone:
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.goTo(v.savedAt(score.Indicator))
}

// showScores shows the page again on which the form was.
func (v *visit) showScores() error {
	if by := v.r.PostForm.Get("by"); by != "" {
		return v.showIndicator(by)
	}
	return v.showSheet()
}

var placeOnPage = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

// savedAt is the place on the page where the assessor goes on: the next block if asked for, else the same.
func (v *visit) savedAt(indicator string) string {
	unit, by := v.r.PathValue("unit"), v.r.PostForm.Get("by")
	query, at, address := url.Values{"saved": {indicator}}, "i-"+indicator, v.in("sheets/%s", url.PathEscape(unit))
	if by != "" {
		query, at, address = url.Values{"saved": {unit}, "page": {v.r.PostForm.Get("page")}}, "u-"+unit, v.in("sheets/by/%s", url.PathEscape(by))
	}
	if next := v.r.PostForm.Get("next"); placeOnPage.MatchString(next) {
		at = next
	}
	return address + "?" + query.Encode() + "#" + at
}

// postedScore is what the form says, after the button that was pressed: counts summed up, full points given.
func (v *visit) postedScore() (office.Score, error) {
	form := v.r.PostForm
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return office.Score{}, err
	}
	at := slices.IndexFunc(plan.Indicators, func(i rules.Indicator) bool { return i.Code == form.Get("indicator") })
	if at < 0 {
		return office.Score{}, office.Refuse("indicator " + form.Get("indicator") + " is not assigned to you")
	}
	indicator := plan.Indicators[at]
	deductions := readCriteria(indicator.Criteria)
	score, faults := readScore(form, indicator.Code, deductions)
	switch step := form.Get("step"); {
	case step != "":
		score.Counts = stepped(score.Counts, deductions, step)
		sumUp(&score, indicator.Max, deductions, form.Get("drafted"))
	case form.Get("do") == "count":
		sumUp(&score, indicator.Max, deductions, form.Get("drafted"))
	case form.Get("do") == "full":
		giveAll(&score, indicator, v.desk.Today(), form.Get("drafted"))
	default:
		score.Points, err = postedPoints(form.Get("points"), indicator.Code)
		if err != nil {
			faults = append(faults, err.Error())
		}
	}
	if len(faults) > 0 {
		return score, office.Refuse(faults...)
	}
	return score, nil
}

// readScore reads all fields but the points.
func readScore(form url.Values, code string, deductions []deduction) (office.Score, []string) {
	score := office.Score{
		Indicator: code, Reason: form.Get("reason"), Method: form.Get("method"), Place: form.Get("place"), Seen: form.Get("seen"),
	}
	var faults []string
	var err error
	if score.Counts, err = postedCounts(form, code, deductions); err != nil {
		faults = append(faults, err.Error())
	}
	if day := strings.TrimSpace(form.Get("day")); day != "" {
		if score.CheckedOn, err = calendar.ParseDate(day); err != nil {
			faults = append(faults, fmt.Sprintf("indicator %s: %q is no date", code, day))
		}
	}
	return score, faults
}

// narrow makes what a Chinese keyboard writes what a number is.
var narrow = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9", "．", ".", "。", ".", "分", "")

// postedPoints are nil where the field is empty.
func postedPoints(text, code string) (*rules.Points, error) {
	text = narrow.Replace(strings.TrimSpace(text))
	if text == "" {
		return nil, nil //nolint:nilnil // no points yet is a score that can be kept
	}
	points, err := rules.ParsePoints(text)
	if err != nil {
		return nil, fmt.Errorf("indicator %s: %q is not points: digits with at most two decimals", code, text)
	}
	return &points, nil
}

// postedCounts are the fields of the deductions; nil where all of them are 0.
func postedCounts(form url.Values, code string, deductions []deduction) ([]int, error) {
	counts := make([]int, len(deductions))
	some := false
	for i, d := range deductions {
		text := narrow.Replace(strings.TrimSpace(form.Get("count" + strconv.Itoa(i))))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > d.Most() {
			return counts, fmt.Errorf("indicator %s: %s can be counted 0 to %d times", code, d.Label, d.Most())
		}
		counts[i], some = n, some || n > 0
	}
	if !some {
		return nil, nil
	}
	return counts, nil
}

// stepped counts one deduction once more or less: 2:+1, 0:-1.
func stepped(counts []int, deductions []deduction, step string) []int {
	place, by, _ := strings.Cut(step, ":")
	at, err := strconv.Atoi(place)
	if err != nil || at < 0 || at >= len(deductions) {
		return counts
	}
	full := make([]int, len(deductions))
	copy(full, counts)
	switch by {
	case "+1":
		full[at] = min(full[at]+1, deductions[at].Most())
	case "-1":
		full[at] = max(full[at]-1, 0)
	}
	return full
}

func sumUp(score *office.Score, most rules.Points, deductions []deduction, old string) {
	points, reason := counted(most, deductions, score.Counts)
	score.Points, score.Reason = &points, redraft(score.Reason, old, reason)
}

// giveAll is full points with one click: what is said of the check already stays.
func giveAll(score *office.Score, indicator rules.Indicator, today calendar.Date, old string) {
	points := indicator.Max
	score.Points, score.Counts, score.Reason = &points, nil, redraft(score.Reason, old, "")
	if score.Method == "" {
		score.Method = indicator.Methods[0]
	}
	if strings.TrimSpace(score.Place) == "" {
		score.Place = usualPlace(score.Method)
	}
	if score.CheckedOn.IsZero() {
		score.CheckedOn = today
	}
	if strings.TrimSpace(score.Seen) == "" {
		score.Seen = foundNothing
	}
}
