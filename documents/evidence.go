package documents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // s3:// addresses
	"gocloud.dev/gcerrors"
)

// What a caller tells apart; everything else is trouble of the store.
var (
	ErrEvidenceMissing  = errors.New("no such evidence is stored")
	ErrEvidenceTooLarge = errors.New("the file is too large")
	ErrEvidenceDamaged  = errors.New("the stored file is not the one that was handed in")
)

// Evidence is what the database keeps of a stored file (A8(5)). Name and type of a file belong to who refers to it:
// the same content under two names is stored once.
type Evidence struct {
	SHA256 string // lower-case hexadecimal
	Size   int64  // bytes
}

// EvidenceStore keeps files under the SHA-256 of their content. Nothing in it is ever changed or deleted.
type EvidenceStore struct {
	bucket *blob.Bucket
}

// OpenEvidence opens the store at a gocloud.dev/blob address (EVIDENCE_URL), such as file:///srv/evidence or
// s3://bucket?region=…, and makes sure that it answers. A folder is made where there is none.
func OpenEvidence(ctx context.Context, address string) (*EvidenceStore, error) {
	prepared, err := folderAddress(address)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the address of the evidence store: %w", err)
	}
	bucket, err := blob.OpenBucket(ctx, prepared)
	if err != nil {
		return nil, fmt.Errorf("couldn't open the evidence store: %w", err)
	}
	reachable, err := bucket.IsAccessible(ctx)
	if err == nil && !reachable {
		err = errors.New("there is nothing at this address")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't reach the evidence store: %w", err), bucket.Close())
	}
	return &EvidenceStore{bucket: bucket}, nil
}

// folderAddress sets what a folder needs: it is made, for its owner only, without a second file beside each, and
// temporary files lie in it, since a rename does not cross file systems.
func folderAddress(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	if parsed.Scheme != fileblob.Scheme {
		return address, nil
	}
	query := parsed.Query()
	for key, value := range map[string]string{
		"create_dir": "true", "dir_file_mode": "0o700", "metadata": "skip", "no_tmp_dir": "true",
	} {
		if !query.Has(key) {
			query.Set(key, value)
		}
	}
	parsed.RawQuery = query.Encode()
	return parsed.String(), nil
}

// Close ends the use of the store.
func (s *EvidenceStore) Close() error { return s.bucket.Close() }

// Put stores what content yields, at most limit bytes, and tells under which digest. It reads to the end before it
// stores anything, so that a broken upload leaves nothing behind. The same content twice is stored once.
func (s *EvidenceStore) Put(ctx context.Context, content io.Reader, limit int64) (Evidence, error) {
	spool, err := os.CreateTemp("", "evidence-*")
	if err != nil {
		return Evidence{}, fmt.Errorf("couldn't take in evidence: %w", err)
	}
	defer func() { _, _ = spool.Close(), os.Remove(spool.Name()) }() // what it held is stored, or not wanted
	evidence, err := takeIn(spool, content, limit)
	if err != nil {
		return Evidence{}, fmt.Errorf("couldn't take in evidence: %w", err)
	}
	stored, err := s.holds(ctx, evidence)
	if err == nil && !stored {
		err = s.write(ctx, evidence.SHA256, spool)
	}
	if err != nil {
		return Evidence{}, fmt.Errorf("couldn't store evidence %s: %w", evidence.SHA256, err)
	}
	return evidence, nil
}

func takeIn(spool *os.File, content io.Reader, limit int64) (Evidence, error) {
	digest := sha256.New()
	size, err := io.Copy(io.MultiWriter(spool, digest), io.LimitReader(content, limit+1))
	if err != nil {
		return Evidence{}, err
	}
	if size > limit {
		return Evidence{}, fmt.Errorf("%w: more than %d bytes", ErrEvidenceTooLarge, limit)
	}
	_, err = spool.Seek(0, io.SeekStart)
	return Evidence{SHA256: hex.EncodeToString(digest.Sum(nil)), Size: size}, err
}

// holds tells whether a file is there in full. One of another length was cut by a fault of the disk, and is written
// again.
func (s *EvidenceStore) holds(ctx context.Context, evidence Evidence) (bool, error) {
	attributes, err := s.bucket.Attributes(ctx, evidence.SHA256)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return false, nil
	}
	return err == nil && attributes.Size == evidence.Size, err
}

// write stores a file under its key, which shows only when all of it is there: a driver takes a cancelled context for
// the sign to drop what came so far.
func (s *EvidenceStore) write(ctx context.Context, key string, content io.Reader) error {
	ctx, drop := context.WithCancel(ctx)
	defer drop()
	var file *os.File // where the store is a folder
	writer, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{
		DisableContentTypeDetection: true, // what is stored is served as who refers to it says
		BeforeWrite:                 func(as func(any) bool) error { as(&file); return nil },
	})
	if err != nil {
		return err
	}
	if _, err = io.Copy(writer, content); err == nil && file != nil {
		err = file.Sync()
	}
	if err != nil {
		drop()
		_ = writer.Close() // it tells that the write was cancelled
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return syncFolder(file)
}

// syncFolder makes a new name in a folder outlast a power cut, as the database's record of it does.
func syncFolder(file *os.File) error {
	if file == nil {
		return nil
	}
	folder, err := os.Open(filepath.Dir(file.Name()))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Has tells whether a file is stored.
func (s *EvidenceStore) Has(ctx context.Context, digest string) (bool, error) {
	if !isDigest(digest) {
		return false, nil
	}
	stored, err := s.bucket.Exists(ctx, digest)
	if err != nil {
		return false, fmt.Errorf("couldn't look for evidence %s: %w", digest, err)
	}
	return stored, nil
}

// Open reads a stored file. Its digest is checked on the way: a file that is not what its name says ends with
// ErrEvidenceDamaged in place of io.EOF.
func (s *EvidenceStore) Open(ctx context.Context, digest string) (io.ReadCloser, error) {
	if !isDigest(digest) {
		return nil, fmt.Errorf("couldn't open evidence %q: %w", digest, ErrEvidenceMissing)
	}
	reader, err := s.bucket.NewReader(ctx, digest, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		err = ErrEvidenceMissing
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't open evidence %s: %w", digest, err)
	}
	return &checkedReader{ReadCloser: reader, want: digest, digest: sha256.New()}, nil
}

var digestShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

// isDigest keeps everything that is no digest, ../ included, from being a key.
func isDigest(text string) bool { return digestShape.MatchString(text) }

type checkedReader struct {
	io.ReadCloser
	want   string
	digest hash.Hash
}

func (r *checkedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.digest.Write(p[:n]) // a hash never returns an error
	if errors.Is(err, io.EOF) && hex.EncodeToString(r.digest.Sum(nil)) != r.want {
		return n, fmt.Errorf("couldn't read evidence %s: %w", r.want, ErrEvidenceDamaged)
	}
	return n, err
}
