package mail

import "testing"

// Check opens a session and sends nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	in := startInbox(t, inboxConfig{encryption: None, mechanisms: []string{"PLAIN"}})
	checkSent(t, newSender(t, SenderConfig{URL: in.url("office:se%2Fcret@", None)}).Check(t.Context()))
	if sessions, messages := in.counted(); sessions != 1 || messages != 0 {
		t.Errorf("%d sessions with %d messages, want one without", sessions, messages)
	}
	h := startHostile(t, answers{"GREETING": "421 4.3.2 later"})
	checkTemporary(t, newSender(t, SenderConfig{URL: h.url("none")}).Check(t.Context()), "greeting", 421, false)
	listener := listen(t)
	url := "smtp://" + listener.Addr().String()
	hangUpOn(t, listener)
	checkTemporary(t, newSender(t, SenderConfig{URL: url}).Check(t.Context()), "dial", 0, false)
}
