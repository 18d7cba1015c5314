package mail

import (
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

const benchConnections = 16

// slowInbox takes 5 ms a message, as a real server does.
func slowInbox(b *testing.B) *inbox {
	b.Helper()
	return startInbox(b, inboxConfig{encryption: None, onMessage: func(*inbox) { <-time.After(5 * time.Millisecond) }})
}

// share runs do b.N times over benchConnections goroutines.
func share(b *testing.B, do func(worker int) error) {
	b.Helper()
	work := make(chan struct{})
	var working sync.WaitGroup
	for worker := range benchConnections {
		working.Go(func() {
			for range work {
				if err := do(worker); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for b.Loop() {
		work <- struct{}{}
	}
	close(work)
	working.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

func BenchmarkSend(b *testing.B) {
	in := slowInbox(b)
	s, err := NewSender(SenderConfig{URL: in.url("", None), Connections: benchConnections})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	share(b, func(int) error { return s.Send(b.Context(), office, unit, letter) })
}

// BenchmarkBareLoop is what BenchmarkSend is measured against: the same library without pool and deadlines.
func BenchmarkBareLoop(b *testing.B) {
	in := slowInbox(b)
	var clients [benchConnections]*smtp.Client
	for i := range clients {
		c, err := smtp.Dial(in.address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { hangUpOn(b, c) })
		clients[i] = c
	}
	share(b, func(worker int) error {
		c := clients[worker]
		if err := c.Mail(office, nil); err != nil {
			return err
		}
		if err := c.Rcpt(unit, nil); err != nil {
			return err
		}
		body, err := c.Data()
		if err != nil {
			return err
		}
		if _, err := body.Write(letter); err != nil {
			return err
		}
		return body.Close()
	})
}
