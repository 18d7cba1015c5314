package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
)

const aPDF = "%PDF-1.7\n%âãÏÓ\n1 0 obj\n"

// digest is the SHA-256 of a kept file by its name.
func (b *bundle) digest(t *testing.T, name string) string {
	t.Helper()
	return b.text(t, `SELECT sha256 FROM evidence WHERE name = $1`, name)
}

// Files and links prove a statement; what is no evidence is refused with its reason, and the rest is kept (A8(5)).
func TestEvidenceIsAddedAndRemoved(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "c01.contact")
	page := w.sendParts(item+"1.1", part{name: "statement", content: "已明确"}, part{name: "self_score", content: "2"},
		part{name: "link", content: "https://kongtong.example/zwgk"}, part{name: "link_name", content: "政务公开专栏"},
		part{name: "file", file: `C:\台账\工作机构.pdf`, content: aPDF}, part{name: "file", file: "安装.exe", content: "MZ\x90"}, part{name: "file", file: "网页.html", content: "<html>"})
	page.shows(http.StatusUnprocessableEntity, "安装.exe是程序文件，不能作为佐证材料", "网页.html是网页文件，请改为上传")
	page.blockShows("i1.1", "工作机构.pdf", "政务公开专栏", "安装.exe是程序文件", "SHA-256")
	want(t, "what is kept", b.text(t, `SELECT string_agg(name || link, ' ' ORDER BY position) FROM evidence`), "工作机构.pdf 政务公开专栏https://kongtong.example/zwgk")
	w.post(item+"1.1", url.Values{"statement": {"已明确"}, "link": {"javascript:alert(1)"}}).shows(http.StatusUnprocessableEntity, "链接不是网址，应以http://或https://开头")

	form := w.get("units/C01/report").form("item?indicator=1.1#i1.1")
	form.Set("remove", b.digest(t, "工作机构.pdf"))
	w.post(item+"1.1", form).shows(http.StatusOK)
	want(t, "what is left", b.text(t, `SELECT string_agg(name, ' ') FROM evidence`), "政务公开专栏")
	want(t, "the statement", b.text(t, `SELECT statement FROM report_items`), "已明确")
}

// handIn attaches a file to C01's report and submits it.
func handIn(t *testing.T, b *bundle, name, content string) {
	t.Helper()
	desk := b.As("c01.contact")
	file, err := desk.AttachFile(t.Context(), name, strings.NewReader(content))
	stage.Must(t, err)
	writes(t, b, "C01")
	stage.Must(t, desk.AddEvidence(t.Context(), "C01", "1.1", file))
}

// A file is saved by default; a PDF or a picture opens in place, where it can run and reach nothing.
func TestEvidenceIsDownloaded(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	handIn(t, b, "2025年 100%公开#1.pdf", aPDF)
	w := b.as(t, "c01.contact")
	path := "units/C01/evidence/" + b.digest(t, "2025年 100%公开#1.pdf") + "/" + url.PathEscape("2025年 100%公开#1.pdf")
	if page := w.get("units/C01/report"); !strings.Contains(page.body, path) {
		t.Errorf("the report has no link to %s", path)
	}
	file := w.get(path)
	want(t, "the content", file.body, aPDF)
	want(t, "the type", file.header.Get("Content-Type"), "application/octet-stream")
	want(t, "the disposition", file.header.Get("Content-Disposition"), "attachment; filename*=utf-8''2025%E5%B9%B4%20100%25%E5%85%AC%E5%BC%80#1.pdf")
	file = w.get(path + "?inline=1")
	want(t, "the type in place", file.header.Get("Content-Type"), "application/pdf")
	if got := file.header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.HasSuffix(got, "; sandbox") {
		t.Errorf("the policy in place is %s", got)
	}
	want(t, "no sniffing", file.header.Get("X-Content-Type-Options"), "nosniff")
	if got := file.header.Get("Content-Disposition"); !strings.HasPrefix(got, "inline;") {
		t.Errorf("the disposition in place is %s", got)
	}
}

// A text that is called a picture does not open in place.
func TestOnlyWhatItIsOpensInPlace(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	handIn(t, b, "照片.png", "其实是文字")
	file := b.as(t, "c01.contact").get("units/C01/evidence/" + b.digest(t, "照片.png") + "/照片.png?inline=1")
	want(t, "the type", file.header.Get("Content-Type"), "application/octet-stream")
	want(t, "the policy", file.header.Get("Content-Security-Policy"), policy)
}

// Only who may read the report may have its files, and only those that it names; reading another's is logged.
func TestWhoGetsEvidence(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.alter(t, `DELETE FROM sheets WHERE assessor = 'web2' AND unit = 'C01'`)
	handIn(t, b, "台账.pdf", aPDF)
	digest := b.digest(t, "台账.pdf")
	path := "units/C01/evidence/" + digest + "/台账.pdf"
	b.as(t, "gov1").get(path).shows(http.StatusNotFound, "自查报告中没有该文件") // a draft
	_, err := b.As("c01.contact").SubmitReport(t.Context(), "submit")
	stage.Must(t, err)
	for login, status := range map[string]int{
		"c01.contact": http.StatusOK, "c01.head": http.StatusOK, "admin": http.StatusOK, "auditor": http.StatusOK, "media1": http.StatusOK,
		"web2": http.StatusForbidden, "leader": http.StatusForbidden, "orgdept": http.StatusForbidden, "c02.contact": http.StatusForbidden,
	} {
		if got := b.as(t, login).get(path).status; got != status {
			t.Errorf("%s gets %d, want %d", login, got, status)
		}
	}
	contact := b.as(t, "c02.contact")
	contact.get("units/C02/evidence/"+digest+"/台账.pdf").shows(http.StatusNotFound, "自查报告中没有该文件")
	b.as(t, "admin").get("units/C01/evidence/" + digest + "/别名.pdf").shows(http.StatusNotFound)
	b.as(t, "admin").get("units/C01/evidence/..%2f..%2fetc/passwd").shows(http.StatusNotFound)
	want(t, "the log", b.text(t, `SELECT string_agg(DISTINCT login || ' ' || detail, ', ') FROM access_log WHERE event = 'evidence_read'`),
		"admin C01/台账.pdf, auditor C01/台账.pdf, media1 C01/台账.pdf")
}
