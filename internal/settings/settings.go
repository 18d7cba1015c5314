// Package settings is what a program can be told: one struct, read from flags and the environment, checked in one
// place, and what is opened with it. A fault of a setting, or of the server behind it, is one line that names it.
package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/kaoping/kaoping/internal/devstack"
)

// Dir is the state folder, below the folder in which a command runs.
const Dir = ".kaoping"

// Names of the settings that say where the servers are; `up` and `demo` write these for other commands.
const (
	DatabaseURL     = "DATABASE_URL"
	TemporalAddress = "TEMPORAL_ADDRESS"
	SMTPURL         = "SMTP_URL"
	EvidenceURL     = "EVIDENCE_URL"
	PortalURL       = "PORTAL_URL"
	PublicURL       = "PUBLIC_URL"
)

// Settings are all of them, as text. The tags give each its flag and its environment variable; an empty one is not set.
// Complete fills in defaults and checks.
type Settings struct {
	// DatabaseURL is PostgreSQL's address. Without it: the one of `starter up` or `demo` in this folder.
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" group:"settings" placeholder:"URL" help:"PostgreSQL, postgres://user:password@host:port/database. Default: that of starter up or demo in this folder."`
	// TemporalAddress is Temporal's host:port. Without it: that of Temporal's own configuration file, else of `starter
	// up`. Its other TEMPORAL_… variables (TLS, API key) count as Temporal defines them, but not for an embedded server.
	TemporalAddress string `name:"temporal-address" env:"TEMPORAL_ADDRESS" group:"settings" placeholder:"HOST:PORT" help:"Temporal; its other TEMPORAL_... variables (TLS, API key) count as Temporal defines them. Default: that of starter up or demo in this folder."`
	// TemporalNamespace is Temporal's namespace, by default "default". The embedded server has no other.
	TemporalNamespace string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" group:"settings" placeholder:"NAME" help:"Temporal's namespace (default)."`
	// SMTPURL is the mail server; see mail.ParseURL. Without it: the inbox of `starter up`. A rehearsal takes only a
	// server on this machine: starter demo refuses another, workers then give it an inbox of their own.
	SMTPURL string `name:"smtp-url" env:"SMTP_URL" group:"settings" placeholder:"URL" help:"Mail server, smtp://user:password@host:port?tls=starttls|implicit|none. Default: the inbox of starter up or demo in this folder."`
	// MailFrom is the sender's address, by default zwgk@localhost.
	MailFrom string `name:"mail-from" env:"MAIL_FROM" group:"settings" placeholder:"ADDRESS" help:"Sender of every mail (zwgk@localhost)."`
	// EvidenceURL is a gocloud.dev/blob URL, by default a folder in the state folder.
	EvidenceURL string `name:"evidence-url" env:"EVIDENCE_URL" group:"settings" placeholder:"URL" help:"Where evidence files lie: file:///folder or s3://bucket?region=... (a folder under .kaoping)."`
	// PortalAddress is where the portal listens, by default 127.0.0.1:8080.
	PortalAddress string `name:"portal-address" env:"PORTAL_ADDRESS" group:"settings" placeholder:"HOST:PORT" help:"Where the portal listens (127.0.0.1:8080)."`
	// OIDCIssuer is an identity provider at which people may sign in, by its issuer URL; empty asks for passwords only.
	OIDCIssuer string `name:"oidc-issuer" env:"OIDC_ISSUER" group:"settings" placeholder:"URL" help:"Identity provider at which people may sign in (none: passwords only)."`
	// OIDCClient and OIDCSecret are how the portal is known there.
	OIDCClient string `name:"oidc-client" env:"OIDC_CLIENT" group:"settings" placeholder:"ID" help:"The portal's client id at the identity provider."`
	OIDCSecret string `name:"oidc-secret" env:"OIDC_SECRET" group:"settings" placeholder:"TEXT" help:"The portal's client secret there."`
	// PublicAddress is where the public pages listen, by default 127.0.0.1:8081.
	PublicAddress string `name:"public-address" env:"PUBLIC_ADDRESS" group:"settings" placeholder:"HOST:PORT" help:"Where the public pages listen (127.0.0.1:8081)."`
	// OperationsAddress is where health and metrics are served, by default 127.0.0.1:9090.
	OperationsAddress string `name:"operations-address" env:"OPERATIONS_ADDRESS" group:"settings" placeholder:"HOST:PORT" help:"Where health and metrics are served (127.0.0.1:9090)."`
	// PortalURL begins every link to the portal, by default http:// and PortalAddress.
	PortalURL string `name:"portal-url" env:"PORTAL_URL" group:"settings" placeholder:"URL" help:"Address under which people open the portal, for links (from the listen address)."`
	// PublicURL is the same for the public pages.
	PublicURL string `name:"public-url" env:"PUBLIC_URL" group:"settings" placeholder:"URL" help:"The same for the public pages (from the listen address)."`
	// TrustedProxies are networks, separated by commas, whose X-Forwarded-For counts; by default none.
	TrustedProxies string `name:"trusted-proxies" env:"TRUSTED_PROXIES" group:"settings" placeholder:"CIDR,..." help:"Networks whose X-Forwarded-For counts (none)."`
	// PublicDatabaseURL is the public role's own PostgreSQL user, by default DatabaseURL.
	PublicDatabaseURL string `name:"public-database-url" env:"PUBLIC_DATABASE_URL" group:"settings" placeholder:"URL" help:"The public role's own PostgreSQL user (the database above)."`
	// PublicRate is how many ballots an address may cast: a number a second, minute or hour (60/m), or off.
	PublicRate string `name:"public-rate" env:"PUBLIC_RATE" group:"settings" placeholder:"N/s|N/m|N/h|off" help:"Ballots an address may cast (60/m)."`
	// PublicWork is the size of the proof of work that a ballot costs, by default 50000; 0 asks for none.
	PublicWork string `name:"public-work" env:"PUBLIC_WORK" group:"settings" placeholder:"N" help:"Size of a ballot's proof of work, 0 for none (50000)."`
	// SigningKeyFile holds the key that signs checkpoints; by default one is made in the state folder.
	SigningKeyFile string `name:"signing-key-file" env:"SIGNING_KEY_FILE" group:"settings" placeholder:"FILE" help:"Key that signs checkpoints (made under .kaoping)."`

	// embedded is set when Temporal is one of devstack's, which knows no TLS, no key and no other namespace.
	embedded bool
}

