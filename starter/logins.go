package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// makeLogins gives everybody of the rehearsal a password, so that people may join the play from its first day on.
func (r *play) makeLogins(ctx context.Context, o *office.Office, cycle query.Cycle) error {
	var err error
	if r.passwords, err = o.RehearsalLogins(ctx, cycle); err != nil || r.Logins == "" {
		return err
	}
	text, err := json.MarshalIndent(r.passwords, "", "  ")
	if err != nil {
		return fmt.Errorf("couldn't write the logins: %w", err)
	}
	return writeSecret(r.Logins, append(text, '\n'))
}

// writeSecret writes a file that only its owner can read, one that was there before too. What is no file, such as
// /dev/stdout, is left as open as it is.
func writeSecret(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = file.Chmod(0o600)
	}
	if err == nil {
		_, err = file.Write(content)
	}
	return errors.Join(err, file.Close())
}

// showLogins prints one login a role: that of the first person who has it.
func (r *play) showLogins() error {
	rows := table.NewWriter()
	rows.SetStyle(table.StyleLight)
	rows.SetTitle("one login per role")
	rows.AppendHeader(table.Row{"role", "login", "password"})
	shown := map[rules.Role]bool{}
	for _, person := range r.set.Plan.People {
		if !shown[person.Role] {
			shown[person.Role] = true
			rows.AppendRow(table.Row{person.Role, person.Login, r.passwords[person.Login]})
		}
	}
	_, err := fmt.Fprintln(r.Out, rows.Render())
	return err
}
