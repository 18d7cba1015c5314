package devstack

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// elsewherePrefix begins the name of a data folder outside the state folder.
const elsewherePrefix = "kaoping-postgres-"

// systemState is where root keeps data that lasts and that other accounts must reach.
const systemState = "/var/lib/kaoping"

// settle finds the data of an earlier run, or a place for new data, and the account that works there.
func (p *Postgres) settle(context.Context) error {
	link := p.folder.file("cluster")
	there, err := exists(link)
	if err != nil {
		return err
	}
	if !there {
		return p.settleAnew(link)
	}
	p.home, err = filepath.EvalSymlinks(link)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the data that %s points to is gone: remove the link to begin anew", link)
	}
	if err != nil {
		return err
	}
	p.account, err = ownerOf(p.home)
	return err
}

// settleAnew puts the data into the part's folder. Where PostgreSQL's account can't pass to it (the state folder
// lies in root's home) it goes elsewhere, with a link to it: where it lasts if it is kept.
func (p *Postgres) settleAnew(link string) error {
	var err error
	if p.account, err = serverAccount(); err != nil {
		return err
	}
	reached, err := p.account.reaches(p.folder.path)
	if err != nil {
		return err
	}
	p.home = link
	if reached {
		err = os.Mkdir(link, 0o700)
	} else {
		p.home, err = p.makeElsewhere(link)
	}
	if err != nil {
		return fmt.Errorf("couldn't make the data folder: %w", err)
	}
	return p.account.own(p.home)
}

func (p *Postgres) makeElsewhere(link string) (string, error) {
	parent := os.TempDir()
	if p.settings.Keep {
		parent = systemState
		if err := os.MkdirAll(parent, 0o755); err != nil {
			return "", err
		}
	}
	home, err := os.MkdirTemp(parent, elsewherePrefix)
	if err != nil {
		return "", err
	}
	return home, os.Symlink(home, link)
}

// initialise makes the cluster on the first start. It is renamed to its name when complete: a start that was
// interrupted begins anew.
func (p *Postgres) initialise(ctx context.Context) error {
	there, err := exists(p.DataDir())
	if err != nil {
		return err
	}
	passwordFile := filepath.Join(p.home, "password")
	if there {
		password, err := os.ReadFile(passwordFile)
		p.password = string(password)
		return err
	}
	p.password = rand.Text()
	if err := os.WriteFile(passwordFile, []byte(p.password), 0o600); err != nil {
		return err
	}
	if err := p.account.own(passwordFile); err != nil {
		return err
	}
	unfinished := p.DataDir() + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := p.initdb(ctx, unfinished, passwordFile); err != nil {
		return err
	}
	return os.Rename(unfinished, p.DataDir())
}

func (p *Postgres) initdb(ctx context.Context, data, passwordFile string) error {
	args := []string{
		"--pgdata=" + data, "--username=" + superuser, "--pwfile=" + passwordFile, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=" + utf8Locale, "--no-instructions",
	}
	if p.settings.FsyncOff {
		args = append(args, "--no-sync")
	}
	var output bytes.Buffer
	cmd := p.command(ctx, "initdb", args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := runToEnd(cmd); err != nil {
		return fmt.Errorf("couldn't make the cluster: %w\n%s", err, output.String())
	}
	return nil
}

// createOwner makes the application's role and database if they are not there.
func (p *Postgres) createOwner(ctx context.Context) error {
	role := "CREATE ROLE " + owner + " LOGIN CREATEDB CREATEROLE PASSWORD " + pq.QuoteLiteral(p.password)
	if err := p.execute(ctx, role); err != nil && pq.As(err, pqerror.DuplicateObject) == nil {
		return fmt.Errorf("couldn't make the role: %w", err)
	}
	database := "CREATE DATABASE " + owner + " OWNER " + owner
	if err := p.execute(ctx, database); err != nil && pq.As(err, pqerror.DuplicateDatabase) == nil {
		return fmt.Errorf("couldn't make the database: %w", err)
	}
	return nil
}

// dropForeignPid removes postmaster.pid when the number in it belongs to some other program by now: PostgreSQL
// would take that one for a server on the same data. (Numbers come again soon in containers.)
func dropForeignPid(path, data string) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	number, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(number)
	if err == nil && alive(pid) {
		line, err := commandLine(pid)
		if err == nil && strings.Contains(line, data) {
			return fmt.Errorf("another PostgreSQL, process %d, serves %s", pid, data)
		}
		return os.Remove(path)
	}
	return nil
}
