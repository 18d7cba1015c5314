package mail

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"reflect"
	"slices"
	"strings"
	texttemplate "text/template"
)

// The kinds of mail, in the order of a year.
const (
	KindNotice                = "notice"
	KindSelfReportReminder    = "self_report_reminder"
	KindSelfReportOverdue     = "self_report_overdue"
	KindReportReturned        = "report_returned"
	KindDeadlineExtended      = "deadline_extended"
	KindReviewReminder        = "review_reminder"
	KindReviewOverdue         = "review_overdue"
	KindReviewReopened        = "review_reopened"
	KindApprovalRequest       = "approval_request"
	KindApprovalReminder      = "approval_reminder"
	KindApprovalOverdue       = "approval_overdue"
	KindBulletin              = "bulletin"
	KindBulletinCorrected     = "bulletin_corrected"
	KindFeedback              = "feedback"
	KindResultsToOrganization = "results_to_organization"
	KindRectificationOrder    = "rectification_order"
	KindRectificationReminder = "rectification_reminder"
	KindRectificationOverdue  = "rectification_overdue"
	KindRectificationSentBack = "rectification_sent_back"
	KindInterviewNotice       = "interview_notice"
	KindCriticismNotice       = "criticism_notice"
	KindReminderByHand        = "reminder_by_hand"
	KindCycleCancelled        = "cycle_cancelled"

	KindEvaluationNotice   = "evaluation_notice"
	KindInvitation         = "invitation"
	KindInvitationReminder = "invitation_reminder"
	KindEvaluationFeedback = "evaluation_feedback"
)

// everyKind names the fields of Data without which no mail makes sense.
var everyKind = []string{"Authority", "RuleTitle", "Year", "Link"}

// needs names the fields without which a kind makes no sense, besides those of
// everyKind. PersonName or UnitName is always needed: the addressee.
var needs = []struct {
	kind   string
	fields []string
}{
	{KindNotice, []string{"UnitName", "Due", "Units"}},
	{KindSelfReportReminder, []string{"UnitName", "Due"}},
	{KindSelfReportOverdue, []string{"UnitName", "Due"}},
	{KindReportReturned, []string{"UnitName", "Due", "Reason"}},
	{KindDeadlineExtended, []string{"Phase", "Due", "Reason"}},
	{KindReviewReminder, []string{"PersonName", "Due", "Items"}},
	{KindReviewOverdue, []string{"PersonName", "Due", "Items"}},
	{KindReviewReopened, []string{"PersonName", "Items"}},
	{KindApprovalRequest, []string{"PersonName", "Due"}},
	{KindApprovalReminder, []string{"PersonName", "Due"}},
	{KindApprovalOverdue, []string{"PersonName", "Due"}},
	{KindBulletin, []string{"UnitName", "Number", "Results"}},
	{KindBulletinCorrected, []string{"UnitName", "Number", "Corrects", "Reason", "Results"}},
	{KindFeedback, []string{"UnitName", "Results", "Lines"}},
	{KindResultsToOrganization, []string{"Results"}},
	{KindRectificationOrder, []string{"UnitName", "Due", "Problems"}},
	{KindRectificationReminder, []string{"UnitName", "Due"}},
	{KindRectificationOverdue, []string{"UnitName", "Due"}},
	{KindRectificationSentBack, []string{"UnitName", "Due", "Reason"}},
	{KindInterviewNotice, []string{"UnitName", "Reason"}},
	{KindCriticismNotice, []string{"UnitName", "Reason"}},
	{KindReminderByHand, []string{"Items"}},
	{KindCycleCancelled, []string{"Reason"}},
	{KindEvaluationNotice, []string{"UnitName", "Opens", "Due", "Criteria", "Publishes"}},
	{KindInvitation, []string{"PersonName", "Due", "Units"}},
	{KindInvitationReminder, []string{"PersonName", "Due", "Units"}},
	{KindEvaluationFeedback, []string{"UnitName", "Grade"}},
}

// Kinds lists every kind of mail that Render knows.
func Kinds() []string {
	var kinds []string
	for _, n := range needs {
		kinds = append(kinds, n.kind)
	}
	return kinds
}

