package public

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/internal/stage"
)

// invite gives a representative a link, as the workflow does.
func (b *bundle) invite(t *testing.T, number int) string {
	t.Helper()
	token := fmt.Sprintf("link-%d", number)
	b.execute(t, `UPDATE representatives SET token = $1, token_hash = sha256(convert_to($1, 'UTF8')) WHERE number = $2 AND cycle_id = $3`, token, number, b.cycle)
	return at + "/r/" + token
}

// A representative's link works once for each unit that he is asked about, whoever holds it; who answered is known, what
// is not.
func TestInvitations(t *testing.T) {
	t.Parallel()
	b := opened(t, func(c *Config) { c.Work, c.Rate = 50000, 1 })
	link := b.invite(t, 1)
	var name, unit string
	stage.Must(t, b.DB.QueryRowContext(t.Context(), `SELECT r.name, min(u.unit) FROM representatives r JOIN representative_units u USING (cycle_id, number)
		WHERE number = 1 GROUP BY r.name`).Scan(&name, &unit))
	holder, another := b.browser(t), b.browser(t)
	first := fields(t, holder.get(t, link).wants(t, http.StatusOK, name, "不记录您的评价"), unit)
	second := fields(t, another.get(t, link).wants(t, http.StatusOK), unit)
	taken := holder.post(t, link, formType, first.Encode()).wants(t, http.StatusCreated, "继续评议")
	holder.post(t, link, formType, first.Encode()).wants(t, http.StatusOK, taken.receipt(t))
	another.post(t, link, formType, second.Encode()).wants(t, http.StatusConflict, "您已评议过该单位")
	if strings.Contains(holder.get(t, link).body, fmt.Sprintf(`value=%q`, unit)) {
		t.Error("the page asks for a unit that was evaluated")
	}
	if got := b.count(t, `SELECT count(*) FROM representative_units WHERE used`); got != 1 {
		t.Errorf("%d uses are recorded", got)
	}
	if got := b.count(t, `SELECT count(*) FROM ballots WHERE channel = 'representative' AND device IS NULL AND network IS NULL AND at IS NULL AND seconds IS NULL`); got != 1 {
		t.Errorf("%d ballots of representatives know nothing of who cast them", got)
	}
	// A unit that nobody asked him about.
	second.Set("key", uuid.NewString())
	second.Set("unit", "E04")
	if b.count(t, `SELECT count(*) FROM representative_units WHERE number = 1 AND unit = 'E04'`) == 0 {
		another.post(t, link, formType, second.Encode()).wants(t, http.StatusUnprocessableEntity, "请选择被评议单位")
	}
	for _, wrong := range []string{at + "/r/unknown", at + "/r/" + strings.Repeat("x", 5000), at + "/r/%00"} {
		holder.get(t, wrong).wants(t, http.StatusNotFound, "没有找到这一页")
		holder.post(t, wrong, formType, second.Encode()).wants(t, http.StatusNotFound)
	}
	b.execute(t, `UPDATE representative_units SET used = true WHERE number = 1`)
	holder.get(t, link).wants(t, http.StatusOK, "您已完成全部评议")
	b.window(t, "closed")
	second.Set("unit", unit)
	another.post(t, b.invite(t, 2), formType, second.Encode()).wants(t, http.StatusConflict, "不在评议时间内")
}

// Staff unlock a hall's device for one ballot at a time; it counts as the public's, and shows where it was cast.
func TestHalls(t *testing.T) {
	t.Parallel()
	b := opened(t, func(c *Config) { c.Work, c.Rate = 50000, 1 })
	b.execute(t, `INSERT INTO halls VALUES ($1, 'H1', '市政务大厅', $2)`, b.cycle, PinHash(b.site.Store.Secret, b.cycle, "H1", "2468"))
	device, hall := b.browser(t), at+"/hall/H1"
	device.get(t, at+"/hall/H2").wants(t, http.StatusNotFound)
	device.get(t, hall).wants(t, http.StatusOK, "请工作人员输入开启码")
	device.get(t, hall+"/poster").wants(t, http.StatusOK, "data:image/png;base64,", "http://public.example"+at)
	device.post(t, hall, formType, "pin=1234").wants(t, http.StatusForbidden, "开启码不正确")
	for _, unit := range []string{"C01", "C01"} {
		filled := fields(t, device.post(t, hall, formType, "pin=2468").wants(t, http.StatusOK, "市政务大厅"), unit)
		device.post(t, hall, formType, filled.Encode()).wants(t, http.StatusCreated, "完成")
		device.post(t, hall, formType, filled.Encode()).wants(t, http.StatusOK)
		filled.Set("key", uuid.NewString())
		filled.Set("unit", "C02")
		device.post(t, hall, formType, filled.Encode()).wants(t, http.StatusConflict, "本机已锁定")
	}
	if got := b.count(t, `SELECT count(*) FROM ballots WHERE channel = 'public' AND hall = 'H1' AND network IS NULL`); got != 2 {
		t.Errorf("%d ballots were cast in the hall", got)
	}
	late := fields(t, device.post(t, hall, formType, "pin=2468").wants(t, http.StatusOK), "C01")
	b.pass(unlockValid + 1)
	device.post(t, hall, formType, late.Encode()).wants(t, http.StatusConflict, "本机已锁定")
	device.post(t, hall, formType, "unlock="+b.site.stamp("wait")).wants(t, http.StatusConflict, "本机已锁定")
	for range triesBurst {
		device.post(t, hall, formType, "pin=1")
	}
	refused := device.post(t, hall, formType, "pin=2468").wants(t, http.StatusTooManyRequests, "尝试次数过多")
	if refused.header.Get("Retry-After") != "20" {
		t.Errorf("come again in %q s", refused.header.Get("Retry-After"))
	}
}

// Before the results are published nobody sees a list.
func TestNothingIsPublishedBeforeItIs(t *testing.T) {
	t.Parallel()
	b := opened(t, nil)
	voter := b.browser(t)
	receipt := voter.send(t, of("C01")).wants(t, http.StatusCreated).receipt(t)
	for _, path := range []string{"/ballots.jsonl", "/checkpoint", "/key", "/proof/" + receipt} {
		voter.get(t, at+path).wants(t, http.StatusNotFound, `"errors"`)
	}
	voter.get(t, at+"/proof/short").wants(t, http.StatusUnprocessableEntity, "16 letters")
	voter.get(t, at+"/receipt?code="+receipt).wants(t, http.StatusOK, "结果尚未公布")
}
