package settings

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kaoping/kaoping/ballots"
)

func completed(t *testing.T, given Settings) Settings {
	t.Helper()
	complete, err := given.Complete(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return complete
}

// All processes of a machine that start at once have the one key that stays, and nobody else may read it.
func TestTheSigningKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := completed(t, Settings{})
	var starting sync.WaitGroup
	keys := make([]string, 8)
	for i := range keys {
		starting.Go(func() {
			signer, err := s.OpenSigner()
			if err != nil {
				t.Error(err)
			}
			keys[i] = signer.Public
		})
	}
	starting.Wait()
	for _, key := range keys {
		if key == "" || key != keys[0] {
			t.Errorf("the keys are %q", keys)
		}
	}
	info, err := os.Stat(s.SigningKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %o, want 600", info.Mode().Perm())
	}
	files, err := os.ReadDir(filepath.Dir(s.SigningKeyFile))
	if err != nil || len(files) != 1 {
		t.Errorf("beside the key lies something: %v, %v", files, err)
	}
	root := ballots.Root{Log: "kaoping/pingliang/2025/evaluation"}
	signer, err := s.OpenSigner()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := root.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := ballots.OpenCheckpoint(signed, keys[0]); err != nil || opened != root {
		t.Errorf("its signature opens to %+v, %v", opened, err)
	}
}

func TestASigningKeyThatIsNone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{
		file:                     "SIGNING_KEY_FILE: " + file + ": couldn't read the signing key",
		filepath.Join(file, "x"): "SIGNING_KEY_FILE: ",
	} {
		_, err := completed(t, Settings{SigningKeyFile: given}).OpenSigner()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
	}
}
