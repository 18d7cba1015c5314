package settings

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

// nobody is an address at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// opened drops what was opened: these tests want none to be.
func opened[T any](_ T, err error) error { return err }

func TestServersThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	log, away := slog.New(slog.DiscardHandler), nobody(t)
	open := map[string]func(context.Context, Settings) error{
		"DATABASE_URL":     func(ctx context.Context, s Settings) error { return opened[*store.Store](s.OpenStore(ctx)) },
		"TEMPORAL_ADDRESS": func(ctx context.Context, s Settings) error { return opened[client.Client](s.DialTemporal(ctx, log)) },
		"SMTP_URL":         func(ctx context.Context, s Settings) error { return opened[*mail.Sender](s.OpenSender(ctx, 1)) },
		"EVIDENCE_URL": func(ctx context.Context, s Settings) error {
			return opened[*documents.EvidenceStore](s.OpenEvidence(ctx))
		},
	}
	for setting, given := range map[string]Settings{
		"DATABASE_URL":     {DatabaseURL: "postgres://" + away + "/kaoping?sslmode=disable"},
		"TEMPORAL_ADDRESS": {TemporalAddress: away},
		"SMTP_URL":         {SMTPURL: "smtp://" + away},
		"EVIDENCE_URL":     {EvidenceURL: "gopher://bucket"},
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			complete, err := given.Complete(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			err = open[setting](t.Context(), complete)
			if err == nil || !strings.HasPrefix(err.Error(), setting+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is not one line that names %s", err, setting)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	complete, err := Settings{}.Complete(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"DATABASE_URL":     opened[*office.Office](complete.OpenOffice(t.Context(), log)),
		"TEMPORAL_ADDRESS": opened[client.Client](complete.DialTemporal(t.Context(), log)),
		"SMTP_URL":         opened[*mail.Sender](complete.OpenSender(t.Context(), 1)),
	} {
		if !errors.Is(err, errNoServer) || err.Error() != want+": no server: set it, or run starter up in this folder" {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A mail server that says "later" is there; only silence is a fault of the setting.
func TestMailServerThatIsBusy(t *testing.T) {
	t.Parallel()
	inbox, err := devstack.StartInbox(devstack.Settings{Dir: t.TempDir()}, devstack.InboxOptions{Username: "kaoping", Password: "right"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inbox.Close(); err != nil {
			t.Error(err)
		}
	})
	sender, err := Settings{SMTPURL: strings.Replace(inbox.URL(), "right", "wrong", 1)}.OpenSender(t.Context(), 1)
	if err != nil {
		t.Fatalf("a wrong password is an answer, not silence: %v", err)
	}
	defer sender.Close()
	var answered *mail.TemporaryError
	if err := sender.Check(t.Context()); !errors.As(err, &answered) || answered.Step != "AUTH" || answered.Code != 535 {
		t.Errorf("Check says %v, want the answer to AUTH", err)
	}
}

func TestOnlyWarningsOfTemporal(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	log := slog.New(warnings{slog.NewTextHandler(&text, nil)}.WithAttrs([]slog.Attr{slog.String("a", "b")}).WithGroup("g"))
	log.Info("routine")
	log.Warn("odd", "k", "v")
	if got := text.String(); strings.Contains(got, "routine") || !strings.Contains(got, "msg=odd a=b g.k=v") {
		t.Errorf("logged %q", got)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	library, err := Rules("")
	if err != nil {
		t.Fatal(err)
	}
	if ids := library.IDs(); len(ids) != 1 || ids[0] != "pingliang-2022" {
		t.Errorf("built in are %v", ids)
	}
	var faults rules.Faults
	if _, err := Rules("../../schemas/rules"); !errors.As(err, &faults) {
		t.Errorf("the built-in rule set a second time: %v, want a fault", err)
	}
}
