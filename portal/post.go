package portal

import "context"

// Post sends one letter that belongs to no cycle.
type Post func(ctx context.Context, to string, letter Letter) error

// Letter is a mail with its texts.
type Letter struct {
	// From is the name of the sender: the authority's.
	From    string
	Subject string
	Text    string
}
