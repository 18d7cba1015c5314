package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
)

// freshOffice is an office over a database of its own.
func freshOffice(t *testing.T) *office.Office {
	t.Helper()
	url, err := stack.Postgres.CreateDatabase(t.Context(), fmt.Sprintf("logins_%d", databases.Add(1)), "")
	if err != nil {
		t.Fatal(err)
	}
	config := store.Config{URL: url}
	if err := store.Migrate(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	data, err := store.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := data.Close(); err != nil {
			t.Error(err)
		}
	})
	library, err := settings.Rules("")
	if err != nil {
		t.Fatal(err)
	}
	return &office.Office{Store: data, Rules: library}
}

// The file has everybody's password, for its owner's eyes; each opens the rehearsal. The table has one for each role.
func TestLogins(t *testing.T) {
	t.Parallel()
	office := freshOffice(t)
	name := filepath.Join(t.TempDir(), "logins.json")
	if err := os.WriteFile(name, []byte(strings.Repeat("what was there before ", 1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	play, err := newPlay(playOptions{Logins: name, Out: &out}, office.Rules)
	if err != nil {
		t.Fatal(err)
	}
	cycle, err := office.ImportRehearsal(t.Context(), play.set, play.Pace)
	if err != nil {
		t.Fatal(err)
	}
	if err := play.makeLogins(t.Context(), office, cycle); err != nil {
		t.Fatal(err)
	}
	logins := readLogins(t, name)
	if len(logins) != 92 {
		t.Errorf("%d logins, want those of 92 people", len(logins))
	}
	if err := play.showLogins(); err != nil {
		t.Fatal(err)
	}
	for role, login := range map[string]string{
		"admin": "admin", "leader": "leader", "deputy": "deputy", "organization_department": "orgdept",
		"auditor": "auditor", "assessor": "", "contact": "", "head": "",
	} {
		if login == "" {
			login = firstOf(play, role)
		}
		account, err := office.SignIn(t.Context(), login, logins[login], "192.0.2.1")
		if err != nil || !account.Rehearsing {
			t.Errorf("%s signs in as %v: %v", login, account, err)
		}
		if want := strings.Join([]string{role, login, logins[login]}, " "); strings.Count(collapse(out.String()), want) != 1 {
			t.Errorf("%q does not stand once in\n%s", want, &out)
		}
	}
	if rows := strings.Count(out.String(), "\n") - 6; rows != 8 {
		t.Errorf("%d rows, want 8 roles:\n%s", rows, &out)
	}
}

func readLogins(t *testing.T, name string) map[string]string {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	logins := map[string]string{}
	if err := json.Unmarshal(text, &logins); err != nil {
		t.Fatal(err)
	}
	return logins
}

func firstOf(play *play, role string) string {
	for _, person := range play.set.Plan.People {
		if string(person.Role) == role {
			return person.Login
		}
	}
	return ""
}

// collapse takes a table's lines and columns out.
func collapse(table string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(table, "│", " ")), " ")
}
