package portal

import (
	"bytes"
	"fmt"

	"github.com/kaoping/kaoping/office"
)

// auditPage is what there is to check of a year, and what came out of it.
type auditPage struct {
	office.Audit
	// Journal is what was found wrong with the journal's chain, JournalChecked that it was followed.
	Journal        []string
	JournalChecked bool
	// Book is what came out of computing the book again; nil before somebody asked.
	Book *office.BookCheck
}

// showAudit shows what there is to check, and checks what the address asks for. Nothing is changed by it.
func (v *visit) showAudit() error {
	audit, err := v.desk.Audit(v.r.Context())
	if err != nil {
		return err
	}
	page := auditPage{Audit: audit}
	switch v.r.URL.Query().Get("check") {
	case "journal":
		if page.Journal, err = v.desk.CheckJournal(v.r.Context()); err != nil {
			return err
		}
		page.JournalChecked = true
		for i, found := range page.Journal {
			page.Journal[i] = v.catalogue.reason(v.language, found)
		}
	case "book":
		check, err := v.desk.CheckBook(v.r.Context())
		if err != nil {
			return err
		}
		if err := v.desk.LogRead(v.r.Context(), office.BookRead, fmt.Sprintf("recomputed/%d", check.Number), v.address()); err != nil {
			return err
		}
		page.Book = &check
	}
	return v.render("audit", page)
}

func (v *visit) sendBook() error {
	book, err := v.desk.BookFile(v.r.Context())
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.BookRead, "book.json", v.address()); err != nil {
		return err
	}
	return v.sendFile(v.fileName("book.json"), "application/json", []byte(book))
}

func (v *visit) sendJournal() error {
	var out bytes.Buffer
	if err := v.desk.JournalFile(v.r.Context(), &out); err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.JournalRead, "journal.jsonl", v.address()); err != nil {
		return err
	}
	return v.sendFile(v.fileName("journal.jsonl"), "application/jsonl", out.Bytes())
}

// fileName is a file's of this cycle.
func (v *visit) fileName(what string) string {
	return fmt.Sprintf("%s-%d-%s", v.desk.Cycle.Authority, v.desk.Cycle.Year, what)
}
