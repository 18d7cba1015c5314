package settings

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kaoping/kaoping/internal/devstack"
)

// TestMain keeps the machine's own Temporal configuration out of the tests.
func TestMain(m *testing.M) {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TEMPORAL_") {
			_ = os.Unsetenv(name) // can't fail for a name that is there
		}
	}
	if err := os.Setenv("TEMPORAL_CONFIG_FILE", os.DevNull); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := Settings{DatabaseURL: "postgres://a@b/c"}.Complete("/srv/.kaoping")
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		DatabaseURL: "postgres://a@b/c", TemporalNamespace: "default", MailFrom: "zwgk@localhost", EvidenceURL: "file:///srv/.kaoping/evidence",
		PortalAddress: "127.0.0.1:8080", PublicAddress: "127.0.0.1:8081", OperationsAddress: "127.0.0.1:9090",
		PortalURL: "http://127.0.0.1:8080", PublicURL: "http://127.0.0.1:8081", PublicDatabaseURL: "postgres://a@b/c",
		PublicRate: "60/m", PublicWork: "50000", SigningKeyFile: "/srv/.kaoping/signing.key",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Settings{})); diff != "" {
		t.Error(diff)
	}
}

func TestLinksFollowTheListenAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:9000": "http://127.0.0.1:9000",
		"0.0.0.0:80":     "http://127.0.0.1:80",
		":8088":          "http://127.0.0.1:8088",
		"[::]:8088":      "http://127.0.0.1:8088",
		"[::1]:8088":     "http://[::1]:8088",
		"host.example:1": "http://host.example:1",
	} {
		got, err := Settings{PortalAddress: address, OperationsAddress: address}.Complete("x")
		if err != nil || got.PortalURL != want || got.OperationsURL() != want {
			t.Errorf("%s: links begin with %s and %s, want %s (%v)", address, got.PortalURL, got.OperationsURL(), want, err)
		}
	}
}