// Rendered is a mail's content.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
}

//go:embed templates
var templateFiles embed.FS

var (
	textLayout = texttemplate.Must(texttemplate.New("layout").Funcs(functions).ParseFS(templateFiles, "templates/layout.txt"))
	htmlLayout = htmltemplate.Must(htmltemplate.New("layout").Funcs(functions).ParseFS(templateFiles, "templates/layout.html"))
	templates  = parseKinds()
)

// kindTemplates holds one kind's templates: subject, action (what the link is
// for) and body as text, and the body as HTML.
type kindTemplates struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

func parseKinds() map[string]kindTemplates {
	parsed := map[string]kindTemplates{}
	for _, kind := range Kinds() {
		parsed[kind] = kindTemplates{
			text: texttemplate.Must(texttemplate.Must(textLayout.Clone()).ParseFS(templateFiles, "templates/"+kind+".txt")),
			html: htmltemplate.Must(htmltemplate.Must(htmlLayout.Clone()).ParseFS(templateFiles, "templates/"+kind+".html")),
		}
	}
	return parsed
}

// view is what the layouts see.
type view struct {
	Data
	Subject string
	Action  string
}

// Render writes a mail of a kind. It refuses data that lacks what the kind
// needs, naming every field.
func Render(kind string, data Data) (Rendered, error) {
	if err := data.check(kind); err != nil {
		return Rendered{}, fmt.Errorf("couldn't render a mail of kind %q: %w", kind, err)
	}
	t := templates[kind]
	v := view{Data: data}
	var text strings.Builder
	for _, part := range []struct {
		name string
		into *string
	}{{"subject", &v.Subject}, {"action", &v.Action}} {
		text.Reset()
		if err := t.text.ExecuteTemplate(&text, part.name, data); err != nil {
			return Rendered{}, fmt.Errorf("couldn't render the %s of %q: %w", part.name, kind, err)
		}
		*part.into = strings.TrimSpace(text.String())
	}
	if data.Rehearsal {
		v.Subject = "【演练】" + v.Subject
	}
	text.Reset()
	if err := t.text.ExecuteTemplate(&text, "mail", v); err != nil {
		return Rendered{}, fmt.Errorf("couldn't render the text of %q: %w", kind, err)
	}
	var page strings.Builder
	if err := t.html.ExecuteTemplate(&page, "mail", v); err != nil {
		return Rendered{}, fmt.Errorf("couldn't render the HTML of %q: %w", kind, err)
	}
	return Rendered{Subject: v.Subject, Text: closeGaps(text.String()), HTML: closeGaps(page.String())}, nil
}

// closeGaps leaves at most one blank line where a conditional part is absent.
func closeGaps(text string) string {
	var closed strings.Builder
	closed.Grow(len(text))
	blank := false
	for line := range strings.Lines(strings.TrimSpace(text)) {
		if after := strings.TrimSpace(line) == ""; !after || !blank {
			closed.WriteString(strings.TrimRight(line, " \t\n"))
			closed.WriteByte('\n')
			blank = after
		}
	}
	return closed.String()
}

func (d Data) check(kind string) error {
	at := slices.IndexFunc(Kinds(), func(known string) bool { return known == kind })
	if at < 0 {
		return errors.New("there is no such kind")
	}
	var missing []string
	letter := reflect.ValueOf(d)
	for _, field := range slices.Concat(everyKind, needs[at].fields) {
		value := letter.FieldByName(field)
		if value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0 {
			missing = append(missing, field)
		}
	}
	if d.PersonName == "" && d.UnitName == "" {
		missing = append(missing, "PersonName or UnitName")
	}
	if len(missing) > 0 {
		return errors.New("missing: " + strings.Join(missing, ", "))
	}
	if kind == KindFeedback && len(d.Results) != 1 {
		return fmt.Errorf("a feedback tells the result of one unit, not of %d (A8(7))", len(d.Results))
	}
	link, err := url.Parse(d.Link)
	if err != nil || (link.Scheme != "http" && link.Scheme != "https") || link.Host == "" {
		return fmt.Errorf("the link %q is not an http address", d.Link)
	}
	return nil
}
