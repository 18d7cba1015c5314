package public

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/altcha-org/altcha-lib-go"
)

// What a ballot costs: a challenge that a browser solves within a second, or for those who run no script the time that
// reading takes. Each pays for one ballot.
const (
	challengeValid = time.Hour
	waitAtLeast    = 10 * time.Second
	waitValid      = 24 * time.Hour
	nonceSize      = 16
)

// keyed is a hash that nobody makes without the secret; purpose keeps one use from serving another.
func (s *Site) keyed(purpose string, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, s.Store.Secret)
	for _, part := range append([][]byte{[]byte(purpose)}, parts...) {
		// Lengths keep parts apart. A hash takes everything.
		_, _ = mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		_, _ = mac.Write(part)
	}
	return mac.Sum(nil)
}

func nonce() []byte {
	made := make([]byte, nonceSize)
	_, _ = rand.Read(made) // never fails
	return made
}

// challengeKey signs challenges.
func (s *Site) challengeKey() string { return hex.EncodeToString(s.keyed("challenge")) }

// challenge answers with a challenge in ALTCHA's first form.
func challenge(v *visit) error {
	// The delimiter at the end keeps digits from being moved between the time and the number.
	salt := fmt.Sprintf("%s?expires=%d&", hex.EncodeToString(nonce()), v.Now().Add(challengeValid).Unix())
	made, err := altcha.CreateChallenge(altcha.ChallengeOptions{
		Algorithm: altcha.SHA256, MaxNumber: v.Work, HMACKey: v.challengeKey(), Salt: salt,
	})
	if err != nil {
		return fmt.Errorf("couldn't make a challenge: %w", err)
	}
	return v.json(http.StatusOK, map[string]any{
		"algorithm": made.Algorithm, "challenge": made.Challenge, "salt": made.Salt, "maxnumber": v.Work, "signature": made.Signature,
	})
}

// solved tells what pays for a ballot: nil for a challenge that is not solved, or is over.
func (s *Site) solved(payload string) []byte {
	raw, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return nil
	}
	var solution altcha.Payload
	if json.Unmarshal(raw, &solution) != nil || solution.Algorithm != string(altcha.SHA256) {
		return nil
	}
	if ok, err := altcha.VerifySolutionSafe(solution, s.challengeKey(), true); err != nil || !ok {
		return nil
	}
	return s.keyed("work", []byte(solution.Challenge))
}

// stamp is the present moment, signed for one purpose.
func (s *Site) stamp(purpose string, parts ...[]byte) string {
	moment := binary.BigEndian.AppendUint64(nonce(), uint64(s.Now().Unix()))
	return base64.RawURLEncoding.EncodeToString(append(moment, s.keyed(purpose, append(parts, moment)...)...))
}

// since tells how long ago a moment was stamped; false if it was not stamped here for this purpose.
func (s *Site) since(stamp, purpose string, parts ...[]byte) (time.Duration, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(stamp)
	const length = nonceSize + 8
	if err != nil || len(raw) != length+sha256.Size || !hmac.Equal(raw[length:], s.keyed(purpose, append(parts, raw[:length])...)) {
		return 0, false
	}
	passed := s.Now().Sub(time.Unix(int64(binary.BigEndian.Uint64(raw[nonceSize:length])), 0))
	return passed, passed >= 0
}

// pay tells what pays for a ballot, and how long its page was open, -1 if nobody knows.
func (s *Site) pay(sent ballot, form bool) (work []byte, seconds int, faults []fault) {
	since, known := s.since(sent.Wait, "wait")
	known = known && since <= waitValid
	seconds = -1
	if known {
		seconds = int(since / time.Second)
	}
	switch {
	case s.Work == 0:
		return nil, seconds, nil
	case sent.Altcha != "":
		if work = s.solved(sent.Altcha); work == nil {
			return nil, seconds, []fault{wrong("altcha", "fault.work")}
		}
		return work, seconds, nil
	case !form:
		return nil, seconds, []fault{wrong("altcha", "fault.nowork")}
	case !known:
		return nil, seconds, []fault{wrong("wait", "fault.stale")}
	case since < waitAtLeast:
		return nil, seconds, []fault{wrong("wait", "fault.soon", int((waitAtLeast-since+time.Second-1)/time.Second))}
	}
	return s.keyed("waited", []byte(sent.Wait)), seconds, nil
}
