package public

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A program's ballot is acknowledged once, however often it is sent; another of the same device about the same unit is
// refused, about another unit taken.
func TestBallotsOfAProgram(t *testing.T) {
	t.Parallel()
	b := opened(t, nil)
	voter := b.browser(t)
	first := of("C01")
	first.Comment = `'; DROP TABLE ballots; -- <script>alert(1)</script>`
	taken := voter.send(t, first).wants(t, http.StatusCreated)
	again := voter.send(t, first).wants(t, http.StatusOK)
	if taken.receipt(t) != again.receipt(t) {
		t.Errorf("the receipts are %s and %s", taken.body, again.body)
	}
	if got := voter.send(t, of("C01")).wants(t, http.StatusConflict).faults(t); got != "unit: This device has evaluated this unit.\n" {
		t.Errorf("the refusal is %q", got)
	}
	voter.send(t, of("C02")).wants(t, http.StatusCreated)
	b.browser(t).send(t, of("C01")).wants(t, http.StatusCreated)
	if got := b.ballots(t); got != 3 {
		t.Errorf("there are %d ballots", got)
	}
	if got := b.count(t, `SELECT count(*) FROM ballots WHERE comment LIKE '%DROP TABLE%' AND channel = 'public' AND hall = '' AND network IS NOT NULL`); got != 1 {
		t.Errorf("%d ballots have the comment", got)
	}
	b.window(t, "closed")
	b.browser(t).send(t, of("C01")).wants(t, http.StatusConflict, "not open")
	voter.send(t, first).wants(t, http.StatusOK, taken.receipt(t))
}

