package portal

import (
	"bytes"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/schemas"
)

// upload sends files of a data set.
func (w *browser) upload(files map[string][]byte) *page {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for part, content := range files {
		name := part + ".csv"
		if part == "scheme" {
			name = "scheme.yaml"
		}
		field, err := form.CreateFormFile(part, name)
		stage.Must(w.t, err)
		_, err = field.Write(content)
		stage.Must(w.t, err)
	}
	stage.Must(w.t, form.Close())
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.address("/years/files"), &body)
	stage.Must(w.t, err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	return w.do(request)
}

func sampleFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for part, name := range map[string]string{"units": "units.csv", "people": "people.csv", "scheme": "scheme.yaml", "indicators": "indicators.csv"} {
		content, err := fs.ReadFile(schemas.Data, "data/pingliang/"+name)
		stage.Must(t, err)
		files[part] = content
	}
	return files
}

// founder is somebody who administers the authority before it has any year.
func (b *bundle) founder(t *testing.T) *browser {
	t.Helper()
	w := b.browser(t)
	token, err := b.Invite(t.Context(), nil, "pingliang", "founder", "founder@example.com", true)
	stage.Must(t, err)
	page := w.post("/invitations/"+token, url.Values{"new": {password}, "again": {password}})
	if page.path != "/years" {
		t.Fatalf("whoever prepares the first year is led to %s", page.path)
	}
	return w
}

// The first administrator puts the first year together: what is wrong stands beside its line, and one file that is mended
// replaces itself alone.
func TestTheFirstYearIsPutTogether(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Empty(t))
	w := b.founder(t)
	w.get("/years").shows(http.StatusOK, "还没有考核年度", "尚未上传")
	files := sampleFiles(t)
	right := files["units"]
	files["units"] = bytes.Replace(right, []byte("C02,"), []byte("C01,"), 1)
	page := w.upload(files)
	page.shows(http.StatusOK, "已收到4个文件", "被考核单位有1处需要改正", "C01,华亭市人民政府", `"C01"重复，首次出现在第2行`)
	w.post("/years/import", url.Values{}).shows(http.StatusUnprocessableEntity, "文件中还有")
	w.upload(map[string][]byte{"units": right}).shows(http.StatusOK, "已收到1个文件")
	page = w.post("/years/import", url.Values{})
	page.shows(http.StatusOK, "年度草稿已建立", "40家被考核单位", "年度专项业务工作", "符合规定的70分", "每家单位的每项指标都有考核员", "不评平凉市政务服务中心")
	if page.path != cycle+"setup" {
		t.Errorf("the import leads to %s", page.path)
	}
	b.Reload()
	if b.Cycle.State != "draft" {
		t.Errorf("the year is %s", b.Cycle.State)
	}
}

// A year is started from its page, once, on or before the day of its notice.
func TestAYearIsStartedInTheBrowser(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Draft(t))
	w := b.as(t, "admin")
	w.get("setup").shows(http.StatusOK, "正式启动")
	w.post("start", url.Values{}).shows(http.StatusOK, "年度考核已启动")
	b.Reload()
	if b.Cycle.State != "running" {
		t.Errorf("the year is %s", b.Cycle.State)
	}
	w.post("start", url.Values{}).shows(http.StatusUnprocessableEntity, "不能重复启动")
	b.as(t, "c01.contact").post("start", url.Values{}).shows(http.StatusForbidden, "没有办理此事项的权限")
}

func TestAYearThatIsLateIsNotStarted(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Draft(t))
	b.At(stage.Day(11, 25), 8)
	w := b.as(t, "admin")
	w.get("setup").shows(http.StatusOK, "通知日期2025-11-24已过")
	w.post("start", url.Values{}).shows(http.StatusUnprocessableEntity, "通知日期2025-11-24已过")
}

// The very scheme is rehearsed: its own plan under a number of its own, played by simulated people.
func TestASchemeIsRehearsed(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Draft(t))
	w := b.as(t, "admin")
	w.post("rehearse", url.Values{})
	var found int
	stage.Must(t, b.DB.QueryRowContext(t.Context(), "SELECT count(*) FROM cycles WHERE rehearsal = 1 AND simulated").Scan(&found))
	if found != 1 {
		t.Errorf("there are %d rehearsals", found)
	}
	b.Reload()
	if b.Cycle.State != "draft" {
		t.Errorf("the real year is %s", b.Cycle.State)
	}
}
