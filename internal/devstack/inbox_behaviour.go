package devstack

import (
	"strings"
	"sync/atomic"
)

// Stage is a step of a delivery at which the inbox can misbehave.
type Stage int

const (
	// AtConnect is before the greeting.
	AtConnect Stage = iota
	// AtSender answers MAIL.
	AtSender
	// AtRecipient answers RCPT.
	AtRecipient
	// AtData is in mid message: its first bytes are read.
	AtData
	// AtStored is after the message was stored and before the sender is told so.
	AtStored
)

// Moment is one step of one delivery.
type Moment struct {
	Stage      Stage
	Connection int // counts from 1
	From, To   string
}

// Answer is what the inbox does at a moment. The zero Answer goes on.
type Answer struct {
	Code  int    // a reply of SMTP, as 451 or 550
	Text  string // behind the code
	Drop  bool   // the connection, without a word
	Stall bool   // answer nothing, and keep the connection open until the inbox is stopped
}

// Behaviour decides what the inbox does at each moment. It is called from many connections at once.
type Behaviour func(Moment) Answer

func (b *Inbox) ask(moment Moment) Answer {
	b.mu.Lock()
	behaviour := b.behaviour
	b.mu.Unlock()
	if behaviour == nil {
		return Answer{}
	}
	return behaviour(moment)
}

// Refuse answers 550 to the addresses, as a server does that doesn't know them.
func Refuse(addresses ...string) Behaviour {
	refused := map[string]bool{}
	for _, address := range addresses {
		refused[strings.ToLower(address)] = true
	}
	return func(m Moment) Answer {
		if m.Stage == AtRecipient && refused[strings.ToLower(m.To)] {
			return Answer{Code: 550, Text: "No such user here"}
		}
		return Answer{}
	}
}

// At gives the answer at every moment of the stage.
func At(stage Stage, answer Answer) Behaviour {
	return func(m Moment) Answer {
		if m.Stage == stage {
			return answer
		}
		return Answer{}
	}
}

// First gives the answer at the first n moments of the stage, and goes on at the later ones.
func First(n int, stage Stage, answer Answer) Behaviour {
	var seen atomic.Int64
	return func(m Moment) Answer {
		if m.Stage == stage && seen.Add(1) <= int64(n) {
			return answer
		}
		return Answer{}
	}
}

// Together asks one behaviour after the other until one does not go on.
func Together(behaviours ...Behaviour) Behaviour {
	return func(m Moment) Answer {
		for _, behaviour := range behaviours {
			if answer := behaviour(m); answer != (Answer{}) {
				return answer
			}
		}
		return Answer{}
	}
}
