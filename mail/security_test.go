package mail

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncryptionAndLogin(t *testing.T) {
	t.Parallel()
	config, roots := certificate(t)
	for _, encryption := range []Encryption{STARTTLS, Implicit, None} {
		for _, mechanism := range []string{"PLAIN", "LOGIN"} {
			t.Run(string(encryption)+" "+mechanism, func(t *testing.T) {
				t.Parallel()
				in := startInbox(t, inboxConfig{encryption: encryption, tls: config, mechanisms: []string{mechanism}})
				s := newSender(t, SenderConfig{URL: in.url("office:se%2Fcret@", encryption), RootCAs: roots})
				checkSent(t, s.Send(t.Context(), office, unit, letter))
				checkSent(t, s.Send(t.Context(), office, unit, letter))
				in.mu.Lock()
				defer in.mu.Unlock()
				if diff := cmp.Diff([]string{"office:se/cret"}, in.users); diff != "" {
					t.Errorf("who logged in: %s", diff)
				}
				if diff := cmp.Diff([]string{string(letter), string(letter)}, in.messages); diff != "" {
					t.Errorf("messages: %s", diff)
				}
			})
		}
	}
}

func TestWrongPasswordIsNoRefusal(t *testing.T) {
	t.Parallel()
	in := startInbox(t, inboxConfig{encryption: None, mechanisms: []string{"PLAIN"}})
	s := newSender(t, SenderConfig{URL: in.url("office:wrong@", None)})
	checkTemporary(t, s.Send(t.Context(), office, unit, letter), "AUTH", 454, false)

	h := startHostile(t, answers{"EHLO": "250-x\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 wrong", "*": "501 as you like"})
	s = newSender(t, SenderConfig{URL: strings.Replace(h.url("none"), "//", "//office:wrong@", 1)})
	checkTemporary(t, s.Send(t.Context(), office, unit, letter), "AUTH", 535, false)
	if h.said("MAIL") {
		t.Error("went on without authentication")
	}
}

func TestGoesNoFurtherThanItWasToldTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script     answers
		encryption string
		step       string
		code       int
		want       string
	}{
		"no STARTTLS offered": {answers{}, "starttls", "greeting and STARTTLS", 0, "STARTTLS"},
		"STARTTLS 454":        {answers{"EHLO": "250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS", "STARTTLS": "454 not now"}, "starttls", "greeting and STARTTLS", 454, "not now"},
		"no EHLO at all":      {answers{"EHLO": "502 what?", "HELO": "250 x"}, "starttls", "greeting and STARTTLS", 0, "STARTTLS"},
		"no TLS at the port":  {answers{}, "implicit", "TLS", 0, "TLS"},
		"no AUTH offered":     {answers{}, "none", "AUTH", 0, "neither AUTH PLAIN nor AUTH LOGIN"},
		"only other AUTH":     {answers{"EHLO": "250-x\r\n250 AUTH CRAM-MD5 XOAUTH2"}, "none", "AUTH", 0, "neither"},
		"no EHLO, no AUTH":    {answers{"EHLO": "502 what?", "HELO": "250 x"}, "none", "AUTH", 0, "neither"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, c.script)
			s := newSender(t, SenderConfig{URL: strings.Replace(h.url(c.encryption), "//", "//office:secret@", 1)})
			err := s.Send(t.Context(), office, unit, letter)
			checkTemporary(t, err, c.step, c.code, false)
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not say %q", err, c.want)
			}
			if h.said("AUTH") || h.said("MAIL") {
				t.Errorf("told what it should not: %q", h.heard)
			}
		})
	}
}

func TestCertificateOfAnotherIsNotAccepted(t *testing.T) {
	t.Parallel()
	config, _ := certificate(t)
	_, others := certificate(t)
	for encryption, step := range map[Encryption]string{STARTTLS: "greeting", Implicit: "TLS"} {
		in := startInbox(t, inboxConfig{encryption: encryption, tls: config, mechanisms: []string{"PLAIN"}})
		s := newSender(t, SenderConfig{URL: in.url("office:se%2Fcret@", encryption), RootCAs: others})
		err := s.Send(t.Context(), office, unit, letter)
		checkTemporary(t, err, step, 0, false)
		if !errors.As(err, new(x509.UnknownAuthorityError)) {
			t.Errorf("%s: %v", encryption, err)
		}
	}
}
