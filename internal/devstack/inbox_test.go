package devstack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func startInbox(t *testing.T, options InboxOptions) *Inbox {
	t.Helper()
	b, err := StartInbox(settings(t), options)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	return b
}

// connect opens a conversation as the URL says.
func connect(address string, roots *x509.CertPool) (*smtp.Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	trust := &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
	dial := map[string]func() (*smtp.Client, error){
		"none":     func() (*smtp.Client, error) { return smtp.Dial(u.Host) },
		"starttls": func() (*smtp.Client, error) { return smtp.DialStartTLS(u.Host, trust) },
		"implicit": func() (*smtp.Client, error) { return smtp.DialTLS(u.Host, trust) },
	}[u.Query().Get("tls")]
	c, err := dial()
	if err != nil {
		return nil, err
	}
	if password, ok := u.User.Password(); ok {
		err = c.Auth(sasl.NewPlainClient("", u.User.Username(), password))
	}
	return c, err
}

func send(address string, roots *x509.CertPool, to, message string) error {
	c, err := connect(address, roots)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // the inbox may have been quicker
	return c.SendMail("from@example.cn", []string{to}, strings.NewReader(message))
}

func code(t *testing.T, err error) int {
	t.Helper()
	refusal, ok := errors.AsType[*smtp.SMTPError](err)
	if !ok {
		t.Fatalf("it is no answer of the server: %v", err)
	}
	return refusal.Code
}

const (
	subject = "=?UTF-8?B?5YWz5LqO5byA5bGV5pS/5Yqh5YWs5byA6ICD5qC455qE6YCa55+l?="
	notice  = "Message-Id: <1@example.cn>\r\nSubject: " + subject + "\r\n\r\n..dots\r\n"
)

func TestInboxKeepsMessages(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{})
	before := time.Now()
	must(t, send(b.URL(), nil, "c01@example.cn", notice))
	must(t, send(b.URL(), nil, "c02@example.cn", "Subject: plain\r\n\r\nx\r\n"))
	must(t, send(b.URL(), nil, "c03@example.cn", "no header at all"))

	messages := b.Messages()
	is(t, "messages", len(messages), 3)
	first := messages[0]
	is(t, "number", first.Number, 1)
	is(t, "to", first.To, "c01@example.cn")
	is(t, "from", first.From, "from@example.cn")
	is(t, "message id", first.MessageID, "<1@example.cn>")
	is(t, "subject", first.Subject, "关于开展政务公开考核的通知")
	is(t, "received in time", first.Received.Before(before) || first.Received.After(time.Now()), false)
	is(t, "path", first.Path, filepath.Join(b.Folder(), "0001-c01@example.cn.eml"))
	content, err := os.ReadFile(first.Path)
	must(t, err)
	is(t, "content", string(content), notice)
	is(t, "second subject", messages[1].Subject, "plain")
	is(t, "third subject", messages[2].Subject, "")
	is(t, "third path", filepath.Base(messages[2].Path), "0003-c03@example.cn.eml")
	is(t, "connections", b.Connections(), 3)
}

func TestInboxGivesEachRecipientAFile(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{})
	c, err := connect(b.URL(), nil)
	must(t, err)
	to := []string{"a@example.cn", "../b/../../c@example.cn"}
	must(t, c.SendMail("from@example.cn", to, strings.NewReader(notice)))
	must(t, c.Quit())
	var names []string
	for _, message := range b.Messages() {
		names = append(names, filepath.Base(message.Path))
	}
	is(t, "files", strings.Join(names, " "), "0001-a@example.cn.eml 0002-.._b_.._.._c@example.cn.eml")
	is(t, "second recipient", b.Messages()[1].To, "../b/../../c@example.cn")
}

func TestInboxLeavesItsOwnFolderInPlace(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mails")
	first := startInbox(t, InboxOptions{Folder: folder})
	must(t, send(first.URL(), nil, "a@example.cn", notice))
	must(t, first.Close())
	must(t, os.WriteFile(filepath.Join(folder, ".incoming-1"), []byte("half"), 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "notes.txt"), nil, 0o600))

	second := startInbox(t, InboxOptions{Folder: folder})
	must(t, send(second.URL(), nil, "b@example.cn", notice))
	messages := second.Messages()
	is(t, "messages", len(messages), 2)
	is(t, "old recipient", messages[0].To, "a@example.cn")
	is(t, "old subject", messages[0].Subject, "关于开展政务公开考核的通知")
	is(t, "old message id", messages[0].MessageID, "<1@example.cn>")
	is(t, "new number", messages[1].Number, 2)
	is(t, "half a message", isThere(t, filepath.Join(folder, ".incoming-1")), false)
	is(t, "another's file", isThere(t, filepath.Join(folder, "notes.txt")), true)
}

