package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/calendar"
)

func message() Message {
	return Message{
		From:      netmail.Address{Name: "平凉市政府政务公开办公室", Address: "zwgk@pingliang.example"},
		To:        netmail.Address{Name: "崆峒区人民政府", Address: "zwgk@kongtong.pingliang.example"},
		Subject:   "关于开展2025年度政务公开工作考核的通知",
		Text:      "崆峒区人民政府：\n\n请按时报送。\n",
		HTML:      "<p>崆峒区人民政府：</p>\n<p>请按时报送。</p>\n",
		MessageID: MessageID("pingliang/2025/notice/C01", "pingliang.example"),
		Date:      calendar.Date{Year: 2025, Month: 11, Day: 24}.At(9, 0),
	}
}

// decoded is a mail as a client shows it.
type decoded struct {
	From, To    netmail.Address
	Subject     string
	Header      netmail.Header
	Text, HTML  string
	Attachments []Attachment
	ContentIDs  []string
}

func decode(t *testing.T, raw []byte) decoded {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	d := decoded{Header: m.Header, From: *mailboxOf(t, m, "From"), To: *mailboxOf(t, m, "To")}
	if d.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	d.walk(t, textproto.MIMEHeader(m.Header), m.Body)
	return d
}

func mailboxOf(t *testing.T, m *netmail.Message, field string) *netmail.Address {
	t.Helper()
	list, err := m.Header.AddressList(field)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %v, %v", field, list, err)
	}
	return list[0]
}

func (d *decoded) walk(t *testing.T, header textproto.MIMEHeader, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d.walk(t, part.Header, part)
		}
	}
	switch encoding := header.Get("Content-Transfer-Encoding"); encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		t.Fatalf("part %q has the encoding %q", kind, encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	d.add(t, header, kind, content)
}

func (d *decoded) add(t *testing.T, header textproto.MIMEHeader, kind string, content []byte) {
	t.Helper()
	if header.Get("Content-Disposition") != "" {
		disposition, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
		if err != nil || disposition != "attachment" {
			t.Fatalf("disposition %q: %v", disposition, err)
		}
		d.Attachments = append(d.Attachments, Attachment{Name: params["filename"], ContentType: kind, Content: content})
		d.ContentIDs = append(d.ContentIDs, header.Get("Content-Id"))
		return
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	switch kind {
	case "text/plain":
		d.Text += text
	case "text/html":
		d.HTML += text
	default:
		t.Fatalf("a part of the type %q", kind)
	}
}

func compose(t *testing.T, m Message) []byte {
	t.Helper()
	raw, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// checkLines holds what RFC 5322 says of every line, and that nothing beyond
// ASCII is left for a server without 8BITMIME.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	for i, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("line %d: %d octets, or a bare CR, LF or NUL: %.100q", i, len(line), line)
		}
		if strings.IndexFunc(line, func(r rune) bool { return r > '~' }) >= 0 {
			t.Errorf("line %d is not ASCII: %.100q", i, line)
		}
	}
}

func checkRoundTrip(t *testing.T, m Message) {
	t.Helper()
	raw := compose(t, m)
	checkLines(t, raw)
	d := decode(t, raw)
	want := decoded{From: m.From, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Attachments: m.Attachments}
	got := decoded{From: d.From, To: d.To, Subject: d.Subject, Text: d.Text, HTML: d.HTML, Attachments: d.Attachments}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-composed +read)\n%s\n%s", diff, raw)
	}
	if ids := d.Header["Message-Id"]; len(ids) != 1 || ids[0] != m.MessageID {
		t.Errorf("Message-Id: %q", ids)
	}
	if date, err := d.Header.Date(); err != nil || !date.Equal(m.Date) {
		t.Errorf("Date: %v, %v", date, err)
	}
}

