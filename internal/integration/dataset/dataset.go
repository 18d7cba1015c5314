// Package dataset makes data sets of any number of units, in the form in which offices write theirs down, for runs that
// the built-in sample is too large, too small or too tame for.
package dataset

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// Options say what differs from one data set to another.
type Options struct {
	Units int
	// Year is the assessment year (A4); Dates are those of the procedure, from the notice to the end of rectification.
	Year  int
	Dates [5]string
	// Crons are when the four policies remind: of the self-report, the review, the approval, the rectification.
	Crons [4]string
	// Before and After are the working days of each policy: when it begins before a due day, and escalates after it.
	Before, After int
	// ReturnWorkingDays is the new time for a returned review.
	ReturnWorkingDays int
	// MaxSpread sends sheets back whose points lie further apart; empty is no limit.
	MaxSpread string
	// ByCategory judges counties and departments by tables that differ (A7).
	ByCategory bool
}

// Files are the data set's files.
func Files(options Options) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"scheme.yaml": scheme(options), "indicators.csv": indicators(options), "units.csv": units(options), "people.csv": people(options),
	} {
		files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return files
}

// Daily is one cron expression for all policies.
func Daily(cron string) [4]string { return [4]string{cron, cron, cron, cron} }

// Code is that of the unit at a place, counted from 0.
func Code(at int) string { return fmt.Sprintf("U%03d", at+1) }

func scheme(o Options) string {
	var text strings.Builder
	fmt.Fprintf(&text, "authority: {code: trial, name: 示例市政府政务公开办公室, tier: city}\nyear: %d\nrule_set: pingliang-2022\n", o.Year)
	fmt.Fprintf(&text, "extension: {document: 示例政办发〔2024〕1号, date: 2024-08-01}\ndocument_number: 示例公开办发〔%d〕1号\nindicators: indicators.csv\ndates:\n", o.Year)
	for i, name := range []string{"notice", "self_report_due", "review_due", "approval_due", "rectification_due"} {
		fmt.Fprintf(&text, "  %s: %s\n", name, o.Dates[i])
	}
	text.WriteString("reminders:\n")
	for i, phase := range []string{"self_report", "review", "approval", "rectification"} {
		fmt.Fprintf(&text, "  %s: {cron: %q, from_working_days_before: %d, escalate_working_days_after: %d}\n", phase, o.Crons[i], o.Before, o.After)
	}
	if o.MaxSpread != "" {
		fmt.Fprintf(&text, "max_spread: %q\n", o.MaxSpread)
	}
	fmt.Fprintf(&text, "return_working_days: %d\n", o.ReturnWorkingDays)
	return text.String()
}

// indicators add up to 70 and 30 for each category, and cover the eight areas of A6.
func indicators(o Options) string {
	rows := []string{
		"1.1,organization,daily,10,领导机制,未明确机构扣1分,documents,,",
		"2.1,mechanisms,daily,10,工作制度,每缺一项扣0.5分,documents phone,,",
		"4.1,policy_interpretation,special,10,政策解读,未同步解读每件扣1分,website documents,,",
		"5.1,response,special,5,回应关切,未回应每件扣1分,phone website,,",
		"6.1,participation,special,5,公众参与,未反馈采纳情况每件扣1分,website,,",
		"8.1,platforms,daily,10,平台内容保障,栏目超期未更新每个扣1分,website video,,",
	}
	if o.ByCategory {
		// One indicator is so large that two assessors can lie further apart than a few points.
		rows = append(rows,
			"3.1,proactive_disclosure,special,10,县级主动公开,超期公开每件扣0.5分,website,,county",
			"3.2,proactive_disclosure,special,6,部门文件公开,超期公开每件扣0.5分,website,,department",
			"3.3,proactive_disclosure,special,4,年度报告,未按时发布扣3分,website,previous_year,department",
			"7.4,disclosure_on_request,special,40,依申请公开答复,超期答复每件扣2分,documents on_site,,",
		)
	} else {
		rows = append(rows,
			"3.1,proactive_disclosure,special,30,主动公开,超期公开每件扣0.5分,website,,",
			"7.1,disclosure_on_request,special,20,依申请公开答复,超期答复每件扣2分,documents on_site,previous_year,",
		)
	}
	return "code,area,track,max,content,criteria,methods,judges,categories\n" + strings.Join(rows, "\n") + "\n"
}

// category alternates, so that even three units are of two kinds.
func category(at int) (code, name string) {
	if at%2 == 0 {
		return "county", "县人民政府"
	}
	return "department", "局"
}

func unitName(at int) string {
	_, kind := category(at)
	return fmt.Sprintf("示例%03d%s", at+1, kind)
}

func units(o Options) string {
	var text strings.Builder
	text.WriteString("code,name,category,email,telephone\n")
	for at := range o.Units {
		kind, _ := category(at)
		fmt.Fprintf(&text, "%s,%s,%s,%s@units.example,0900-%07d\n", Code(at), unitName(at), kind, strings.ToLower(Code(at)), at+1)
	}
	return text.String()
}

// people are six assessors of all kinds (A8(2)), one of them of the first unit, the offices that a cycle needs, and a
// contact and a head of each unit.
func people(o Options) string {
	var text strings.Builder
	text.WriteString(`login,name,role,unit,email,group_kinds,areas
admin,市政务公开办公室管理员,admin,,admin@office.example,,
confirm,市政务公开办公室复核员,admin,,confirm@office.example,,
leader,领导小组组长,leader,,leader@office.example,,
deputy,分管领导,deputy,,deputy@office.example,,
orgdept,组织部考核接收人,organization_department,,orgdept@office.example,,
web1,网站考核员一,assessor,U001,web1@office.example,website,proactive_disclosure platforms
web2,网站考核员二,assessor,,web2@office.example,website,proactive_disclosure platforms participation
media1,新媒体考核员,assessor,,media1@office.example,new_media,policy_interpretation participation
opinion1,舆情考核员,assessor,,opinion1@office.example,opinion,response policy_interpretation
gov1,公开办考核员一,assessor,,gov1@office.example,,organization mechanisms disclosure_on_request response
gov2,公开办考核员二,assessor,,gov2@office.example,,organization mechanisms disclosure_on_request
`)
	for at := range o.Units {
		code := Code(at)
		login := strings.ToLower(code)
		fmt.Fprintf(&text, "%s.contact,%s联络员,contact,%s,%s@units.example,,\n", login, unitName(at), code, login)
		fmt.Fprintf(&text, "%s.head,%s负责人,head,%s,head.%s@units.example,,\n", login, unitName(at), code, login)
	}
	return text.String()
}