// Error is a setting that does not parse, or a server behind it that does not answer.
type Error struct {
	Setting string
	Err     error
}

// Error is one line.
func (e *Error) Error() string {
	return e.Setting + ": " + strings.Join(strings.FieldsFunc(e.Err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

func (e *Error) Unwrap() error { return e.Err }

func fault(setting, format string, args ...any) error {
	return &Error{Setting: setting, Err: fmt.Errorf(format, args...)}
}

// errNoServer is what a command says when nobody told it where a server is.
var errNoServer = errors.New("no server: set it, or run starter up in this folder")

// With are the settings with the addresses of embedded servers, for those that are not set.
func (s Settings) With(addresses map[string]string) Settings {
	for name, field := range map[string]*string{
		DatabaseURL: &s.DatabaseURL, SMTPURL: &s.SMTPURL, EvidenceURL: &s.EvidenceURL, PortalURL: &s.PortalURL, PublicURL: &s.PublicURL,
	} {
		if *field == "" {
			*field = addresses[name]
		}
	}
	if s.TemporalAddress == "" && addresses[TemporalAddress] != "" {
		s.TemporalAddress, s.embedded = addresses[TemporalAddress], true
	}
	return s
}

// Addresses are those of the servers, for With of another command.
func (s Settings) Addresses() map[string]string {
	return map[string]string{
		DatabaseURL: s.DatabaseURL, TemporalAddress: s.TemporalAddress, SMTPURL: s.SMTPURL, EvidenceURL: s.EvidenceURL,
		PortalURL: s.PortalURL, PublicURL: s.PublicURL, "OPERATIONS_ADDRESS": s.OperationsAddress,
	}
}

// Discover fills in the addresses that a running `up` or `demo` wrote into the state folder, or into a folder below it.
// They are left alone if they are of another installation than the one that is named.
func (s Settings) Discover(dir string) (Settings, error) {
	s, err := s.ReadTemporalFile()
	if err != nil {
		return s, err
	}
	below, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return s, err
	}
	for _, folder := range append([]string{dir}, below...) {
		// Whatever keeps a folder's addresses from being read, the servers there can't be found by them.
		if addresses, err := devstack.ReadAddresses(folder); err == nil && s.sameInstallation(addresses) {
			return s.With(addresses), nil
		}
	}
	return s, nil
}

func (s Settings) sameInstallation(addresses map[string]string) bool {
	return (s.DatabaseURL == "" || s.DatabaseURL == addresses[DatabaseURL]) &&
		(s.TemporalAddress == "" || s.TemporalAddress == addresses[TemporalAddress])
}

// ReadTemporalFile takes what Temporal's own configuration, which may be a file, says beyond the environment.
func (s Settings) ReadTemporalFile() (Settings, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return s, fault(TemporalAddress, "couldn't read Temporal's configuration: %w", err)
	}
	if s.TemporalAddress == "" {
		s.TemporalAddress = options.HostPort
	}
	if s.TemporalNamespace == "" && s.TemporalAddress != "" {
		s.TemporalNamespace = options.Namespace
	}
	return s, nil
}

// Environment is base with the settings in it, for a program that is started with them.
func (s Settings) Environment(base []string) []string {
	names := map[string]string{}
	for i := range reflect.TypeFor[Settings]().NumField() {
		if name, ok := reflect.TypeFor[Settings]().Field(i).Tag.Lookup("env"); ok {
			names[name] = reflect.ValueOf(s).Field(i).String()
		}
	}
	if s.embedded {
		names["TEMPORAL_CONFIG_FILE"] = os.DevNull
	}
	environment := slices.DeleteFunc(slices.Clone(base), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, ours := names[name]
		return ours || s.embedded && strings.HasPrefix(name, "TEMPORAL_")
	})
	for name, value := range names {
		if value != "" {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}
