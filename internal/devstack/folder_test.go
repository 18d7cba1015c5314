package devstack

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

func TestFolderIsLocked(t *testing.T) {
	t.Parallel()
	s := settings(t)
	f, err := openFolder(s, "part", 0o700)
	must(t, err)
	_, err = openFolder(s, "part", 0o700)
	is(t, "in use", errors.Is(err, ErrInUse), true)
	mustFail(t, err, f.path, "by process "+strconv.Itoa(os.Getpid()))
	must(t, f.leave())
	is(t, "folder left", isThere(t, f.path), false)
	f, err = openFolder(s, "part", 0o700)
	must(t, err)
	must(t, f.leave())
}

func TestFolderLockSurvivesItsRemoval(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := lockFolder(dir)
	must(t, err)
	must(t, os.Remove(first.Name())) // as leave does before it lets go
	second, err := lockFolder(dir)
	must(t, err)
	is(t, "the first holds the file that is there", sameFile(first, first.Name()), false)
	is(t, "the second does", sameFile(second, second.Name()), true)
	must(t, errors.Join(first.Close(), second.Close()))
}

func TestFolderDropsLeftoversAndKeepsWhatIsKept(t *testing.T) {
	t.Parallel()
	s := settings(t)
	elsewhere := filepath.Join(t.TempDir(), elsewherePrefix+"1")
	others := filepath.Join(t.TempDir(), "others")
	leftovers := filepath.Join(s.Dir, "part")
	for _, dir := range []string{elsewhere, others, leftovers} {
		must(t, os.MkdirAll(dir, 0o755))
	}
	must(t, os.Symlink(elsewhere, filepath.Join(leftovers, "cluster")))
	must(t, os.Symlink(others, filepath.Join(leftovers, "link")))

	s.Keep = true
	f, err := openFolder(s, "part", 0o700)
	must(t, err)
	is(t, "leftover", isThere(t, f.file("cluster")), false)
	is(t, "leftover elsewhere", isThere(t, elsewhere), false)
	is(t, "what others have", isThere(t, others), true)
	must(t, os.WriteFile(f.file("data"), nil, 0o600))
	must(t, f.leave())
	f, err = openFolder(s, "part", 0o700)
	must(t, err)
	is(t, "kept", isThere(t, f.file("data")), true)
	must(t, f.leave())

	s.Keep = false
	_, err = openFolder(s, "part", 0o700)
	is(t, "refused", errors.Is(err, ErrKept), true)
	mustFail(t, err, f.path, "start with Keep")
	is(t, "still kept", isThere(t, f.file("data")), true)
}

func TestCacheFolder(t *testing.T) {
	t.Parallel()
	dir, err := Settings{Cache: "/some/cache"}.cache()
	must(t, err)
	is(t, "as asked", dir, "/some/cache")
	dir, err = Settings{}.cache()
	must(t, err)
	users, err := os.UserCacheDir()
	must(t, err)
	is(t, "otherwise", dir, filepath.Join(users, "kaoping"))
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	_, err := ReadAddresses(dir)
	is(t, "nothing there", errors.Is(err, fs.ErrNotExist), true)
	must(t, removeAddresses(dir))

	must(t, WriteAddresses(dir, map[string]string{"SMTP_URL": "smtp://127.0.0.1:1"}))
	must(t, WriteAddresses(dir, map[string]string{"SMTP_URL": "smtp://127.0.0.1:2"}))
	found, err := ReadAddresses(dir)
	must(t, err)
	is(t, "address", found["SMTP_URL"], "smtp://127.0.0.1:2")
	path := filepath.Join(dir, addressesFile)
	info, err := os.Stat(path)
	must(t, err)
	is(t, "mode", info.Mode().Perm(), 0o600)

	ended := command(t, "true")
	must(t, ended.Run())
	stale := `{"pid": ` + strconv.Itoa(ended.Process.Pid) + `, "addresses": {}}`
	must(t, os.WriteFile(path, []byte(stale), 0o600))
	_, err = ReadAddresses(dir)
	is(t, "stale", errors.Is(err, ErrStale), true)
	must(t, removeAddresses(dir))
	is(t, "another's file", isThere(t, path), true)

	must(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err = ReadAddresses(dir)
	mustFail(t, err, "couldn't read the addresses", addressesFile)
	must(t, WriteAddresses(dir, nil))
	must(t, removeAddresses(dir))
	is(t, "our file", isThere(t, path), false)
}

func TestAccountReachesByRights(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	inner := filepath.Join(dir, "inner")
	must(t, os.Mkdir(inner, 0o700))
	stranger := &account{uid: 54321, gid: 54321}
	for _, c := range []struct {
		account *account
		path    string
		mode    os.FileMode
		want    bool
	}{
		{stranger, dir, 0o711, true},
		{stranger, dir, 0o700, false},
		{stranger, inner, 0o701, true},
		{stranger, inner, 0o776, false},
		{&account{uid: 54321, gid: uint32(os.Getegid())}, inner, 0o710, true},
		{&account{uid: 54321, gid: uint32(os.Getegid())}, inner, 0o701, false},
		{&account{uid: uint32(os.Geteuid()), gid: 54321}, inner, 0o700, true},
		{nil, inner, 0o000, true},
	} {
		must(t, os.Chmod(c.path, c.mode))
		got, err := c.account.reaches(c.path)
		must(t, err)
		if got != c.want {
			t.Errorf("%v reaches %s with %v: %v", c.account, c.path, c.mode, got)
		}
		must(t, os.Chmod(dir, 0o711))
	}
	must(t, os.Chmod(dir, 0o700))
	got, err := stranger.reaches(inner)
	must(t, err)
	is(t, "through a closed parent", got, false)
	_, err = stranger.reaches(filepath.Join(dir, "nothing"))
	mustFail(t, err, "no such file")
}

func TestAccountOfTheServer(t *testing.T) {
	t.Parallel()
	a, err := serverAccount()
	must(t, err)
	is(t, "an account is needed", a != nil, os.Geteuid() == 0)
	cmd := command(t, "true")
	a.assign(cmd)
	if a == nil {
		is(t, "credential", cmd.SysProcAttr, (*syscall.SysProcAttr)(nil))
		return
	}
	is(t, "runs as root", cmd.SysProcAttr.Credential.Uid == 0, false)
	dir := t.TempDir()
	_, err = ownerOf(dir)
	mustFail(t, err, "belongs to root")
	must(t, a.own(dir))
	found, err := ownerOf(dir)
	must(t, err)
	is(t, "owner", *found, *a)
}
