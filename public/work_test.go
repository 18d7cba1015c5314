package public

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/altcha-org/altcha-lib-go"

	"github.com/kaoping/kaoping/internal/stage"
)

// solve does what a browser's script does.
func (w *browser) solve(t *testing.T) altcha.Payload {
	t.Helper()
	var challenge struct {
		Algorithm, Challenge, Salt, Signature string
		MaxNumber                             int `json:"maxnumber"`
	}
	stage.Must(t, json.Unmarshal([]byte(w.get(t, at+"/challenge").wants(t, http.StatusOK).body), &challenge))
	solution, err := altcha.SolveChallenge(challenge.Challenge, challenge.Salt, altcha.SHA256, challenge.MaxNumber, 0, nil)
	stage.Must(t, err)
	if solution == nil {
		t.Fatal("the challenge has no solution")
	}
	return altcha.Payload{
		Algorithm: challenge.Algorithm, Challenge: challenge.Challenge, Number: int64(solution.Number), Salt: challenge.Salt, Signature: challenge.Signature,
	}
}

func encoded(t *testing.T, payload altcha.Payload) string {
	t.Helper()
	text, err := json.Marshal(payload)
	stage.Must(t, err)
	return base64.StdEncoding.EncodeToString(text)
}

// A solved challenge pays for one ballot; one that is not solved, changed, of another installation or over pays for none.
func TestChallenges(t *testing.T) {
	t.Parallel()
	// The library asks the real clock whether a challenge is over.
	b := opened(t, func(c *Config) { c.Work, c.Now = 500, time.Now })
	voter := b.browser(t)
	voter.send(t, of("C01")).wants(t, http.StatusUnprocessableEntity, `"path":"altcha"`, "missing")
	solved := voter.solve(t)
	for name, spoil := range map[string]func(*altcha.Payload){
		"another number":    func(p *altcha.Payload) { p.Number++ },
		"another salt":      func(p *altcha.Payload) { p.Salt = "x" + p.Salt },
		"another algorithm": func(p *altcha.Payload) { p.Algorithm = "SHA-1" },
		"no signature":      func(p *altcha.Payload) { p.Signature = "" },
		"made elsewhere": func(p *altcha.Payload) {
			number := int64(1)
			made, err := altcha.CreateChallenge(altcha.ChallengeOptions{HMACKey: "guessed", Number: &number, Salt: "s"})
			stage.Must(t, err)
			p.Challenge, p.Salt, p.Signature, p.Number = made.Challenge, made.Salt, made.Signature, number
		},
		"over": func(p *altcha.Payload) {
			number, past := int64(1), time.Now().Add(-time.Minute)
			made, err := altcha.CreateChallenge(altcha.ChallengeOptions{HMACKey: b.site.challengeKey(), Number: &number, Expires: &past})
			stage.Must(t, err)
			p.Challenge, p.Salt, p.Signature, p.Number = made.Challenge, made.Salt, made.Signature, number
		},
	} {
		sent, spoilt := of("C01"), solved
		spoil(&spoilt)
		sent.Altcha = encoded(t, spoilt)
		if answer := voter.send(t, sent); answer.status != http.StatusUnprocessableEntity || answer.faults(t) != "altcha: The challenge is not solved, or is over; take a new one.\n" {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	for _, garbage := range []string{"x", "====", base64.StdEncoding.EncodeToString([]byte("null")), base64.StdEncoding.EncodeToString([]byte(`{"number":"1"}`))} {
		sent := of("C01")
		sent.Altcha = garbage
		voter.send(t, sent).wants(t, http.StatusUnprocessableEntity, `"path":"altcha"`)
	}
	sent := of("C01")
	sent.Altcha = encoded(t, solved)
	voter.send(t, sent).wants(t, http.StatusCreated)
	voter.send(t, sent).wants(t, http.StatusOK)
	other := of("C02")
	other.Altcha = sent.Altcha
	voter.send(t, other).wants(t, http.StatusUnprocessableEntity, "used for another ballot")
	if got := b.ballots(t); got != 1 {
		t.Errorf("there are %d ballots", got)
	}
}
