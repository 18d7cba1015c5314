package office

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// maxEvidence is the largest evidence file.
const maxEvidence = 50 << 20

// maxEvidenceName is how many characters the name of a piece of evidence may have.
const maxEvidenceName = 120

// Evidence proves a statement: a link, or a file with its digest.
type Evidence struct {
	Name   string
	Link   string
	SHA256 string
	Size   int64
}

// AttachFile keeps a file of evidence and answers how a report item names it. What it is tells its content, not its
// name: programs and web pages are refused, whatever they are called (A8(5)).
func (d *Desk) AttachFile(ctx context.Context, name string, content io.Reader) (Evidence, error) {
	if err := d.must(rules.Contact); err != nil {
		return Evidence{}, err
	}
	name = cleanName(name)
	buffered := bufio.NewReaderSize(content, headLength)
	head, err := buffered.Peek(headLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return Evidence{}, fmt.Errorf("couldn't keep %s: %w", name, err)
	}
	if fault := fileFault(name, head); fault != "" {
		return Evidence{}, store.Refuse(fault)
	}
	kept, err := d.Evidence.Put(ctx, buffered, maxEvidence)
	if errors.Is(err, documents.ErrEvidenceTooLarge) {
		return Evidence{}, store.Refuse(name + " is larger than 50 MB")
	}
	if err != nil {
		return Evidence{}, fmt.Errorf("couldn't keep %s: %w", name, err)
	}
	return Evidence{Name: name, SHA256: kept.SHA256, Size: kept.Size}, nil
}

// headLength is how much of a file tells its type.
const headLength = 4096

// kindsOfFiles are what may be handed in: documents, pictures, films, archives, plain text.
var kindsOfFiles = []string{
	"application/pdf", "application/ofd", "text/rtf", "text/plain", "text/csv", "text/tab-separated-values",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
	"application/x-ole-storage", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
	"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff", "image/webp", "image/heic",
	"video/mp4", "application/zip", "application/x-rar-compressed", "application/x-7z-compressed",
}

// runnable are endings that make a computer run what looks like text or an archive.
var runnable = []string{
	".exe", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".mjs", ".wsf", ".wsh", ".hta", ".scr", ".pif", ".msi", ".lnk", ".reg",
	".dll", ".jar", ".apk", ".sh", ".py", ".php", ".url", ".chm", ".cpl",
}

var webPages = []string{".html", ".htm", ".xhtml", ".shtml", ".mht", ".mhtml", ".svg", ".xml"}

// fileFault tells why a file is no evidence, by its first bytes and its name; empty if it is.
func fileFault(name string, head []byte) string {
	kind, ending := typeOf(head), strings.ToLower(path.Ext(name))
	switch {
	case len(head) == 0:
		return name + " is empty"
	case kind == "text/html" || kind == "image/svg+xml" || kind == "text/xml" || kind == "application/xhtml+xml" || slices.Contains(webPages, ending):
		return name + " is a web page: hand in a PDF or a picture of it, or its address as a link"
	case slices.Contains(runnable, ending) || executable(head):
		return name + " is a program, which is no evidence"
	case !slices.Contains(kindsOfFiles, kind):
		return name + " is of no type that is accepted: documents, pictures, MP4 films, archives and plain text are"
	}
	return ""
}

// typeOf is the type of a file by its first bytes, without parameters.
func typeOf(head []byte) string {
	kind, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return kind
}

// executable tells a program by its first bytes, or a script by its first line.
func executable(head []byte) bool {
	return slices.ContainsFunc([]string{"MZ", "\x7fELF", "\xca\xfe\xba\xbe", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "#!"}, func(start string) bool {
		return strings.HasPrefix(string(head), start)
	})
}

// cleanName is the name of a file as it may be shown and saved: no folders, nothing invisible, nothing that a file
// system takes for something else.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if name == "" {
		return "附件"
	}
	return shortName(name)
}

// shortName cuts a name that is too long before its ending, by which a computer knows what opens it.
func shortName(name string) string {
	letters, ending := []rune(name), []rune(path.Ext(name))
	if len(letters) <= maxEvidenceName {
		return name
	}
	if len(ending) > 12 {
		ending = nil
	}
	return string(letters[:maxEvidenceName-len(ending)]) + string(ending)
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (e Evidence) fault() string {
	switch {
	case e.Name == "":
		return "has no name"
	case utf8.RuneCountInString(e.Name) > maxEvidenceName:
		return fmt.Sprintf("has a name of more than %d characters", maxEvidenceName)
	case (e.Link == "") == (e.SHA256 == ""):
		return "is a link or a file, one of the two"
	case e.SHA256 != "" && !digestForm.MatchString(e.SHA256):
		return "has no digest of a kept file"
	case e.Link != "" && !webAddress(e.Link):
		return "has a link that is no web address: it begins with http:// or https://"
	}
	return ""
}

// webAddress keeps javascript: and the like out of what people click on.
func webAddress(link string) bool {
	parsed, err := url.Parse(link)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" && len(link) <= 2000
}

// File is a piece of evidence, open for reading.
type File struct {
	io.ReadCloser
	Name string
	// Type is that of its content. Only one that a browser shows without running anything may open in place.
	Type    string
	InPlace bool
}

// inPlace are the types that a browser shows without running anything.
var inPlace = []string{"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"}

// OpenEvidence opens a file that the unit's report names, for those who may read the report (A8(5)).
func (d *Desk) OpenEvidence(ctx context.Context, unit, digest, name string) (*File, error) {
	own, err := d.readsReport(ctx, unit)
	if err != nil {
		return nil, err
	}
	named, err := d.Store.EvidenceNamed(ctx, query.EvidenceNamedParams{CycleID: d.Cycle.CycleID, Unit: unit, Sha256: digest, Name: name, Drafts: own})
	if err != nil {
		return nil, err
	}
	if !named {
		return nil, store.Missing("the report of " + unit + " names no such file")
	}
	return d.openKept(ctx, digest, name)
}

// openKept opens a kept file under the name by which who may read it knows it.
func (d *Desk) openKept(ctx context.Context, digest, name string) (*File, error) {
	content, err := d.Evidence.Open(ctx, digest)
	if errors.Is(err, documents.ErrEvidenceMissing) {
		return nil, &store.Error{Kind: store.Internal, Reasons: []string{"the file is not in the evidence store"}, Err: err}
	}
	if err != nil {
		return nil, err
	}
	return openFile(name, content)
}

func openFile(name string, content io.ReadCloser) (*File, error) {
	buffered := bufio.NewReaderSize(content, headLength)
	head, err := buffered.Peek(headLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("couldn't read %s: %w", name, err), content.Close())
	}
	kind := typeOf(head)
	return &File{ReadCloser: readCloser{buffered, content}, Name: name, Type: kind, InPlace: slices.Contains(inPlace, kind)}, nil
}

// readCloser reads through a buffer and closes what is behind it.
type readCloser struct {
	io.Reader
	io.Closer
}