func TestComposedMailIsReadAsWritten(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Message){
		"chinese":              func(*Message) {},
		"ascii":                func(m *Message) { m.Subject, m.From.Name, m.To.Name = "Notice 12", "Office", "" },
		"comma in a name":      func(m *Message) { m.From.Name, m.To.Name = "Office, Pingliang", "办公室,平凉" },
		"quotes in a name":     func(m *Message) { m.From.Name, m.To.Name = `The "Office" \o/, (x)`, `“办公室”<a@b.cn>` },
		"looks encoded":        func(m *Message) { m.Subject, m.From.Name = "=?utf-8?q?evil?=", "=?utf-8?q?evil?=" },
		"blanks":               func(m *Message) { m.Subject = " two  blanks " },
		"long chinese subject": func(m *Message) { m.Subject = strings.Repeat("关于政务公开𠀀", 100) },
		"long ascii subject":   func(m *Message) { m.Subject = strings.Repeat("x", 3000) },
		"longest names":        func(m *Message) { m.From.Name, m.To.Name = strings.Repeat("政", 85), strings.Repeat("x", 255) },
		"one long line": func(m *Message) {
			m.Text, m.HTML = strings.Repeat("政务公开", 2000)+"\n", "<p>"+strings.Repeat("x", 20000)+"</p>\n"
		},
		"lines of dots": func(m *Message) { m.Text, m.HTML = ".\n..\n.\n", ".\n" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message()
			change(&m)
			checkRoundTrip(t, m)
		})
	}
}

// A name beyond all use fails no mail: it is cut where a character ends.
func TestANameTooLongIsCut(t *testing.T) {
	t.Parallel()
	for long, want := range map[string]string{
		strings.Repeat("政", 86):        strings.Repeat("政", 84) + "…",
		"x" + strings.Repeat("政", 200): "x" + strings.Repeat("政", 83) + "…",
		strings.Repeat("x", 256):       strings.Repeat("x", 252) + "…",
	} {
		m := message()
		m.To.Name, m.From.Name = long, long
		d := decode(t, compose(t, m))
		if d.To.Name != want || d.From.Name != want {
			t.Errorf("the names are %q and %q, want %q", d.To.Name, d.From.Name, want)
		}
	}
}

