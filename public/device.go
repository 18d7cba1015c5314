package public

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

const (
	deviceCookie = "kaoping_device"
	deviceYears  = 2 * 365 * 24 * time.Hour
	// rememberedLimits bounds what is remembered of addresses and halls; the one seen longest ago is forgotten first.
	rememberedLimits = 100_000
)

// device is the browser's cookie; one without gets one. A ballot is kept with a keyed hash of it, cycle and unit, so that
// nobody learns from the box which ballots came from one device.
func (v *visit) device() []byte {
	if cookie, err := v.r.Cookie(deviceCookie); err == nil {
		if raw, err := base64.RawURLEncoding.DecodeString(cookie.Value); err == nil && len(raw) == nonceSize {
			return raw
		}
	}
	made := nonce()
	http.SetCookie(v.w, &http.Cookie{
		Name: deviceCookie, Value: base64.RawURLEncoding.EncodeToString(made), Path: "/", MaxAge: int(deviceYears / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(v.URL, "https:"),
	})
	return made
}

func (v *visit) deviceOf(unit string) []byte {
	return v.keyed("device", fmt.Append(nil, v.scene.CycleID), []byte(unit), v.device())
}

// network is what an address has in common with its neighbours: bits4 of IPv4, and what one customer has of IPv6.
func network(address string, bits4 int) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	parsed = parsed.Unmap()
	bits := bits4
	if parsed.Is6() {
		bits = 64
	}
	prefix, err := parsed.Prefix(bits)
	if err != nil {
		return address
	}
	return prefix.String()
}

// networkOf is a keyed hash of the network that a request comes from; the address is not kept.
func (v *visit) networkOf() []byte {
	return v.keyed("network", fmt.Append(nil, v.scene.CycleID), []byte(network(v.Address(v.r), 24)))
}

// admit lets an address cast; else it tells when to come again.
func (s *Site) admit(r *http.Request) (again time.Duration, ok bool) {
	if s.Rate == 0 {
		return 0, true
	}
	limiter := s.limiter(network(s.Address(r), 32), rate.Every(s.Per/time.Duration(s.Rate)), s.Rate)
	now := s.Now()
	if limiter.AllowN(now, 1) {
		return 0, true
	}
	return time.Duration((1-limiter.TokensAt(now))*float64(s.Per)/float64(s.Rate)) + time.Second, false
}

// limiter is that of a name, made when it is asked for the first time.
func (s *Site) limiter(name string, limit rate.Limit, burst int) *rate.Limiter {
	if known, ok := s.limits.Get(name); ok {
		return known
	}
	made := rate.NewLimiter(limit, burst)
	if earlier, there, _ := s.limits.PeekOrAdd(name, made); there {
		return earlier
	}
	return made
}
