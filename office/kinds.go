package office

import (
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// What office answers is the store's own: who shows it to people needs no other room.
type (
	// Error carries its kind, and for a person every reason at once.
	Error = store.Error
	// Kind is one of a closed set.
	Kind = store.Kind
	// Cycle is one authority's year, or a rehearsal of it.
	Cycle = query.Cycle
	// Person is somebody in a cycle.
	Person = query.Person
)

// The kinds of failure.
const (
	Internal    = store.Internal
	NotFound    = store.NotFound
	Refused     = store.Refused
	Conflict    = store.Conflict
	Forbidden   = store.Forbidden
	Unavailable = store.Unavailable
)

// KindOf is the kind of any error; Internal if nobody said.
func KindOf(err error) Kind { return store.KindOf(err) }

// Refuse answers an act with every reason for which it is refused.
func Refuse(reasons ...string) error { return store.Refuse(reasons...) }

// Missing answers that what was named is not there.
func Missing(what string) error { return store.Missing(what) }

// IsMissing tells whether a read found nothing.
func IsMissing(err error) bool { return store.IsMissing(err) }
