package portal

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/kaoping/kaoping/office"
)

// Provider is an identity provider of the office's own, at which people may sign in instead of by password. Who somebody
// is says the claim preferred_username: a login, or AUTHORITY/LOGIN where several authorities have the same one.
type Provider struct {
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
}

// NewProvider asks the issuer for its addresses and keys. portal is where the portal's pages begin.
func NewProvider(ctx context.Context, issuer, client, secret, portal string) (*Provider, error) {
	found, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("couldn't reach the identity provider: %w", err)
	}
	return &Provider{
		verifier: found.Verifier(&oidc.Config{ClientID: client}),
		oauth: oauth2.Config{
			ClientID: client, ClientSecret: secret, Endpoint: found.Endpoint(), RedirectURL: portal + "/oidc/callback",
			Scopes: []string{oidc.ScopeOpenID, "profile"},
		},
	}, nil
}

// What a session keeps while somebody is at the provider.
const (
	oidcState    = "oidc.state"
	oidcNonce    = "oidc.nonce"
	oidcVerifier = "oidc.verifier"
	oidcNext     = "oidc.next"
)

// toProvider sends somebody to the identity provider.
func (v *visit) toProvider() error {
	if v.Provider == nil {
		return nowhere(v)
	}
	ctx, state, nonce, verifier := v.r.Context(), rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	for key, value := range map[string]string{
		oidcState: state, oidcNonce: nonce, oidcVerifier: verifier, oidcNext: localPath(v.r.URL.Query().Get("next")),
	} {
		v.sessions.Put(ctx, key, value)
	}
	return v.goTo(v.Provider.oauth.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)))
}

// fromProvider takes somebody in whom the identity provider has named. Whatever is wrong with the answer, it is told as
// one thing: nobody learns who has an account.
func (v *visit) fromProvider() error {
	if v.Provider == nil {
		return nowhere(v)
	}
	next := localPath(v.sessions.PopString(v.r.Context(), oidcNext))
	account, err := v.identify()
	if errors.Is(err, errNotIdentified) || errors.Is(err, office.ErrSignIn) {
		v.Log.Warn("somebody was not let in", "error", err, "address", v.address())
		v.status = http.StatusForbidden
		return v.render("login", loginPage{Next: next, Fault: v.t("login.stranger"), Provider: true})
	}
	if err != nil {
		return err
	}
	if err := v.begin(account); err != nil {
		return err
	}
	return v.goTo(next)
}

// errNotIdentified is an answer of the provider, or what pretends to be one, that names nobody.
var errNotIdentified = errors.New("the identity provider named nobody")

func (v *visit) identify() (office.Account, error) {
	ctx, answer := v.r.Context(), v.r.URL.Query()
	state, nonce, verifier := v.sessions.PopString(ctx, oidcState), v.sessions.PopString(ctx, oidcNonce), v.sessions.PopString(ctx, oidcVerifier)
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(answer.Get("state"))) != 1 {
		return office.Account{}, fmt.Errorf("%w: the answer is not to a question of this session (%s)", errNotIdentified, answer.Get("error"))
	}
	token, err := v.Provider.oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return office.Account{}, fmt.Errorf("%w: %w", errNotIdentified, err)
	}
	raw, _ := token.Extra("id_token").(string)
	identity, err := v.Provider.verifier.Verify(ctx, raw)
	if err != nil {
		return office.Account{}, fmt.Errorf("%w: %w", errNotIdentified, err)
	}
	var claims struct {
		Login string `json:"preferred_username"`
	}
	if err := identity.Claims(&claims); err != nil {
		return office.Account{}, fmt.Errorf("%w: %w", errNotIdentified, err)
	}
	if claims.Login == "" || subtle.ConstantTimeCompare([]byte(identity.Nonce), []byte(nonce)) != 1 {
		return office.Account{}, fmt.Errorf("%w: no login, or another session's", errNotIdentified)
	}
	return v.Office.Admit(ctx, claims.Login, v.address())
}
