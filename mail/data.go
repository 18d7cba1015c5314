package mail

import "github.com/kaoping/kaoping/calendar"

// Data is what a mail tells. Each kind needs some of the fields (see
// [Render]) and shows those of the rest that its template knows; every kind shows
// those of the first group. All texts are shown as they are given, in Chinese.
type Data struct {
	Authority    string        `json:",omitzero"` // who sends, e.g. 平凉市政府政务公开办公室
	RuleTitle    string        `json:",omitzero"` // the rule set's title without 《》
	RuleDocument string        `json:",omitzero"` // the document that issued it, e.g. 平政办发〔2022〕99号
	Extension    string        `json:",omitzero"` // the document that extended it or issued it anew (A16)
	Year         int           `json:",omitzero"` // the assessment year (A4)
	Matter       string        `json:",omitzero"` // what it is all about, if not the assessment: 政务公开社会评议
	UnitName     string        `json:",omitzero"` // the unit the mail is about, also the addressee where there is no person
	PersonName   string        `json:",omitzero"` // the addressee, if a person
	Link         string        `json:",omitzero"` // the page where the addressee acts; http or https
	Issued       calendar.Date `json:",omitzero"` // the date under the signature
	Attachments  []string      `json:",omitzero"` // names of the files that travel along
	Rehearsal    bool          `json:",omitzero"` // marks the mail as void

	DocumentNumber string        `json:",omitzero"` // of the notice of the assessment, e.g. 平政公开办发〔2025〕12号
	Due            calendar.Date `json:",omitzero"` // the last day; its end is the deadline
	DaysLeft       int           `json:",omitzero"` // working days after today up to Due; 0 on the day itself
	Items          []Item        `json:",omitzero"` // what is open
	Reason         string        `json:",omitzero"` // a person's words: why something is returned, extended, corrected, ordered …
	Phase          string        `json:",omitzero"` // what an extended deadline is for, e.g. 自查报告报送
	Units          []string      `json:",omitzero"` // the assessed units by name (A2)
	PreviousYear   []string      `json:",omitzero"` // the indicators that judge the year before (A4)
	Number         string        `json:",omitzero"` // of the bulletin
	Corrects       string        `json:",omitzero"` // the number of the bulletin that this one corrects (A8(7))
	Results        []ResultRow   `json:",omitzero"` // of all units; in a feedback, of the unit alone
	Lines          []Line        `json:",omitzero"` // how the points came about; they add up to the total
	Problems       []Problem     `json:",omitzero"` // to be rectified (A13)
	Appointment    string        `json:",omitzero"` // when and where an interview takes place; empty: to be announced

	Opens     calendar.Date `json:",omitzero"` // the first day of an evaluation, which ends with Due (E8)
	Criteria  []string      `json:",omitzero"` // its weights, thresholds and least numbers, said beforehand (E10)
	Publishes []string      `json:",omitzero"` // what is published of its results, said beforehand (E8(5))
	Grade     string        `json:",omitzero"` // of an evaluated unit, or that there were not enough ballots (E10)
	Index     string        `json:",omitzero"` // with two decimals; empty without enough ballots
	Answers   []Answer      `json:",omitzero"` // of all ballots about it, by question
}

// Answer is how often a question of an evaluation was answered in each way.
type Answer struct {
	Question string
	Counts   string // e.g. 满意30，基本满意8，不满意3
}

// Item is something that waits for the addressee.
type Item struct {
	Title  string
	Detail string        // may be empty
	Due    calendar.Date // may be zero
}

// ResultRow is one unit's result.
type ResultRow struct {
	Rank         int
	CategoryRank int
	Code         string
	Name         string
	Category     string // in Chinese, e.g. 县（市、区）
	Total        string // with two decimals
	Grade        string // 优秀, 良好, 合格, 不合格
}

// Line is one line of an explanation.
type Line struct {
	Article string // as A8(6); shown as 第八条第（六）项
	Text    string
	Points  string // with two decimals, signed
}

// Problem is one finding of the assessment or of an inspection.
type Problem struct {
	Number   string
	Text     string
	Method   string // how it was found, e.g. 读网检查; may be empty
	Lost     string // points; may be empty
	Repeated bool   // found the year before, too
}
