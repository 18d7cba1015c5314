package portal

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/kaoping/kaoping/internal/stage"
)

// issuer is an identity provider that names whom the test says.
type issuer struct {
	server *httptest.Server
	key    *rsa.PrivateKey
	login  string
	// nonce is that of the last question, unless the test forges another.
	nonce, forged string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	stage.Must(t, err)
	i := &issuer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(t, w, map[string]any{
			"issuer": i.server.URL, "authorization_endpoint": i.server.URL + "/authorize", "token_endpoint": i.server.URL + "/token",
			"jwks_uri": i.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(t, w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		i.nonce = asked.Get("nonce")
		http.Redirect(w, r, asked.Get("redirect_uri")+"?"+url.Values{"state": asked["state"], "code": {"code"}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(t, w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": i.token(t)})
	})
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) answer(t *testing.T, w http.ResponseWriter, value any) {
	t.Helper()
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		t.Error(err)
	}
}

func (i *issuer) token(t *testing.T) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: "1"}}, nil)
	stage.Must(t, err)
	nonce := i.nonce
	if i.forged != "" {
		nonce = i.forged
	}
	claims, err := json.Marshal(map[string]any{
		"iss": i.server.URL, "aud": "kaoping", "sub": "1", "nonce": nonce, "preferred_username": i.login,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	stage.Must(t, err)
	signed, err := signer.Sign(claims)
	stage.Must(t, err)
	text, err := signed.CompactSerialize()
	stage.Must(t, err)
	return text
}

func TestSigningInAtAnIdentityProvider(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.as(t, "c01.contact") // has an account
	provider := newIssuer(t)
	var err error
	b.portal.Provider, err = NewProvider(t.Context(), provider.server.URL, "kaoping", "secret", b.server.URL)
	stage.Must(t, err)

	provider.login = "c01.contact"
	w := b.browser(t)
	w.get("/login").shows(http.StatusOK, "使用统一身份认证登录")
	if page := w.get("/oidc?next=" + url.QueryEscape(cycle)); page.path != cycle {
		t.Fatalf("it leads to %s:\n%s", page.path, page.text())
	}

	provider.login = "pingliang/nobody"
	b.browser(t).get("/oidc").shows(http.StatusForbidden, "您在本系统中没有账号")

	provider.login, provider.forged = "c01.contact", "another session's"
	b.browser(t).get("/oidc").shows(http.StatusForbidden, "没有确认您的身份")

	b.browser(t).get("/oidc/callback?state=guessed&code=code").shows(http.StatusForbidden, "没有确认您的身份")
}

// Where no provider is set there are no such pages.
func TestNoIdentityProvider(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.browser(t).get("/oidc").shows(http.StatusNotFound)
	b.browser(t).get("/login").lacks("统一身份认证")
}
