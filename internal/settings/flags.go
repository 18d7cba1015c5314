package settings

import (
	"os"

	"github.com/alecthomas/kong"
)

// Flags sets the settings apart from a program's own flags in its help.
func Flags() kong.Option {
	return kong.ExplicitGroups([]kong.Group{{
		Key: "settings", Title: "Settings:",
		Description: "Each is an environment variable too; the flag wins.",
	}})
}

// usageCode is kong's exit code for wrong usage; ours is 2.
const usageCode = 80

// Exit ends a program with our exit codes: 0 done, 1 failed, 2 wrong usage or bad input.
func Exit(code int) {
	if code == usageCode {
		code = 2
	}
	os.Exit(code)
}
