package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kaoping/kaoping/ballots"
)

// OpenSigner reads the key that signs checkpoints; a first one is made if the file is not there, for its owner alone.
func (s Settings) OpenSigner() (ballots.Signer, error) {
	secret, err := os.ReadFile(s.SigningKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = makeSigningKey(s.SigningKeyFile)
	}
	if err != nil {
		return ballots.Signer{}, &Error{Setting: "SIGNING_KEY_FILE", Err: err}
	}
	signer, err := ballots.NewSigner(string(secret))
	if err != nil {
		return ballots.Signer{}, &Error{Setting: "SIGNING_KEY_FILE", Err: fmt.Errorf("%s: %w", s.SigningKeyFile, err)}
	}
	return signer, nil
}

// makeSigningKey keeps a new key. Of several processes that make one at once, the first one's counts.
func makeSigningKey(file string) ([]byte, error) {
	secret, _, err := ballots.NewKey()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	own, err := os.CreateTemp(filepath.Dir(file), ".signing-*") // for its owner alone
	if err != nil {
		return nil, err
	}
	_, err = own.WriteString(secret + "\n")
	if err = errors.Join(err, own.Sync(), own.Close()); err == nil {
		if err = os.Link(own.Name(), file); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err := errors.Join(err, os.Remove(own.Name())); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
