package service

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store/query"
)

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	service := start(t, given(t), Tasks)
	for path, want := range map[string]string{"/healthz": "alive\n", "/readyz": "ready\n"} {
		if status, body := service.get(t, path); status != http.StatusOK || body != want {
			t.Errorf("GET %s: %d %q, want 200 %q", path, status, body, want)
		}
	}
	status, body := service.get(t, "/metrics")
	for _, want := range []string{"go_goroutines ", `operation="GetSystemInfo"`, `le="0.25"`, "temporal_worker_start{"} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET /metrics: %d, without %s:\n%s", status, want, body)
		}
	}
	if status, _ := service.get(t, "/"); status != http.StatusNotFound {
		t.Errorf("GET /: %d, want 404", status)
	}
	service.stop()
	must(t, service.awaitEnd(t))
}

// A worker that has lost a server still lives, but takes no work: it says so.
func TestNotReady(t *testing.T) {
	t.Parallel()
	complete := given(t)
	data, err := complete.OpenStore(t.Context())
	must(t, err)
	temporal, err := complete.DialTemporal(t.Context(), quiet)
	must(t, err)
	asked := &database{data.Ping, make(chan struct{}, 1)}
	health := &health{databases: []*database{asked}, temporal: temporal}
	expect := func(want int, says string) {
		t.Helper()
		answer := httptest.NewRecorder()
		health.ready(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", http.NoBody))
		if answer.Code != want || !strings.Contains(answer.Body.String(), says) {
			t.Errorf("/readyz says %d %q, want %d %q", answer.Code, answer.Body, want, says)
		}
	}
	expect(http.StatusOK, "ready")
	asked.asking <- struct{}{} // somebody waits for PostgreSQL's answer
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := asked.ask(impatient); err == nil {
		t.Error("a question that is not answered counts as answered")
	}
	<-asked.asking
	must(t, data.Close())
	expect(http.StatusServiceUnavailable, "no answer from PostgreSQL")
	temporal.Close()
	expect(http.StatusServiceUnavailable, "no answer from Temporal")
	health.stopping.Store(true)
	expect(http.StatusServiceUnavailable, "stopping")
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, listener.Close()) })
	operations, portal := given(t), given(t)
	operations.OperationsAddress, portal.PortalAddress = listener.Addr().String(), listener.Addr().String()
	for setting, complete := range map[string]settings.Settings{"OPERATIONS_ADDRESS": operations, "PORTAL_ADDRESS": portal} {
		if err := New(complete, AllRoles(), quiet).Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), setting+": ") {
			t.Errorf("Run says %v, want a fault of %s", err, setting)
		}
	}
}

func TestNoMailServer(t *testing.T) {
	t.Parallel()
	complete := given(t)
	complete.SMTPURL = "smtp://127.0.0.1:1"
	if err := New(complete, AllRoles(), quiet).Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "SMTP_URL: ") {
		t.Errorf("Run says %v, want a fault of SMTP_URL", err)
	}
}

// notices is how many units the sample has: each gets one notice.
const notices = 40

// A worker that is told to stop while it delivers finishes what it has begun, and notes it. It runs beside no other
// test: another worker would take its work.
func TestStopFinishesRunningWork(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	stack.Inbox.Behave(func(moment devstack.Moment) devstack.Answer {
		if moment.Stage == devstack.AtData {
			once.Do(func() { close(arrived) })
			<-release
		}
		return devstack.Answer{}
	})
	complete := given(t)
	service := start(t, complete, Tasks)
	cycle := play(t, complete)
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("no mail leaves")
	}
	_, figures := service.get(t, "/metrics")
	if want := `kaoping_mails{cycle="pingliang/2025",rehearsal="1",state="sending"} 40`; !strings.Contains(figures, want) {
		t.Errorf("metrics lack %s:\n%s", want, figures)
	}
	service.stop()
	awaitStopping(t, service)
	select {
	case <-service.ended:
		t.Fatalf("it ended while a mail was on its way: %v", service.err)
	default:
	}
	close(release)
	must(t, service.awaitEnd(t))
	states := ledger(t, complete, cycle)
	if states["sent"] != notices || len(states) != 1 {
		t.Errorf("the ledger has %v, want %d sent", states, notices)
	}
	if got := len(stack.Inbox.Messages()); got != notices {
		t.Errorf("%d mails arrived, want %d", got, notices)
	}
}

// Where the mail server is not on this machine a rehearsal has an inbox of its own: its mails are delivered, and none of
// them leaves. It runs beside no other test, as the one before.
func TestARehearsalsMailsStayHere(t *testing.T) {
	complete := given(t)
	complete.SMTPURL = strings.Replace(complete.SMTPURL, "127.0.0.1", "0.0.0.0", 1) // another name of this machine, as a server elsewhere has
	received := len(stack.Inbox.Messages())
	service := start(t, complete, Tasks)
	cycle := play(t, complete)
	for deadline := time.Now().Add(patience); ledger(t, complete, cycle)["sent"] < notices; {
		if time.Now().After(deadline) {
			t.Fatalf("the ledger has %v, want %d sent", ledger(t, complete, cycle), notices)
		}
	}
	service.stop()
	must(t, service.awaitEnd(t))
	if got := len(stack.Inbox.Messages()); got != received {
		t.Errorf("%d mails left this machine", got-received)
	}
}

// play starts a rehearsal of the sample.
func play(t *testing.T, complete settings.Settings) query.Cycle {
	t.Helper()
	office, err := complete.OpenOffice(t.Context(), quiet)
	must(t, err)
	t.Cleanup(func() { must(t, settings.CloseOffice(office)) })
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	must(t, err)
	set, err := documents.ReadDataSet(files, office.Rules)
	must(t, err)
	cycle, err := office.ImportRehearsal(t.Context(), set, time.Second)
	must(t, err)
	desk, err := office.AdminDesk(t.Context(), cycle)
	must(t, err)
	must(t, desk.Start(t.Context(), time.Now()))
	return cycle
}

// awaitStopping waits until the service says that it stops.
func awaitStopping(t *testing.T, service *running) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		if status, body := service.get(t, "/readyz"); status == http.StatusServiceUnavailable && body == "stopping\n" {
			return
		}
	}
	t.Fatal("it does not stop")
}

func ledger(t *testing.T, complete settings.Settings, cycle query.Cycle) map[string]int64 {
	t.Helper()
	data, err := complete.OpenStore(t.Context())
	must(t, err)
	defer func() { must(t, data.Close()) }()
	rows, err := data.StatusMails(t.Context(), query.StatusMailsParams{CycleID: cycle.CycleID})
	must(t, err)
	states := map[string]int64{}
	for _, row := range rows {
		states[row.State] = row.Mails
	}
	return states
}
