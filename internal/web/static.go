package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// Statics are the style sheet, scripts and icons under names that change with their content, so that browsers may keep
// them for good.
type Statics struct {
	hashed  map[string]string // name → name with hash
	content map[string][]byte // name with hash → content
}

// ReadStatics reads those in a folder named static.
func ReadStatics(files fs.FS) (Statics, error) {
	read := Statics{hashed: map[string]string{}, content: map[string][]byte{}}
	err := fs.WalkDir(files, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		file := path.Base(name)
		sum := sha256.Sum256(content)
		extension := path.Ext(file)
		hashed := strings.TrimSuffix(file, extension) + "." + hex.EncodeToString(sum[:6]) + extension
		read.hashed[file], read.content[hashed] = hashed, content
		return nil
	})
	return read, err
}

// Address is where a file is served.
func (s Statics) Address(name string) string { return "/static/" + s.hashed[name] }

// Serve answers for one of them, which the pattern calls file.
func (s Statics) Serve(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	content, ok := s.content[file]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(file)))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // who asked is gone: nobody is left to tell
}
