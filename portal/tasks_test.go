package portal

import (
	"net/http"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/stage"
)

// After the notice a contact has one thing to do, and is told how long there is for it.
func TestAContactsTask(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.At(stage.Day(time.December, 9), 9)
	page := b.as(t, "c01.contact").get("")
	page.shows(http.StatusOK, "我的待办", "提交自查报告（崆峒区人民政府）", "2025年12月12日(周五，还有3个工作日)")
	page.lacks("华亭市")
}

func TestNothingToDo(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.as(t, "auditor").get("").shows(http.StatusOK, "目前没有需要您办理的事项")
}

// Whoever comes by a mail's link signs in first, and is led to that very page.
func TestAMailsLinkLeadsThroughTheLogin(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.as(t, "c01.contact")
	w := b.browser(t)
	page := w.get(cycle)
	page.shows(http.StatusOK, "登录")
	form := page.form("/login")
	form.Set("login", "c01.contact")
	form.Set("password", password)
	if page := w.post("/login", form); page.path != cycle {
		t.Errorf("the login leads to %s", page.path)
	}
}