func TestInboxDiscards(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{Discard: true})
	must(t, send(b.URL(), nil, "a@example.cn", notice))
	is(t, "message id", b.Messages()[0].MessageID, "<1@example.cn>")
	is(t, "path", b.Messages()[0].Path, "")
	files, err := filepath.Glob(filepath.Join(b.Folder(), "*.eml"))
	must(t, err)
	is(t, "files", len(files), 0)
}

func TestInboxForgets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := StartInbox(Settings{Dir: dir}, InboxOptions{Forget: true})
	must(t, err)
	must(t, send(b.URL(), nil, "a@example.cn", notice))
	is(t, "messages", len(b.Messages()), 0)
	must(t, b.Close())
	entries, err := os.ReadDir(dir)
	must(t, err)
	is(t, "files", len(entries), 0)
}

func TestInboxTakesItsTime(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{Delay: 50 * time.Millisecond, Discard: true})
	began := time.Now()
	must(t, send(b.URL(), nil, "a@example.cn", notice))
	is(t, "at least the delay", time.Since(began) >= 50*time.Millisecond, true)
}

func TestInboxRefusesTooBig(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{MaxBytes: 1000})
	err := send(b.URL(), nil, "a@example.cn", strings.Repeat("too long\r\n", 101))
	is(t, "code", code(t, err), 552)
	is(t, "messages", len(b.Messages()), 0)
	must(t, send(b.URL(), nil, "a@example.cn", strings.Repeat("fits in\r\n", 111)))
}

func TestInboxEndsIdleConnections(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{Idle: 50 * time.Millisecond})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(b.URL(), "smtp://"), "?tls=none"))
	must(t, err)
	said, err := io.ReadAll(conn)
	must(t, errors.Join(err, conn.Close()))
	want := "220 localhost ESMTP Service Ready\r\n421 4.4.2 Idle timeout, bye bye\r\n" //nolint:dupword // the library says it twice
	is(t, "what was said", string(said), want)
}

func TestInboxWithTLSAndPassword(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"none", "starttls", "implicit"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := startInbox(t, InboxOptions{TLS: mode, Username: "office", Password: "p@ss/word"})
			if !strings.HasPrefix(b.URL(), "smtp://office:p%40ss%2Fword@127.0.0.1:") || !strings.HasSuffix(b.URL(), "?tls="+mode) {
				t.Errorf("the address is %s", b.URL())
			}
			must(t, send(b.URL(), b.Roots(), "a@example.cn", notice))
			is(t, "messages", len(b.Messages()), 1)
			err := send(strings.Replace(b.URL(), "word@", "ward@", 1), b.Roots(), "a@example.cn", notice)
			is(t, "wrong password", code(t, err), 535)
			err = send(strings.Replace(b.URL(), "office:p%40ss%2Fword@", "", 1), b.Roots(), "a@example.cn", notice)
			is(t, "no password", code(t, err), 502)
			if mode != "none" {
				mustFail(t, send(b.URL(), x509.NewCertPool(), "a@example.cn", notice), "unknown authority")
			}
			is(t, "messages in the end", len(b.Messages()), 1)
		})
	}
}

func TestInboxAnswersAsAsked(t *testing.T) {
	t.Parallel()
	busy := Answer{Code: 451, Text: "Try again later"}
	for name, c := range map[string]struct {
		behaviour Behaviour
		codes     []int // of three attempts; 0 is success
		stored    int
	}{
		"connection": {First(1, AtConnect, Answer{Code: 421, Text: "Too many connections"}), []int{421, 0, 0}, 2},
		"sender":     {First(2, AtSender, busy), []int{451, 451, 0}, 1},
		"recipient":  {First(2, AtRecipient, busy), []int{451, 451, 0}, 1},
		"data":       {First(1, AtData, busy), []int{451, 0, 0}, 2},
		"stored":     {First(1, AtStored, busy), []int{451, 0, 0}, 3},
		"always":     {At(AtData, Answer{Code: 554, Text: "Spam"}), []int{554, 554, 554}, 0},
		"refused":    {Refuse("A@Example.cn"), []int{550, 550, 550}, 0},
		"another":    {Refuse("b@example.cn"), []int{0, 0, 0}, 3},
		"together":   {Together(First(1, AtSender, busy), First(2, AtData, busy)), []int{451, 451, 451}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startInbox(t, InboxOptions{Behaviour: c.behaviour})
			var codes []int
			for range 3 {
				err := send(b.URL(), nil, "a@example.cn", notice)
				if err == nil {
					codes = append(codes, 0)
				} else {
					codes = append(codes, code(t, err))
				}
			}
			if !slices.Equal(codes, c.codes) {
				t.Errorf("the answers are %v, and should be %v", codes, c.codes)
			}
			is(t, "stored", len(b.Messages()), c.stored)
			is(t, "connections", b.Connections(), 3)
			b.Behave(nil)
			must(t, send(b.URL(), nil, "a@example.cn", notice))
		})
	}
}

