package office

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Official is an official document as it is printed: numbered, under a red head. It is in Chinese in every language of
// the pages, and says what the mails say, from the same data.
type Official struct {
	Issuer, Number string
	// Title is one line of it each.
	Title     []string
	Addressee string
	Blocks    []Block
	// Signature is who signs, Issued the day beneath.
	Signature, Issued string
	// Rehearsal marks a document that has no effect.
	Rehearsal string
}

// Block is a heading, a paragraph or a table; what is empty is left out.
type Block struct {
	Heading, Text string
	Table         *Table
}

// Table is one of a document. Numbers says which columns are set as numbers.
type Table struct {
	Head    []string
	Numbers []bool
	Rows    [][]string
}

// Notice is the notice of the year's assessment as it went to every unit (A2, A4, A8(4), A16); NotFound before it went.
func (d *Desk) Notice(ctx context.Context) (Official, error) {
	letter, err := d.sharedLetter(ctx, "notice")
	if store.IsMissing(err) {
		return Official{}, store.Missing("the notice is not issued yet")
	}
	if err != nil {
		return Official{}, err
	}
	document := official(letter, letter.DocumentNumber, fmt.Sprintf("关于开展%d年度政务公开工作考核的通知", letter.Year))
	document.Addressee = "各被考核单位："
	document.say("根据%s，现就开展%d年度政务公开工作考核有关事项通知如下。", basis(letter), letter.Year)
	document.head("一、考核年度")
	document.say("%d年1月1日至12月31日。", letter.Year)
	document.head("二、自查报告")
	document.say("请对照考核指标逐项自查，填写完成情况、自评得分并上传佐证材料，于%s前向考核小组报送自查报告。逾期报送的，记为迟报。", mail.Deadline(letter.Due))
	document.head("三、被考核单位")
	document.say("共%d个：%s。", len(letter.Units), strings.Join(letter.Units, "、"))
	if len(letter.PreviousYear) > 0 {
		document.head("四、上年度工作的考核")
		document.say("下列指标考核%d年度的工作：%s。", letter.Year-1, strings.Join(letter.PreviousYear, "、"))
	}
	document.say("请认真组织，按时完成。")
	return document, nil
}

// Bulletins is how many bulletins have been issued (A8(7)).
func (d *Desk) Bulletins(ctx context.Context) (int, error) {
	count, err := d.Store.ProposalReleasedCount(ctx, query.ProposalReleasedCountParams{CycleID: d.Cycle.CycleID})
	return int(count), err
}

// Bulletin announces the results to everybody of the year; a correcting one names the one that it corrects (A8(7)).
// NotFound if there is none of the number.
func (d *Desk) Bulletin(ctx context.Context, number int) (Official, error) {
	letter, err := d.sharedLetter(ctx, fmt.Sprintf("bulletin/%d", number))
	if store.IsMissing(err) {
		return Official{}, store.Missing(fmt.Sprintf("no bulletin %d", number))
	}
	if err != nil {
		return Official{}, err
	}
	title := fmt.Sprintf("关于%d年度政务公开工作考核结果的通报", letter.Year)
	if letter.Corrects != "" {
		title = fmt.Sprintf("关于更正%d年度政务公开工作考核结果的通报", letter.Year)
	}
	document := official(letter, letter.Number, title)
	document.Addressee = "各被考核单位："
	if letter.Corrects == "" {
		document.say("根据%s，考核小组对%d个单位进行了%d年度政务公开工作考核。经审定，现将考核结果通报如下。", basis(letter), len(letter.Results), letter.Year)
	} else {
		document.say("根据%s，%s通报的%d年度政务公开工作考核结果需要更正。更正后的结果已重新审定，现予通报，原通报同时废止。", basis(letter), letter.Corrects, letter.Year)
		document.say("更正原因：%s", letter.Reason)
	}
	document.say("%s", counted(letter.Results))
	document.Blocks = append(document.Blocks, Block{Table: resultTable(letter.Results)})
	if len(letter.PreviousYear) > 0 {
		document.say("下列指标考核%d年度的工作：%s。", letter.Year-1, strings.Join(letter.PreviousYear, "、"))
	}
	document.say("各单位的得分说明和存在问题另行书面反馈。")
	return document, nil
}

// sharedLetter is what the mails of one step have in common.
func (d *Desk) sharedLetter(ctx context.Context, key string) (mail.Data, error) {
	row, err := d.Store.MailShared(ctx, query.MailSharedParams{CycleID: d.Cycle.CycleID, Key: key})
	if err != nil {
		return mail.Data{}, err
	}
	var letter mail.Data
	if err := json.Unmarshal(row.Data, &letter); err != nil {
		return mail.Data{}, fmt.Errorf("couldn't read what the mails of %s share: %w", key, err)
	}
	return letter, nil
}

func official(letter mail.Data, number, title string) Official {
	document := Official{
		Issuer: letter.Authority + "文件", Number: number, Title: []string{letter.Authority, title}, Signature: letter.Authority,
	}
	if !letter.Issued.IsZero() {
		document.Issued = mail.Day(letter.Issued)
	}
	if letter.Rehearsal {
		document.Rehearsal = "本文书为系统演练生成，不具有任何效力。"
	}
	return document
}

// basis names the rules, and once there is one the document under which they go on (A16).
func basis(letter mail.Data) string {
	return mail.Basis(letter.RuleTitle, letter.RuleDocument, letter.Extension)
}

func (o *Official) head(text string) { o.Blocks = append(o.Blocks, Block{Heading: text}) }

func (o *Official) say(form string, args ...any) {
	o.Blocks = append(o.Blocks, Block{Text: fmt.Sprintf(form, args...)})
}

// counted tells how many units have each grade, in the order in which grades occur: by rank, the best first.
func counted(results []mail.ResultRow) string {
	var names []string
	counts := map[string]int{}
	for _, row := range results {
		if counts[row.Grade] == 0 {
			names = append(names, row.Grade)
		}
		counts[row.Grade]++
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%s%d个", name, counts[name])
	}
	return "考核等次：" + strings.Join(names, "，") + "。各单位得分和等次如下。"
}

func resultTable(results []mail.ResultRow) *Table {
	table := &Table{Head: []string{"名次", "单位", "类别及类别名次", "得分", "等次"}, Numbers: []bool{true, false, false, true, false}}
	for _, row := range results {
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(row.Rank), row.Name, fmt.Sprintf("%s第%d名", row.Category, row.CategoryRank), row.Total, row.Grade,
		})
	}
	return table
}

// ArticleText writes A8(6) the way the regulations number themselves: 第八条第（六）项.
func ArticleText(short string) string { return mail.Article(short) }
