package mail

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Encryption says how the connection to an SMTP server is protected.
type Encryption string

// What the tls parameter of an SMTP URL may be.
const (
	STARTTLS Encryption = "starttls" // plain at first, encrypted before anything is told
	Implicit Encryption = "implicit" // encrypted from the first byte
	None     Encryption = "none"     // never encrypted
)

// Server is an SMTP server as its URL names it.
type Server struct {
	Host       string
	Port       int
	User       string // empty: no authentication
	Password   string
	Encryption Encryption
}

const urlForm = "smtp://user:password@host:port?tls=starttls|implicit|none"

// ParseURL reads smtp://user:password@host:port?tls=starttls|implicit|none.
// User and password may be left out together. Without tls it is starttls, except
// to this machine, where there is no wire to protect. The error is one line that
// says what is wrong and never shows the password.
func ParseURL(text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil { // its text may quote a part of the password
		return Server{}, fmt.Errorf("is not of the form %s (in a password, write characters such as / @ : %% ? # as %%2F …)", urlForm)
	}
	if u.Scheme != "smtp" {
		return Server{}, fmt.Errorf("begins with %q, not smtp: write %s", u.Scheme, urlForm)
	}
	if (u.Path != "" && u.Path != "/") || u.Fragment != "" || u.Opaque != "" {
		return Server{}, fmt.Errorf("has something between or after the parts of %s", urlForm)
	}
	server := Server{Host: u.Hostname()}
	if server.Host == "" {
		return Server{}, errors.New("names no host")
	}
	if server.Port, err = strconv.Atoi(u.Port()); err != nil || server.Port < 1 || server.Port > 65535 {
		return Server{}, fmt.Errorf("the port is %q, not a number from 1 to 65535", u.Port())
	}
	if err := server.readUser(u.User); err != nil {
		return Server{}, err
	}
	if err := server.readEncryption(u.RawQuery); err != nil {
		return Server{}, err
	}
	return server, nil
}

func (s *Server) readUser(info *url.Userinfo) error {
	if info == nil {
		return nil
	}
	s.User = info.Username()
	s.Password, _ = info.Password()
	if s.User == "" || s.Password == "" {
		return errors.New("has a user without a password or a password without a user")
	}
	if strings.ContainsRune(s.User+s.Password, 0) { // NUL separates the two in AUTH PLAIN
		return errors.New("has a NUL in the user or the password")
	}
	return nil
}

func (s *Server) readEncryption(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("has a query that does not parse: write ?tls=starttls, implicit or none")
	}
	for name, given := range values {
		if name != "tls" || len(given) != 1 {
			return fmt.Errorf("has the parameter %q, or has it twice: only tls is known, once", name)
		}
	}
	switch s.Encryption = Encryption(values.Get("tls")); {
	case slices.Contains([]Encryption{STARTTLS, Implicit, None}, s.Encryption):
	case values.Has("tls"):
		return fmt.Errorf("tls is %q, not starttls, implicit or none", values.Get("tls"))
	case s.Loopback():
		s.Encryption = None
	default:
		s.Encryption = STARTTLS
	}
	return nil
}

// Address is host:port.
func (s Server) Address() string {
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// Loopback tells whether the server is on this machine.
func (s Server) Loopback() bool {
	return strings.EqualFold(s.Host, "localhost") || net.ParseIP(s.Host).IsLoopback()
}

// CheckRehearsal says why a rehearsal can't be played with this server, naming the setting: its mails leave this
// machine for nobody. The zero value is no server, and there is nothing against it.
func (s Server) CheckRehearsal() error {
	if s == (Server{}) || s.Loopback() {
		return nil
	}
	return fmt.Errorf("SMTP_URL: a rehearsal delivers only to a mail server on this machine, not to %s", s.Address())
}

// String is the URL without the password.
func (s Server) String() string {
	u := url.URL{Scheme: "smtp", Host: s.Address(), RawQuery: "tls=" + string(s.Encryption)}
	if s.User != "" {
		u.User = url.User(s.User)
	}
	return u.String()
}