func TestAttachmentsKeepTheirNames(t *testing.T) {
	t.Parallel()
	m := message()
	m.Attachments = []Attachment{
		{Name: "2025年度考核结果.xlsx", ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Content: bytes.Repeat([]byte{0, 1, 255}, 5000)},
		{Name: `a "quoted"; name=x.txt`, ContentType: "text/plain", Content: []byte("x\r\ny")},
		{Name: strings.Repeat("长", 85), ContentType: "application/octet-stream", Content: []byte{}},
	}
	checkRoundTrip(t, m)
	ids := decode(t, compose(t, m)).ContentIDs
	want := []string{"<1.", "<2.", "<3."}
	for i := range want {
		want[i] += strings.TrimPrefix(m.MessageID, "<")
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("content ids: %s", diff)
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Message){
		"From: the name has a control character": func(m *Message) { m.From.Name = "x\r\nBcc: a@b.cn" },
		"From: the address has a control":        func(m *Message) { m.From.Address = "a@b.cn\nBcc: c@d.cn" },
		"To: the name has a control":             func(m *Message) { m.To.Name = "x\x00" },
		"To: the address has a control":          func(m *Message) { m.To.Address = "a\r@b.cn" },
		"Subject has a control":                  func(m *Message) { m.Subject = "x\ny" },
		"Subject is not UTF-8":                   func(m *Message) { m.Subject = "\xd6\xd0\xb9\xfa" },
		"the subject is empty":                   func(m *Message) { m.Subject = " " },
		`To: "a@b.cn, c@d.cn" is not`:            func(m *Message) { m.To.Address = "a@b.cn, c@d.cn" },
		`To: "办@b.cn" is not`:                    func(m *Message) { m.To.Address = "办@b.cn" },
		`To: "" is not`:                          func(m *Message) { m.To.Address = "" },
		"To: the address is 260 bytes":           func(m *Message) { m.To.Address = strings.Repeat("x", 255) + "@b.cn" },
		"MessageID":                              func(m *Message) { m.MessageID = "<a@b>\r\nBcc: c@d.cn" },
		`MessageID ""`:                           func(m *Message) { m.MessageID = "" },
		"Text is empty":                          func(m *Message) { m.Text = "\n" },
		"HTML is not UTF-8":                      func(m *Message) { m.HTML = "\xff" },
		"the date is missing":                    func(m *Message) { m.Date = time.Time{} },
		"[0]: the name has a control":            func(m *Message) { m.Attachments = []Attachment{{Name: "a\r\nX: y"}} },
		"[0]: the name has 0 bytes":              func(m *Message) { m.Attachments = []Attachment{{}} },
		"[0]: the name has 256 bytes":            func(m *Message) { m.Attachments = []Attachment{{Name: strings.Repeat("长", 85) + "x"}} },
		"[0]: the media type has a control":      func(m *Message) { m.Attachments = []Attachment{{Name: "a", ContentType: "a/b\r\nX: y"}} },
		`[0]: "x" is not a media type`:           func(m *Message) { m.Attachments = []Attachment{{Name: "a", ContentType: "x"}} },
	} {
		m := message()
		change(&m)
		if raw, err := Compose(m); err == nil || raw != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestComposeNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := Compose(Message{Attachments: []Attachment{{}}})
	for _, want := range []string{"From:", "To:", "the subject is empty", "MessageID", "Text", "HTML", "the date", "Attachments[0]"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestMessageIDIsTheLedgerRows(t *testing.T) {
	t.Parallel()
	first, second := MessageID("pingliang/2025/通知/C01", "zwgk.example"), MessageID("pingliang/2025/通知/C02", "zwgk.example")
	if first != MessageID("pingliang/2025/通知/C01", "zwgk.example") || first == second {
		t.Errorf("%s, %s", first, second)
	}
	// The first half of the SHA-256 of "1".
	if got := MessageID("1", "zwgk.example"); got != "<6b86b273ff34fce19d6b804eff5a3f57@zwgk.example>" {
		t.Error(got)
	}
}

func TestGoldenNotice(t *testing.T) {
	t.Parallel()
	data := minimalData(t, KindNotice)
	data.Extension, data.RuleDocument, data.Rehearsal = "平政办发〔2024〕61号", "平政办发〔2022〕99号", true
	data.DocumentNumber = fullData().DocumentNumber
	r := render(t, KindNotice, data)
	m := message()
	m.Subject, m.Text, m.HTML = r.Subject, r.Text, r.HTML
	m.Attachments = []Attachment{{Name: "考核指标.txt", ContentType: "text/plain; charset=utf-8", Content: []byte("指标\n")}}
	compareGolden(t, "testdata/notice.eml", sameBoundaries(string(compose(t, m))))
}

// sameBoundaries numbers the boundaries, which are different in each mail, and
// leaves out the CR that not every tool keeps in a file.
func sameBoundaries(raw string) string {
	for i, match := range regexp.MustCompile(`boundary=(\w+)`).FindAllStringSubmatch(raw, -1) {
		raw = strings.ReplaceAll(raw, match[1], fmt.Sprintf("boundary-%d", i+1))
	}
	return strings.ReplaceAll(raw, "\r\n", "\n")
}

func FuzzCompose(f *testing.F) {
	f.Add("平凉市, 办公室", "关于=?开展", "考核.xlsx", "正文\n.\r\n")
	f.Add("x\r\nBcc: y", " ", "\"", "\x00")
	f.Fuzz(func(t *testing.T, name, subject, file, body string) {
		m := message()
		m.From.Name, m.Subject, m.Text = name, subject, body
		m.Attachments = []Attachment{{Name: file, ContentType: "application/pdf", Content: []byte(body)}}
		raw, err := Compose(m)
		if err != nil {
			return
		}
		checkLines(t, raw)
		d := decode(t, raw)
		if d.From != m.From || d.Subject != subject || len(d.Header) != 8 {
			t.Errorf("%q, %q became %v, %q, %v", name, subject, d.From, d.Subject, d.Header)
		}
		if len(d.Attachments) != 1 || d.Attachments[0].Name != file || string(d.Attachments[0].Content) != body {
			t.Errorf("%q became %v", file, d.Attachments)
		}
	})
}
