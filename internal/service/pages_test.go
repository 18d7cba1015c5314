package service

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// A process of the portal's role alone serves the pages, and stops as one that works.
func TestPortal(t *testing.T) {
	t.Parallel()
	service := start(t, given(t), Portal)
	if status, body := get(t, "http://"+service.PortalAddress()+"/login"); status != http.StatusOK || !strings.Contains(body, "<h1>登录</h1>") {
		t.Errorf("GET /login: %d\n%s", status, body)
	}
	if status, _ := service.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("GET /readyz: %d", status)
	}
	service.stop()
	must(t, service.awaitEnd(t))
}

// A process of the public's role alone needs PostgreSQL as the public sees it, and nothing else.
func TestPublic(t *testing.T) {
	t.Parallel()
	with := given(t)
	with.DatabaseURL, with.TemporalAddress, with.SMTPURL, with.PublicAddress = "", "", "", "127.0.0.1:0"
	service := start(t, with, Public)
	if status, body := get(t, "http://"+service.PublicAddress()+"/e/nowhere/2025"); status != http.StatusNotFound || !strings.Contains(body, "没有找到这一页") {
		t.Errorf("GET /e/nowhere/2025: %d\n%s", status, body)
	}
	if status, _ := service.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("GET /readyz: %d", status)
	}
	service.stop()
	must(t, service.awaitEnd(t))
}

func TestRolesByName(t *testing.T) {
	t.Parallel()
	if roles, err := ParseRoles(nil); err != nil || len(roles) != 3 {
		t.Errorf("no roles are %v (%v), want all", roles, err)
	}
	if roles, err := ParseRoles([]string{"portal"}); err != nil || len(roles) != 1 || roles[0] != Portal {
		t.Errorf("portal is %v (%v)", roles, err)
	}
	_, err := ParseRoles([]string{"pages", "tasks", "x"})
	if err == nil || !strings.Contains(err.Error(), `"pages"`) || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("unknown roles give %v, want both named", err)
	}
}

// Only what a trusted proxy says counts: of the addresses it names, the last that is no proxy itself.
func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	address := addressBehind([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"198.51.100.7:4000", "", "198.51.100.7"},
		{"198.51.100.7:4000", "203.0.113.1", "198.51.100.7"},
		{"10.1.2.3:4000", "203.0.113.1", "203.0.113.1"},
		{"10.1.2.3:4000", "192.0.2.9, 203.0.113.1, 10.9.9.9", "203.0.113.1"},
		{"10.1.2.3:4000", "", "10.1.2.3"},
		{"10.1.2.3:4000", "nonsense", "10.1.2.3"},
		{"[fd00::1]:4000", "2001:db8::5", "2001:db8::5"},
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		request.RemoteAddr = c.remote
		if c.forwarded != "" {
			request.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := address(request); got != c.want {
			t.Errorf("%s through %q is %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
