package documents

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	_ "gocloud.dev/blob/memblob"
)

// The digest of "evidence" as sha256sum prints it.
const (
	content       = "evidence"
	contentDigest = "ee8250fb76e094b34b471f13a73dbbe51d1ae142e9df59d7c0d31ec20f0a0a8e"
)

func openFolder(t *testing.T) (*EvidenceStore, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "made", "here")
	return openStore(t, "file://"+folder), folder
}

func openStore(t *testing.T, address string) *EvidenceStore {
	t.Helper()
	store, err := OpenEvidence(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func put(t *testing.T, store *EvidenceStore, content string) Evidence {
	t.Helper()
	evidence, err := store.Put(t.Context(), strings.NewReader(content), 100)
	if err != nil {
		t.Fatal(err)
	}
	return evidence
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func read(t *testing.T, store *EvidenceStore, digest string) (string, error) {
	t.Helper()
	reader, err := store.Open(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if closing := reader.Close(); closing != nil {
		t.Error(closing)
	}
	return string(text), err
}

func TestEvidenceIsKeptByItsDigest(t *testing.T) {
	t.Parallel()
	folder, path := openFolder(t)
	for name, store := range map[string]*EvidenceStore{
		"folder": folder, "memory": openStore(t, "mem://"), "s3": openStore(t, s3(t)),
	} {
		for range 2 {
			if diff := cmp.Diff(Evidence{SHA256: contentDigest, Size: 8}, put(t, store, content)); diff != "" {
				t.Error(name, diff)
			}
		}
		if has, err := store.Has(t.Context(), contentDigest); !has || err != nil {
			t.Errorf("%s: has %t, %v", name, has, err)
		}
		if text, err := read(t, store, contentDigest); text != content || err != nil {
			t.Errorf("%s: read %q, %v", name, text, err)
		}
		empty := put(t, store, "")
		if text, err := read(t, store, empty.SHA256); text != "" || err != nil || empty.Size != 0 {
			t.Errorf("%s: read %q, %v", name, text, err)
		}
	}
	if diff := cmp.Diff([]string{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", contentDigest}, files(t, path)); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info.Mode(), err)
	}
}

func TestEvidenceThatIsThereIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	var info [2]os.FileInfo
	for i := range info {
		put(t, store, content)
		var err error
		if info[i], err = os.Stat(filepath.Join(path, contentDigest)); err != nil {
			t.Fatal(err)
		}
	}
	if !os.SameFile(info[0], info[1]) {
		t.Error("the second upload replaced the first")
	}
}

func TestEvidenceOfManyAtOnceIsStoredOnce(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := store.Put(t.Context(), strings.NewReader(content), 100); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if diff := cmp.Diff([]string{contentDigest}, files(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestEvidenceIsNeverHalfStored(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	broken := errors.New("the line went dead")
	half := io.MultiReader(strings.NewReader("evid"), iotest.ErrReader(broken))
	if _, err := store.Put(t.Context(), half, 100); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := store.Put(t.Context(), strings.NewReader(content), 7); !errors.Is(err, ErrEvidenceTooLarge) {
		t.Error(err)
	}
	if _, err := store.Put(t.Context(), rand.Reader, 1<<20); !errors.Is(err, ErrEvidenceTooLarge) {
		t.Errorf("an upload without end: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Put(gone, strings.NewReader(content), 100); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left := files(t, path); left != nil {
		t.Error(left)
	}
	if _, err := store.Put(t.Context(), strings.NewReader(content), 8); err != nil {
		t.Errorf("a file of just the allowed size: %v", err)
	}
}

// A write that breaks in the middle: the spool ends with an error when it is copied to the store.
func TestEvidenceWriteThatBreaks(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	broken := errors.New("the disk is gone")
	half := io.MultiReader(strings.NewReader("evid"), iotest.ErrReader(broken))
	if err := store.write(t.Context(), contentDigest, half); !errors.Is(err, broken) {
		t.Error(err)
	}
	if left := files(t, path); left != nil {
		t.Error(left)
	}
}

func TestEvidenceStoreThatCannotWrite(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), strings.NewReader(content), 100); err == nil {
		t.Error("stored in a folder that is none")
	}
	if _, err := store.Has(t.Context(), contentDigest); err == nil {
		t.Error("looked into a folder that is none")
	}
}

func TestEvidenceCutByTheDiskIsWrittenAgain(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	put(t, store, content)
	if err := os.Truncate(filepath.Join(path, contentDigest), 3); err != nil {
		t.Fatal(err)
	}
	if text, err := read(t, store, contentDigest); text != "evi" || !errors.Is(err, ErrEvidenceDamaged) {
		t.Errorf("read %q, %v", text, err)
	}
	put(t, store, content)
	if text, err := read(t, store, contentDigest); text != content || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
}

func TestEvidenceChangedByHandIsNoticed(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	put(t, store, content)
	if err := os.WriteFile(filepath.Join(path, contentDigest), []byte("evidenxe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := read(t, store, contentDigest); text != "evidenxe" || !errors.Is(err, ErrEvidenceDamaged) {
		t.Errorf("read %q, %v", text, err)
	}
}

func TestEvidenceThatIsNotThere(t *testing.T) {
	t.Parallel()
	store, path := openFolder(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "secret"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, digest := range []string{contentDigest, "", "../secret", strings.ToUpper(contentDigest), contentDigest + "\n"} {
		if _, err := store.Open(t.Context(), digest); !errors.Is(err, ErrEvidenceMissing) {
			t.Errorf("%q: %v", digest, err)
		}
		if has, err := store.Has(t.Context(), digest); has || err != nil {
			t.Errorf("%q: has %t, %v", digest, has, err)
		}
	}
}

func TestOpenEvidenceRefusesWhatIsNoStore(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "evidence", "ftp://host/evidence", "file://" + file, "file:///x?unknown=1", "file://%zz"} {
		if _, err := OpenEvidence(t.Context(), address); err == nil {
			t.Errorf("%q was opened", address)
		}
	}
}

// What the address of a folder says itself is left as it is; another address is left alone.
func TestFolderAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"file:///srv/evidence":                     "file:///srv/evidence?create_dir=true&dir_file_mode=0o700&metadata=skip&no_tmp_dir=true",
		"file:///srv/evidence?dir_file_mode=0o750": "file:///srv/evidence?create_dir=true&dir_file_mode=0o750&metadata=skip&no_tmp_dir=true",
		"s3://evidence?region=cn-north-1":          "s3://evidence?region=cn-north-1",
	} {
		if got, err := folderAddress(address); got != want || err != nil {
			t.Errorf("%s became %s, %v", address, got, err)
		}
	}
}

// s3 is the address of as much of an S3 server as the store uses.
func s3(t *testing.T) string {
	t.Helper()
	var lock sync.Mutex
	stored := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		body, found := stored[r.URL.Path]
		switch {
		case r.Method == http.MethodPut:
			stored[r.URL.Path] = unsigned(t, r)
		case r.URL.Query().Get("list-type") != "":
			_, _ = fmt.Fprint(w, `<ListBucketResult></ListBucketResult>`) // a client that left is no fault of this server
		case !found:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			if r.Method == http.MethodGet {
				_, _ = w.Write(body) // here too
			}
		}
	}))
	t.Cleanup(server.Close)
	return "s3://evidence?region=cn-north-1&anonymous=true&use_path_style=true&response_checksum_validation=when_required&endpoint=" + server.URL
}

// unsigned is the body of an upload: the client sends small ones in one piece, with checksums around it.
func unsigned(t *testing.T, r *http.Request) []byte {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return body
	}
	var size int
	if _, err := fmt.Sscanf(string(body), "%x\r\n", &size); err != nil {
		t.Error(err)
	}
	_, rest, _ := bytes.Cut(body, []byte("\r\n"))
	return rest[:size]
}
