package settings

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	sdklog "go.temporal.io/sdk/log"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
)

// patience is how long a server may take to answer for the first time.
const patience = 15 * time.Second

// Rules are the built-in rule sets, and beside them those of a folder if one is named. What is wrong in its files comes
// as rules.Faults.
func Rules(dir string) (rules.Library, error) {
	library, err := rules.Load(schemas.Rules)
	if err != nil || dir == "" {
		return library, err
	}
	more, err := rules.Load(os.DirFS(dir))
	if err != nil {
		return library, err
	}
	return library.With(more)
}

// StoreConfig is how PostgreSQL is reached.
func (s Settings) StoreConfig() (store.Config, error) {
	if s.DatabaseURL == "" {
		return store.Config{}, &Error{Setting: DatabaseURL, Err: errNoServer}
	}
	return store.Config{URL: s.DatabaseURL}, nil
}

// OpenStore connects to PostgreSQL.
func (s Settings) OpenStore(ctx context.Context) (*store.Store, error) {
	config, err := s.StoreConfig()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	opened, err := store.Open(ctx, config)
	if err != nil {
		return nil, &Error{Setting: DatabaseURL, Err: err}
	}
	return opened, nil
}

// DialTemporal connects to Temporal, of whose own messages only warnings and worse are logged. More options can be set
// before the connection is made.
func (s Settings) DialTemporal(ctx context.Context, log *slog.Logger, more ...func(*client.Options)) (client.Client, error) {
	options, err := s.temporalOptions()
	if err != nil {
		return nil, &Error{Setting: TemporalAddress, Err: err}
	}
	options.Logger = sdklog.NewStructuredLogger(slog.New(warnings{log.Handler()}))
	for _, set := range more {
		set(&options)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	temporal, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, &Error{Setting: TemporalAddress, Err: fmt.Errorf("couldn't reach Temporal: %w", err)}
	}
	if err := s.findNamespace(ctx, temporal); err != nil {
		temporal.Close()
		return nil, err
	}
	return temporal, nil
}

func (s Settings) temporalOptions() (client.Options, error) {
	if s.TemporalAddress == "" {
		return client.Options{}, errNoServer
	}
	var options client.Options
	if !s.embedded {
		var err error
		if options, err = envconfig.LoadDefaultClientOptions(); err != nil {
			return options, fmt.Errorf("couldn't read Temporal's configuration: %w", err)
		}
	}
	options.HostPort = s.TemporalAddress
	if s.TemporalNamespace != "" {
		options.Namespace = s.TemporalNamespace
	}
	if tlsConfig := options.ConnectionOptions.TLS; tlsConfig != nil && tlsConfig.MinVersion == 0 {
		tlsConfig.MinVersion = tls.VersionTLS12
	}
	return options, nil
}

// findNamespace names the setting that is wrong; a server that does not tell is believed.
func (s Settings) findNamespace(ctx context.Context, temporal client.Client) error {
	_, err := temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.TemporalNamespace})
	var missing *serviceerror.NamespaceNotFound
	if errors.As(err, &missing) {
		return fault("TEMPORAL_NAMESPACE", "Temporal knows no namespace %s", s.TemporalNamespace)
	}
	return nil
}

// warnings drops what is less than a warning, whatever the handler beneath lets through.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attributes []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attributes)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// OpenPublic reaches PostgreSQL as the public's role does.
func (s Settings) OpenPublic(ctx context.Context) (*store.Public, error) {
	if s.PublicDatabaseURL == "" {
		return nil, &Error{Setting: "PUBLIC_DATABASE_URL", Err: errNoServer}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	opened, err := store.OpenPublic(ctx, store.Config{URL: s.PublicDatabaseURL})
	if err != nil {
		return nil, &Error{Setting: "PUBLIC_DATABASE_URL", Err: err}
	}
	return opened, nil
}

// OpenEvidence opens the evidence store.
func (s Settings) OpenEvidence(ctx context.Context) (*documents.EvidenceStore, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	evidence, err := documents.OpenEvidence(ctx, s.EvidenceURL)
	if err != nil {
		return nil, &Error{Setting: EvidenceURL, Err: err}
	}
	return evidence, nil
}

// MailServer is that of SMTP_URL; the zero value if it is not set.
func (s Settings) MailServer() (mail.Server, error) {
	if s.SMTPURL == "" {
		return mail.Server{}, nil
	}
	server, err := mail.ParseURL(s.SMTPURL)
	if err != nil {
		return mail.Server{}, &Error{Setting: SMTPURL, Err: err}
	}
	return server, nil
}

// OpenSender makes sure that the mail server answers, be it with "try again later".
func (s Settings) OpenSender(ctx context.Context, connections int) (*mail.Sender, error) {
	if s.SMTPURL == "" {
		return nil, &Error{Setting: SMTPURL, Err: errNoServer}
	}
	sender, err := mail.NewSender(mail.SenderConfig{URL: s.SMTPURL, Connections: connections})
	if err != nil {
		return nil, &Error{Setting: SMTPURL, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var unanswered *mail.TemporaryError
	if err := sender.Check(ctx); errors.As(err, &unanswered) && unanswered.Code == 0 {
		sender.Close()
		return nil, &Error{Setting: SMTPURL, Err: fmt.Errorf("couldn't reach the mail server: %w", err)}
	}
	return sender, nil
}

// OpenOffice opens what people's acts need; CloseOffice ends it.
func (s Settings) OpenOffice(ctx context.Context, log *slog.Logger) (*office.Office, error) {
	library, err := Rules("")
	if err != nil {
		return nil, fmt.Errorf("couldn't read the built-in rule sets: %w", err)
	}
	data, err := s.OpenStore(ctx)
	if err != nil {
		return nil, err
	}
	evidence, err := s.OpenEvidence(ctx)
	if err != nil {
		return nil, errors.Join(err, data.Close())
	}
	temporal, err := s.DialTemporal(ctx, log)
	if err != nil {
		return nil, errors.Join(err, evidence.Close(), data.Close())
	}
	return &office.Office{Store: data, Temporal: temporal, Rules: library, Evidence: evidence}, nil
}

// CloseOffice ends an office's connections.
func CloseOffice(office *office.Office) error {
	office.Temporal.Close()
	return errors.Join(office.Evidence.Close(), office.Store.Close())
}
