package ballots

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/kaoping/kaoping/rules"
)

// Published is what is published of an evaluation, with its book.
type Published struct {
	// List and Book are ballots.jsonl and book.json.
	List, Book io.Reader
	// Checkpoint and Key are the signed root, and the public key of who signed it.
	Checkpoint, Key string
	// JournalRoot is the root that the journal tells; empty where no journal is at hand.
	JournalRoot string
}

// Report is what was found to be right.
type Report struct {
	Root Root
	// Hidden is of how many only the hash is listed, Counted how many the book counts, Excluded how many it leaves out.
	Hidden            int64
	Counted, Excluded int
}

// Verify checks that the list is the one that was sealed and signed, that the book counts each ballot of it once or says why
// not, and that the book's results follow from what it counts. The error has a line for everything that is wrong, with
// the file in which it is.
func (p Published) Verify(library rules.Library) (Report, error) {
	var report Report
	list, listErr := ReadList(p.List)
	book, bookErr := rules.ReadBook(p.Book, library)
	root, rootErr := OpenCheckpoint(p.Checkpoint, p.Key)
	report.Root = root
	faults := []error{listErr, in("book.json", bookErr), in("checkpoint", rootErr)}
	if rootErr == nil {
		faults = append(faults, in("journal", p.checkJournal(root)))
	}
	if listErr == nil {
		report.Hidden = list.Hidden
		if rootErr == nil {
			faults = append(faults, in("ballots.jsonl", list.Check(root.Size, root.Hash)))
		}
	}
	if bookErr == nil {
		report.Counted, report.Excluded = len(book.Ballots), len(book.Excluded)
		faults = append(faults, in("book.json", checkResults(book)))
		if rootErr == nil {
			faults = append(faults, in("book.json", checkLog(book, root)))
		}
		if listErr == nil {
			faults = append(faults, in("book.json", list.CheckBook(book)))
		}
	}
	return report, errors.Join(faults...)
}

func (p Published) checkJournal(root Root) error {
	if p.JournalRoot == "" || p.JournalRoot == root.Hash.String() {
		return nil
	}
	return fmt.Errorf("the ballots were sealed under %s, the checkpoint says %s", p.JournalRoot, root.Hash)
}

// rehearsalLog is the part of a log's name by which a rehearsal's differs from the real one.
var rehearsalLog = regexp.MustCompile(`^kaoping/rehearsal/[0-9]+/`)

func checkLog(book *rules.Book, root Root) error {
	if log := rehearsalLog.ReplaceAllString(root.Log, "kaoping/"); log != "kaoping/"+book.Cycle {
		return fmt.Errorf("it is of %s, the checkpoint of %s", book.Cycle, root.Log)
	}
	return nil
}

func checkResults(book *rules.Book) error {
	differences, err := book.Check()
	if err != nil {
		return err
	}
	if len(differences) > 0 {
		return differences
	}
	if digest := book.Digest(); book.ApprovedDigest != "" && book.ApprovedDigest != digest {
		return fmt.Errorf("its digest is %s, approved was %s", digest, book.ApprovedDigest)
	}
	return nil
}

// fileError says of each line in which file it is.
type fileError struct {
	file string
	err  error
}

func in(file string, err error) error {
	if err == nil {
		return nil
	}
	return &fileError{file, err}
}

func (e *fileError) Error() string {
	return e.file + ": " + strings.ReplaceAll(e.err.Error(), "\n", "\n"+e.file+": ")
}

func (e *fileError) Unwrap() error { return e.err }