func TestInboxTellsTheMoment(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	b := startInbox(t, InboxOptions{Behaviour: func(m Moment) Answer {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, fmt.Sprintf("%d/%d/%s/%s", m.Stage, m.Connection, m.From, m.To))
		return Answer{}
	}})
	must(t, send(b.URL(), nil, "a@example.cn", notice))
	want := "0/1// 1/1/from@example.cn/ 2/1/from@example.cn/a@example.cn 3/1/from@example.cn/a@example.cn 4/1/from@example.cn/a@example.cn"
	is(t, "moments", strings.Join(seen, " "), want)
}

func TestInboxDropsTheConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stage  Stage
		stored int
	}{
		"connect": {AtConnect, 0}, "sender": {AtSender, 0}, "recipient": {AtRecipient, 0}, "data": {AtData, 0}, "stored": {AtStored, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startInbox(t, InboxOptions{Behaviour: First(1, c.stage, Answer{Drop: true})})
			err := send(b.URL(), nil, "a@example.cn", notice+strings.Repeat("and more\r\n", 100_000))
			if _, answered := errors.AsType[*smtp.SMTPError](err); answered || err == nil {
				t.Errorf("the connection wasn't dropped: %v", err)
			}
			is(t, "stored", len(b.Messages()), c.stored)
			must(t, send(b.URL(), nil, "a@example.cn", notice))
		})
	}
}

func TestInboxStalls(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]Stage{"connect": AtConnect, "recipient": AtRecipient, "data": AtData, "stored": AtStored} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached := make(chan struct{}, 1)
			b := startInbox(t, InboxOptions{Behaviour: func(m Moment) Answer {
				if m.Stage != stage {
					return Answer{}
				}
				reached <- struct{}{}
				return Answer{Stall: true}
			}})
			ended := make(chan error, 1)
			go func() { ended <- send(b.URL(), nil, "a@example.cn", notice) }()
			<-reached
			select {
			case err := <-ended:
				t.Fatalf("the inbox answered: %v", err)
			case <-time.After(50 * time.Millisecond):
			}
			must(t, b.Stop())
			if err := <-ended; err == nil {
				t.Error("the stalled message was taken")
			}
		})
	}
}

func TestInboxComesBackOnItsPort(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{})
	address := b.URL()
	must(t, send(address, nil, "a@example.cn", notice))
	c, err := connect(address, nil)
	must(t, err)
	must(t, b.Stop())
	must(t, b.Stop())
	if err := c.Noop(); err == nil {
		t.Error("an open connection outlived the inbox")
	}
	if err := send(address, nil, "a@example.cn", notice); err == nil {
		t.Error("a stopped inbox takes messages")
	}
	must(t, b.Start())
	must(t, b.Start())
	is(t, "the address", b.URL(), address)
	must(t, send(address, nil, "a@example.cn", notice))
	is(t, "messages", len(b.Messages()), 2)
}

func TestInboxAwaits(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{})
	type result struct {
		messages []Message
		err      error
	}
	done := make(chan result)
	go func() {
		messages, err := b.Await(t.Context(), func(m []Message) bool { return len(m) == 20 })
		done <- result{messages, err}
	}()
	var sending sync.WaitGroup
	for i := range 20 {
		sending.Go(func() {
			if err := send(b.URL(), nil, fmt.Sprintf("c%02d@example.cn", i), notice); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	r := <-done
	must(t, r.err)
	for i, message := range r.messages {
		is(t, "number", message.Number, i+1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Await(ctx, func([]Message) bool { return false })
	mustFail(t, err, "20 messages did")
}

func TestInboxTakesNothingWhileItCloses(t *testing.T) {
	t.Parallel()
	b := startInbox(t, InboxOptions{})
	must(t, b.Stop())
	is(t, "refused", errors.Is(b.deposit("f@example.cn", []string{"a@example.cn"}, []byte(notice)), errStopped), true)
	files, err := filepath.Glob(filepath.Join(b.Folder(), ".incoming-*"))
	must(t, err)
	is(t, "files left", len(files), 0)
}
