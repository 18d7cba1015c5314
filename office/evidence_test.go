package office

import (
	"io"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/store"
)

const pdf = "%PDF-1.7\n%âãÏÓ\n"

// What a file is tells its content: evidence is documents, pictures, films, archives, text (A8(5)).
func TestWhatIsEvidence(t *testing.T) {
	t.Parallel()
	for _, file := range []struct{ name, content, fault string }{
		{"台账.pdf", pdf, ""},
		{"照片.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ""},
		{"照片.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF", ""},
		{"旧文档.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), ""},
		{"文档.docx", "PK\x03\x04\x14\x00\x06\x00", ""},
		{"材料.zip", "PK\x03\x04\x14\x00\x00\x00", ""},
		{"说明.txt", "已落实", ""},
		{"国标.txt", "\xd2\xd1\xc2\xe4\xca\xb5", ""}, // GBK
		{"没有扩展名", "文字", ""},
		{"空.txt", "", "空.txt is empty"},
		{"安装.exe", "MZ\x90\x00\x03", "安装.exe is a program, which is no evidence"},
		{"照片.jpg", "MZ\x90\x00\x03", "照片.jpg is a program, which is no evidence"},
		{"程序", "\x7fELF\x02\x01\x01", "程序 is a program, which is no evidence"},
		{"脚本.txt", "#!/bin/sh\nrm", "脚本.txt is a program, which is no evidence"},
		{"批处理.bat", "echo off", "批处理.bat is a program, which is no evidence"},
		{"网页.txt", "<!DOCTYPE html><script>", "网页.txt is a web page: hand in a PDF or a picture of it, or its address as a link"},
		{"网页.HTML", "文字", "网页.HTML is a web page: hand in a PDF or a picture of it, or its address as a link"},
		{"图.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, "图.svg is a web page: hand in a PDF or a picture of it, or its address as a link"},
		{"数据.bin", "\x00\x01\x02\x03\x04", "数据.bin is of no type that is accepted: documents, pictures, MP4 films, archives and plain text are"},
	} {
		is(t, file.name, fileFault(file.name, []byte(file.content)), file.fault)
	}
}

func TestFileNamesAreCleaned(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 200)
	for given, want := range map[string]string{
		`C:\台账\2025年.xlsx`:  "2025年.xlsx",
		"../../etc/passwd":  "passwd",
		"a\r\nb\x00.pdf":    "ab.pdf",
		"文件\u202egpj.exe":   "文件gpj.exe", // turns the ending around on screen
		`问"答<>|.txt`:        "问_答___.txt",
		".隐藏. .":            "隐藏",
		"..":                "附件",
		long + ".pdf":       strings.Repeat("长", 116) + ".pdf",
		"\xff\xfe坏.txt":     "坏.txt",
		long + "." + long:   strings.Repeat("长", 120),
		"2025年度报告（终稿）.docx": "2025年度报告（终稿）.docx",
	} {
		is(t, given, cleanName(given), want)
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	_, err := b.desk(t, "c01.contact").AttachFile(t.Context(), "录像.mp4", io.MultiReader(strings.NewReader(pdf), io.LimitReader(zeros{}, maxEvidence)))
	fails(t, err, store.Refused, "录像.mp4 is larger than 50 MB")
	_, err = b.desk(t, "c01.contact").AttachFile(t.Context(), "程序.pdf", strings.NewReader("MZ"))
	fails(t, err, store.Refused, "程序.pdf is a program, which is no evidence")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A file opens only for who may read the report, and only one that the report names.
func TestEvidenceIsOpened(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	contact := b.desk(t, "c01.contact")
	file, err := contact.AttachFile(t.Context(), "台账.pdf", strings.NewReader(pdf))
	must(t, err)
	loose, err := contact.AttachFile(t.Context(), "未附.txt", strings.NewReader("没有附上"))
	must(t, err)
	must(t, contact.AddEvidence(t.Context(), "C01", "1.1", file))
	opened, err := contact.OpenEvidence(t.Context(), "C01", file.SHA256, "台账.pdf")
	must(t, err)
	content, err := io.ReadAll(opened)
	must(t, err)
	must(t, opened.Close())
	is(t, "the content", string(content), pdf)
	is(t, "the type", opened.Type, "application/pdf")
	is(t, "opens in place", opened.InPlace, true)

	missing := func(login, unit, digest, name string) {
		t.Helper()
		_, err := b.desk(t, login).OpenEvidence(t.Context(), unit, digest, name)
		fails(t, err, store.NotFound, "the report of "+unit+" names no such file")
	}
	missing("c01.contact", "C01", loose.SHA256, "未附.txt")
	missing("c01.contact", "C01", file.SHA256, "别名.html")
	missing("c02.contact", "C02", file.SHA256, "台账.pdf")
	missing("c01.contact", "C01", "", "台账.pdf")
	missing("admin", "C01", file.SHA256, "台账.pdf") // a draft is the unit's own
	_, err = b.desk(t, "c02.contact").OpenEvidence(t.Context(), "C01", file.SHA256, "台账.pdf")
	fails(t, err, store.Forbidden, "a unit sees only its own details (A8(7))")
	b.execute(t, `UPDATE reports SET state = 'submitted', submitted_at = now()`)
	for _, login := range []string{"admin", "auditor", "gov1", "c01.head"} {
		opened, err := b.desk(t, login).OpenEvidence(t.Context(), "C01", file.SHA256, "台账.pdf")
		must(t, err)
		must(t, opened.Close())
	}
	b.execute(t, `DELETE FROM sheets WHERE assessor = 'gov1'`)
	_, err = b.desk(t, "gov1").OpenEvidence(t.Context(), "C01", file.SHA256, "台账.pdf")
	fails(t, err, store.Forbidden, "C01 is not assigned to gov1 (A8(6))")
}

// A text called .pdf does not open in place.
func TestWhatOpensInPlace(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]bool{pdf: true, "\xff\xd8\xff\xe0": true, "文字": false, "PK\x03\x04": false} {
		file, err := openFile("x.pdf", io.NopCloser(strings.NewReader(content)))
		must(t, err)
		is(t, content, file.InPlace, want)
	}
}