// Each setting is wrong alone; the error is one line that begins with its name.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting  string
		settings Settings
		says     string
	}{
		{"DATABASE_URL", Settings{DatabaseURL: "mysql://a/b"}, "postgres://"},
		{"DATABASE_URL", Settings{DatabaseURL: "postgres://a:se%cret@b/c"}, "postgres://"},
		{"TEMPORAL_ADDRESS", Settings{TemporalAddress: "localhost"}, "host:port"},
		{"TEMPORAL_ADDRESS", Settings{TemporalAddress: ":7233"}, "host:port"},
		{"TEMPORAL_ADDRESS", Settings{TemporalAddress: "h:65536"}, "host:port"},
		{"TEMPORAL_NAMESPACE", Settings{TemporalNamespace: "kaoping"}, "TEMPORAL_ADDRESS"},
		{"SMTP_URL", Settings{SMTPURL: "smtp://h:25?tls=maybe"}, "maybe"},
		{"MAIL_FROM", Settings{MailFrom: "a@b\r\nBcc: c@d"}, "control character"},
		{"EVIDENCE_URL", Settings{EvidenceURL: "evidence"}, "file:///folder"},
		{"PORTAL_ADDRESS", Settings{PortalAddress: "8080"}, "host:port"},
		{"PUBLIC_ADDRESS", Settings{PublicAddress: "h:x"}, "host:port"},
		{"OPERATIONS_ADDRESS", Settings{OperationsAddress: "h:-1"}, "host:port"},
		{"PORTAL_URL", Settings{PortalURL: "ftp://h"}, "https://host"},
		{"PORTAL_URL", Settings{PortalURL: "https://h/?a=b"}, "https://host"},
		{"PUBLIC_URL", Settings{PublicURL: "h.example"}, "https://host"},
		{"TRUSTED_PROXIES", Settings{TrustedProxies: "10.0.0.0/8, 10.0.0.1"}, `"10.0.0.1"`},
		{"PUBLIC_DATABASE_URL", Settings{PublicDatabaseURL: "x"}, "postgres://"},
		{"PUBLIC_RATE", Settings{PublicRate: "60"}, "60/m"},
		{"PUBLIC_RATE", Settings{PublicRate: "0/s"}, "60/m"},
		{"PUBLIC_WORK", Settings{PublicWork: "-1"}, "whole number"},
		{"PUBLIC_WORK", Settings{PublicWork: "050"}, "whole number"},
	} {
		_, err := test.settings.Complete("x")
		if err == nil {
			t.Errorf("%s: %+v is not refused", test.setting, test.settings)
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, test.setting+": ") || !strings.Contains(text, test.says) || strings.Contains(text, "\n") {
			t.Errorf("%s: %q is not one line that names it and says %q", test.setting, text, test.says)
		}
		if strings.Contains(err.Error(), "se%cret") {
			t.Errorf("a password is shown: %s", err)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Settings{PublicRate: "x", PublicWork: "y"}.Complete("x")
	if got := strings.Count(err.Error(), "\n"); got != 1 {
		t.Errorf("%d line breaks in %q, want one line for each of two faults", got, err)
	}
	var first *Error
	if !errors.As(err, &first) || first.Setting != "PUBLIC_RATE" {
		t.Errorf("%v does not begin with PUBLIC_RATE", err)
	}
}

func TestRight(t *testing.T) {
	t.Parallel()
	if _, err := (Settings{
		DatabaseURL: "postgresql://u:p%2F@[::1]:5432/d?sslmode=disable", TemporalAddress: "t:7233", TemporalNamespace: "kaoping",
		SMTPURL: "smtp://u:p@h:587?tls=starttls", MailFrom: "zwgk@city.gov.example", EvidenceURL: "s3://bucket?region=x",
		PortalAddress: ":0", PortalURL: "https://kp.example/path", TrustedProxies: "10.0.0.0/8,fd00::/8", PublicRate: "off", PublicWork: "0",
	}).Complete("x"); err != nil {
		t.Error(err)
	}
}

// addresses are written by this process, so that they are never stale.
func addresses(t *testing.T, dir string) {
	t.Helper()
	if err := devstack.WriteAddresses(dir, map[string]string{
		DatabaseURL: "postgres://found/d", TemporalAddress: "found:7233", SMTPURL: "smtp://found:25", EvidenceURL: "file:///found",
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	inside, below := t.TempDir(), t.TempDir()
	addresses(t, inside)
	addresses(t, filepath.Join(below, "rehearsal"))
	for name, test := range map[string]struct {
		dir   string
		given Settings
		want  Settings
	}{
		"all":                  {inside, Settings{}, Settings{DatabaseURL: "postgres://found/d", TemporalAddress: "found:7233", SMTPURL: "smtp://found:25", EvidenceURL: "file:///found"}},
		"below":                {below, Settings{}, Settings{DatabaseURL: "postgres://found/d", TemporalAddress: "found:7233", SMTPURL: "smtp://found:25", EvidenceURL: "file:///found"}},
		"what is set stays":    {inside, Settings{SMTPURL: "smtp://own:25"}, Settings{DatabaseURL: "postgres://found/d", TemporalAddress: "found:7233", SMTPURL: "smtp://own:25", EvidenceURL: "file:///found"}},
		"the same database":    {inside, Settings{DatabaseURL: "postgres://found/d"}, Settings{DatabaseURL: "postgres://found/d", TemporalAddress: "found:7233", SMTPURL: "smtp://found:25", EvidenceURL: "file:///found"}},
		"another installation": {inside, Settings{DatabaseURL: "postgres://own/d"}, Settings{DatabaseURL: "postgres://own/d"}},
		"another Temporal":     {inside, Settings{TemporalAddress: "own:7233"}, Settings{TemporalAddress: "own:7233"}},
		"nothing there":        {t.TempDir(), Settings{}, Settings{}},
	} {
		got, err := test.given.Discover(test.dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Settings{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTemporalsOwnFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(file, []byte("[profile.default]\naddress = \"cloud:7233\"\nnamespace = \"city\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEMPORAL_CONFIG_FILE", file)
	got, err := Settings{}.ReadTemporalFile()
	if err != nil || got.TemporalAddress != "cloud:7233" || got.TemporalNamespace != "city" {
		t.Errorf("read %s, namespace %s (%v), want those of the file", got.TemporalAddress, got.TemporalNamespace, err)
	}
	if got, err = (Settings{TemporalAddress: "own:1", TemporalNamespace: "mine"}).ReadTemporalFile(); err != nil || got.TemporalAddress != "own:1" || got.TemporalNamespace != "mine" {
		t.Errorf("read %s, namespace %s (%v), want what was set", got.TemporalAddress, got.TemporalNamespace, err)
	}
	t.Setenv("TEMPORAL_PROFILE", "nobody")
	if _, err := (Settings{}).Discover("x"); err == nil || !strings.HasPrefix(err.Error(), "TEMPORAL_ADDRESS: ") {
		t.Errorf("a profile that is not there gives %v", err)
	}
}

// A worker that is started for an embedded Temporal must not take a key or a profile that is meant for another.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	base := []string{"PATH=/bin", "SMTP_URL=smtp://old:25", "TEMPORAL_API_KEY=k", "TEMPORAL_ADDRESS=old:1", "PUBLIC_WORK=1"}
	embedded := Settings{DatabaseURL: "postgres://d"}.With(map[string]string{TemporalAddress: "127.0.0.1:7233"})
	got := slices.Sorted(slices.Values(embedded.Environment(base)))
	want := []string{"DATABASE_URL=postgres://d", "PATH=/bin", "TEMPORAL_ADDRESS=127.0.0.1:7233", "TEMPORAL_CONFIG_FILE=" + os.DevNull}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("embedded: %s", diff)
	}
	got = slices.Sorted(slices.Values(Settings{TemporalAddress: "cloud:7233"}.Environment(base)))
	want = []string{"PATH=/bin", "TEMPORAL_ADDRESS=cloud:7233", "TEMPORAL_API_KEY=k"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("elsewhere: %s", diff)
	}
}

// Whoever adds a setting gives it a flag, a variable and a word of help.
func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	kind := reflect.TypeFor[Settings]()
	for i := range kind.NumField() {
		field := kind.Field(i)
		if !field.IsExported() {
			continue
		}
		for _, tag := range []string{"name", "env", "help", "placeholder", "group"} {
			if field.Tag.Get(tag) == "" {
				t.Errorf("%s has no tag %s", field.Name, tag)
			}
		}
	}
}