// Whatever is sent gets a clear answer that names the field, all faults at once, and nothing is stored.
func TestHostileBallots(t *testing.T) {
	t.Parallel()
	b := opened(t, nil)
	voter := b.browser(t)
	key := uuid.NewString()
	const unknown = "There is no such field."
	for i, hostile := range append([]struct {
		body   string
		status int
		want   string
	}{
		{``, 422, ": The body must be one JSON object"},
		{`null`, 422, ": The body must be one JSON object"},
		{`[]`, 422, ": The body must be one JSON object"},
		{`{"key":`, 422, ": The body must be one JSON object"},
		{`{} {}`, 422, ": The body must be one JSON object"},
		{"{\"comment\":\"\xff\"}", 422, ": The body must be one JSON object"},
		{`{}`, 422, "key: The key must be a UUID made by the caller, such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427.\nunit: No such unit is evaluated.\nanswers: At least one question must be answered.\n"},
		{`{"key":1,"unit":{},"answers":[],"comment":false,"altcha":0,"role":"admin"}`, 422, "altcha: The value has the wrong type.\nanswers: The value has the wrong type.\ncomment: The value has the wrong type.\nkey: The value has the wrong type.\nrole: " + unknown + "\nunit: The value has the wrong type.\n"},
		{fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":1,"nonsense":"satisfied","other":"best"}}`, key), 422, "answers.content: The value has the wrong type.\nanswers.nonsense: There is no such question.\nanswers.other: The answer must be one of: satisfied, basically_satisfied, dissatisfied.\n"},
		{fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":"satisfied"},"comment":"\u0000"}`, key), 422, "comment: The comment has characters that cannot be shown.\n"},
		{fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":"satisfied"},"comment":"\ud800"}`, key), 422, "comment: The comment has characters that cannot be shown.\n"},
		{fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":"satisfied"},"comment":%q}`, key, strings.Repeat("评", 1001)), 422, "comment: The comment has 1001 characters; at most 1000 are taken.\n"},
		{fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":"satisfied"},"comment":%q}`, key, strings.Repeat("x", maxBallot)), 413, ": What was sent is too large.\n"},
		{fmt.Sprintf(`{"key":%q,"unit":"C01","answers":{"content":"satisfied"},"wait":"x","hall":"H1","channel":"representative","receipt":"x"}`, key), 422, "channel: " + unknown + "\nhall: " + unknown + "\nreceipt: " + unknown + "\nwait: " + unknown + "\n"},
		{`{"key":"00000000-0000-0000-0000-000000000000","unit":"C01","answers":{"content":"satisfied"}}`, 422, "key: The key must be"},
		{fmt.Sprintf(`{"key":"urn:uuid:%s","unit":"C01","answers":{"content":"satisfied"}}`, key), 422, "key: The key must be"},
	}, grid(key)...) {
		answer := voter.post(t, at+"/ballots", "application/json", hostile.body)
		if got := answer.faults(t); answer.status != hostile.status || !strings.HasPrefix(got, hostile.want) {
			t.Errorf("%d: %.120q is answered %d with\n%s, want %d with\n%s", i, hostile.body, answer.status, got, hostile.status, hostile.want)
		}
	}
	for _, kind := range []string{"", "text/plain", formType, "multipart/form-data; boundary=x", "application/json;;"} {
		voter.post(t, at+"/ballots", kind, `{}`).wants(t, http.StatusUnprocessableEntity, "application/json")
	}
	for _, path := range []string{"/e/pingliang/2024/ballots", "/e/pingliang/02025/ballots", "/e/pingliang/99999999999999999999/ballots", "/rehearsal/1" + at + "/ballots", "/rehearsal/0" + at + "/ballots", "/e/%00/2025/ballots", "/e/%27%20OR%201=1/2025/ballots"} {
		if answer := voter.post(t, path, "application/json", `{}`); answer.status != http.StatusNotFound {
			t.Errorf("%s is answered %d: %s", path, answer.status, answer.body)
		}
	}
	if got := b.ballots(t); got != 0 {
		t.Errorf("%d hostile ballots are in the box", got)
	}
}

// grid puts each of many odd values into each field.
func grid(key string) []struct {
	body   string
	status int
	want   string
} {
	odd := []string{
		`null`, `true`, `0`, `-1`, `1e400`, `""`, `" "`, `"C01 "`, `"c01"`, `"../C01"`, `"C01\u0000"`, `"C01' OR '1'='1"`, `"<b>C01</b>"`, `"%43%30%31"`,
		`"\ufeffC01"`, `"Ｃ０１"`, `"satisfied"`, `"SATISFIED"`, `"满意"`, `"1"`, `[]`, `["C01"]`, `{}`, `{"C01":"satisfied"}`, `"\u202eC01"`, `"${jndi:ldap://x}"`,
		`"{{.}}"`, `"1b4e28ba2fa141d2883f0016d3cca427"`, `"{1b4e28ba-2fa1-41d2-883f-0016d3cca427}"`, `"1b4e28ba-2fa1-41d2-883f-0016d3cca42g"`, `[[[[[[[[]]]]]]]]`, `"𐀀"`,
	}
	var all []struct {
		body   string
		status int
		want   string
	}
	for _, value := range odd {
		for _, field := range []string{"key", "unit", "answers", "answers.content", "altcha", "question"} {
			fields := map[string]json.RawMessage{
				"key": json.RawMessage(fmt.Sprintf("%q", key)), "unit": json.RawMessage(`"C01"`), "answers": json.RawMessage(`{"content":"satisfied"}`),
			}
			want := field + ":"
			switch field {
			case "answers.content":
				fields["answers"] = json.RawMessage(`{"content":` + value + `}`)
				if value == `"satisfied"` {
					continue
				}
			case "altcha":
				// A challenge is not asked for here; a value of the wrong type is refused all the same.
				if strings.HasPrefix(value, `"`) || value == "null" {
					continue
				}
				fields[field] = json.RawMessage(value)
			default:
				fields[field] = json.RawMessage(value)
			}
			if field == "answers" && strings.HasPrefix(value, `{"`) {
				want = "answers.C01:"
			}
			text := "{"
			for name, raw := range fields {
				text += fmt.Sprintf("%q:%s,", name, raw)
			}
			all = append(all, struct {
				body   string
				status int
				want   string
			}{strings.TrimSuffix(text, ",") + "}", 422, want})
		}
	}
	return all
}

// Those who run no script pay with the time that reading takes; nothing typed is lost when they are too quick, and a
// form that is sent twice is one ballot.
func TestBallotsWithoutScript(t *testing.T) {
	t.Parallel()
	b := opened(t, func(c *Config) { c.Work = 1000 })
	voter := b.browser(t)
	filled := fields(t, voter.get(t, at).wants(t, http.StatusOK, "政务公开社会评议", "崆峒区人民政府", "请在打开本页10秒后提交"), "C01")
	quick := voter.post(t, at, formType, filled.Encode()).wants(t, http.StatusUnprocessableEntity, "提交过快，请在10秒后重新提交。", ">还不错</textarea>", `value="satisfied" checked`, `value="C01" selected`)
	if again := fields(t, quick, "C01"); again.Get("key") != filled.Get("key") || again.Get("wait") != filled.Get("wait") {
		t.Error("the form is another one when it comes back")
	}
	b.pass(waitAtLeast)
	taken := voter.post(t, at, formType, filled.Encode()).wants(t, http.StatusCreated, "评议已提交", "崆峒区人民政府", "data:image/png;base64,")
	if again := voter.post(t, at, formType, filled.Encode()).wants(t, http.StatusOK); again.receipt(t) != taken.receipt(t) {
		t.Error("the same form has two receipts")
	}
	if got := b.count(t, `SELECT count(*) FROM ballots WHERE seconds = 10 AND work IS NOT NULL AND comment = '还不错'`); got != 1 {
		t.Errorf("%d ballots know how long the page was open", got)
	}
	// The same moment pays once.
	filled.Set("key", uuid.NewString())
	filled.Set("unit", "C02")
	voter.post(t, at, formType, filled.Encode()).wants(t, http.StatusUnprocessableEntity, "已使用过")
	for name, wait := range map[string]string{"none": "", "forged": "AAAA" + filled.Get("wait")[4:], "of another purpose": b.site.stamp("unlock")} {
		filled.Set("wait", wait)
		if answer := voter.post(t, at, formType, filled.Encode()); answer.status != http.StatusUnprocessableEntity || !strings.Contains(answer.body, "页面已过期") {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	if got := b.ballots(t); got != 1 {
		t.Errorf("there are %d ballots", got)
	}
}

// An address casts so many ballots and no more, until time has passed.
func TestRate(t *testing.T) {
	t.Parallel()
	b := opened(t, func(c *Config) { c.Rate = 2 })
	for range 2 {
		b.browser(t).send(t, of("C01")).wants(t, http.StatusCreated)
	}
	refused := b.browser(t).send(t, of("C01")).wants(t, http.StatusTooManyRequests, "Too many ballots")
	if wait := refused.header.Get("Retry-After"); wait != "31" {
		t.Errorf("come again in %q s", wait)
	}
	b.pass(31 * time.Second)
	b.browser(t).send(t, of("C01")).wants(t, http.StatusCreated)
}

// A server that cannot take a ballot says so; nothing typed is lost, and the same form is taken later.
func TestBusy(t *testing.T) {
	t.Parallel()
	b := opened(t, nil)
	voter := b.browser(t)
	filled := fields(t, voter.get(t, at), "C01")
	b.execute(t, `ALTER FUNCTION ballots_cast RENAME TO gone`)
	b.execute(t, `CREATE FUNCTION ballots_cast(c bigint[], r bytea[], u text[], h text[], a text[], o text[], d bytea[], w bytea[], n bytea[], s integer[]) RETURNS text[]
		LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '57P03'; END $$`)
	busy := voter.post(t, at, formType, filled.Encode()).wants(t, http.StatusServiceUnavailable, "请稍后重新提交", "还不错")
	told := voter.send(t, of("C02")).wants(t, http.StatusServiceUnavailable, "busy")
	for _, answer := range []page{busy, told} {
		if answer.header.Get("Retry-After") == "" {
			t.Error("nobody is told when to come again")
		}
	}
	b.execute(t, `DROP FUNCTION ballots_cast`)
	b.execute(t, `ALTER FUNCTION gone RENAME TO ballots_cast`)
	voter.post(t, at, formType, filled.Encode()).wants(t, http.StatusCreated)
	if got := b.ballots(t); got != 1 {
		t.Errorf("there are %d ballots", got)
	}
}

// The page is light, and asks nobody else for anything.
func TestPageIsLight(t *testing.T) {
	t.Parallel()
	b := opened(t, func(c *Config) { c.Work = 50000 })
	weight := 0
	shown := b.browser(t).get(t, at).wants(t, http.StatusOK)
	for _, address := range append(addresses(shown.body), at) {
		if !strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "?") && address != "" && address != "data:," {
			t.Errorf("the page asks for %s", address)
		}
		if strings.HasPrefix(address, "/static/") || address == at {
			weight += weigh(t, b, address)
		}
	}
	if weight > 30_000 {
		t.Errorf("the first visit weighs %d bytes", weight)
	}
	if policy := shown.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	if len(b.browser(t).get(t, at+"?lang=en").wants(t, http.StatusOK, "Public evaluation of openness, 2025", "Satisfied").body) == 0 {
		t.Error("there is no English page")
	}
	for _, state := range []string{"waiting", "closed"} {
		b.window(t, state)
		closed := b.browser(t).get(t, at).wants(t, http.StatusOK, "评议说明", "权重0.6", "评议指数、评议等次")
		if strings.Contains(closed.body, "<form") {
			t.Errorf("there is a form while the window is %s", state)
		}
	}
}
