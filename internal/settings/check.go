package settings

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kaoping/kaoping/mail"
)

// Listen addresses where none is set.
const (
	DefaultPortalAddress     = "127.0.0.1:8080"
	DefaultPublicAddress     = "127.0.0.1:8081"
	DefaultOperationsAddress = "127.0.0.1:9090"
)

// Complete fills in the defaults and checks every setting; dir is the state folder. The error has a line for each
// fault. Addresses of servers stay empty where nobody knows them: not every command needs all.
func (s Settings) Complete(dir string) (Settings, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return s, fmt.Errorf("couldn't resolve the state folder: %w", err)
	}
	for field, value := range map[*string]string{
		&s.TemporalNamespace: "default",
		&s.MailFrom:          "zwgk@localhost",
		&s.EvidenceURL:       (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "evidence"))}).String(),
		&s.PortalAddress:     DefaultPortalAddress,
		&s.PublicAddress:     DefaultPublicAddress,
		&s.OperationsAddress: DefaultOperationsAddress,
		&s.PublicRate:        "60/m",
		&s.PublicWork:        "50000",
		&s.SigningKeyFile:    filepath.Join(dir, "signing.key"),
	} {
		if *field == "" {
			*field = value
		}
	}
	if err := s.check(); err != nil {
		return s, err
	}
	if s.PublicDatabaseURL == "" {
		s.PublicDatabaseURL = s.DatabaseURL
	}
	if s.PortalURL == "" {
		s.PortalURL = urlOf(s.PortalAddress)
	}
	if s.PublicURL == "" {
		s.PublicURL = urlOf(s.PublicAddress)
	}
	return s, nil
}

// OperationsURL is where this machine reaches health and metrics.
func (s Settings) OperationsURL() string { return urlOf(s.OperationsAddress) }

// urlOf is how a browser on this machine reaches a listen address.
func urlOf(address string) string {
	host, port, _ := net.SplitHostPort(address) // checked before
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (s Settings) check() error {
	var faults []error
	for _, setting := range []struct {
		name, value string
		check       func(string) error
	}{
		{DatabaseURL, s.DatabaseURL, checkDatabase},
		{TemporalAddress, s.TemporalAddress, checkHostPort},
		{"TEMPORAL_NAMESPACE", s.TemporalNamespace, s.checkNamespace},
		{SMTPURL, s.SMTPURL, func(text string) error { _, err := mail.ParseURL(text); return err }},
		{"MAIL_FROM", s.MailFrom, mail.CheckAddress},
		{EvidenceURL, s.EvidenceURL, checkURL},
		{"PORTAL_ADDRESS", s.PortalAddress, checkListen},
		{"PUBLIC_ADDRESS", s.PublicAddress, checkListen},
		{"OPERATIONS_ADDRESS", s.OperationsAddress, checkListen},
		{"PORTAL_URL", s.PortalURL, checkWeb},
		{"PUBLIC_URL", s.PublicURL, checkWeb},
		{"OIDC_ISSUER", s.OIDCIssuer, s.checkIssuer},
		{"TRUSTED_PROXIES", s.TrustedProxies, checkNetworks},
		{"PUBLIC_DATABASE_URL", s.PublicDatabaseURL, checkDatabase},
		{"PUBLIC_RATE", s.PublicRate, checkRate},
		{"PUBLIC_WORK", s.PublicWork, checkWork},
	} {
		if setting.value == "" {
			continue
		}
		if err := setting.check(setting.value); err != nil {
			faults = append(faults, &Error{Setting: setting.name, Err: err})
		}
	}
	return errors.Join(faults...)
}

// checkDatabase never quotes the text: it holds a password.
func checkDatabase(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") {
		return errors.New("is not of the form postgres://user:password@host:port/database (in a password, write characters such as / @ : % ? # as %2F and so on)")
	}
	return nil
}

func checkHostPort(text string) error {
	host, port, err := net.SplitHostPort(text)
	number, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || host == "" || number < 1 || number > 65535 {
		return fmt.Errorf("%q is not of the form host:port", text)
	}
	return nil
}

func (s Settings) checkNamespace(name string) error {
	if (s.embedded || s.TemporalAddress == "") && name != "default" {
		return fmt.Errorf("%q is for a server of your own: set TEMPORAL_ADDRESS too; the embedded one has only the namespace default", name)
	}
	return nil
}

func checkListen(text string) error {
	_, port, err := net.SplitHostPort(text)
	number, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || number < 0 || number > 65535 {
		return fmt.Errorf("%q is not of the form host:port", text)
	}
	return nil
}

func checkURL(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme == "" {
		return errors.New("is not a URL such as file:///folder or s3://bucket?region=CODE")
	}
	return nil
}

func checkWeb(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return fmt.Errorf("%q is not of the form https://host", text)
	}
	return nil
}

func (s Settings) checkIssuer(text string) error {
	if s.OIDCClient == "" {
		return errors.New("needs OIDC_CLIENT, the portal's client id there")
	}
	return checkWeb(text)
}

func checkNetworks(text string) error {
	for network := range strings.SplitSeq(text, ",") {
		if _, err := netip.ParsePrefix(strings.TrimSpace(network)); err != nil {
			return fmt.Errorf("%q is not a network such as 10.0.0.0/8", strings.TrimSpace(network))
		}
	}
	return nil
}

var rateShape = regexp.MustCompile(`^([1-9][0-9]{0,5}/[smh]|off)$`)

func checkRate(text string) error {
	if !rateShape.MatchString(text) {
		return fmt.Errorf("%q is neither of the form 60/m (s, m, h) nor off", text)
	}
	return nil
}

func checkWork(text string) error {
	if number, err := strconv.ParseUint(text, 10, 31); err != nil || strconv.FormatUint(number, 10) != text {
		return fmt.Errorf("%q is not a whole number", text)
	}
	return nil
}

// Rate is how many ballots an address may cast in which time; 0 for off.
func (s Settings) Rate() (number int, per time.Duration) {
	text, unit, _ := strings.Cut(s.PublicRate, "/")
	number, _ = strconv.Atoi(text) // Complete has checked it; off is 0
	return number, map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
}

// Work is the size of a ballot's proof of work, which Complete has checked.
func (s Settings) Work() int64 {
	size, _ := strconv.ParseInt(s.PublicWork, 10, 64)
	return size
}

// Proxies are the networks of TRUSTED_PROXIES, which Complete has checked.
func (s Settings) Proxies() []netip.Prefix {
	var proxies []netip.Prefix
	for network := range strings.SplitSeq(s.TrustedProxies, ",") {
		if prefix, err := netip.ParsePrefix(strings.TrimSpace(network)); err == nil {
			proxies = append(proxies, prefix)
		}
	}
	return proxies
}
