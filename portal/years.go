package portal

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// maxDataSet bounds the upload of a data set's files together.
const maxDataSet = 64 << 20

// yearsPage lists the years of an authority, and lets its administrators put the next one together.
type yearsPage struct {
	Years []yearView
	// Administers shows what only administrators do.
	Administers bool
	Files       []fileView
	// Complete tells that all needed files are there.
	Complete bool
	Faults   int
}

type yearView struct {
	office.Cycle
	Path string
}

// fileView is one file of the data set that is being put together, with what is wrong in it beside its lines.
type fileView struct {
	Part string
	File *office.DataSetFile
	// Needed is false for holidays alone.
	Needed bool
	Faults []faultView
}

type faultView struct {
	Line   int
	Column string
	Text   string
	// Source is the line as it stands in the file.
	Source string
}

func (v *visit) showYears() error {
	cycles, err := v.Office.Cycles(v.r.Context(), v.account)
	if err != nil {
		return err
	}
	var page yearsPage
	for _, cycle := range cycles {
		page.Years = append(page.Years, yearView{cycle, cyclePath(cycle)})
	}
	if page.Administers, err = v.Office.Administers(v.r.Context(), v.account); err != nil {
		return err
	}
	if page.Administers {
		err = v.addFiles(&page)
	}
	if err != nil {
		return err
	}
	return v.render("years", page)
}

// addFiles shows the kept files, and reads them: all faults at once.
func (v *visit) addFiles(page *yearsPage) error {
	files, err := v.Office.KeptFiles(v.r.Context(), v.account)
	if err != nil {
		return err
	}
	page.Complete = true
	for _, part := range office.DataSetParts {
		shown := fileView{Part: part, Needed: part != "holidays"}
		for i := range files {
			if files[i].Part == part {
				shown.File = &files[i]
			}
		}
		page.Complete = page.Complete && (shown.File != nil || !shown.Needed)
		page.Files = append(page.Files, shown)
	}
	if len(files) == 0 {
		return nil
	}
	_, err = v.Office.ReadKept(v.r.Context(), v.account)
	var faults rules.Faults
	if !errors.As(err, &faults) {
		return err
	}
	page.Faults = len(faults)
	for i := range page.Files {
		page.Files[i].Faults = v.faultsOf(page.Files[i], faults)
	}
	return nil
}

// faultPath is FILE:LINE: COLUMN, as a data set's faults have it.
var faultPath = regexp.MustCompile(`^([^:]+):([0-9]+): (.*)$`)

// faultsOf are those of one file, beside the lines in which they are. A fault whose file is none of the others is one of
// the table of indicators, which the scheme names.
func (v *visit) faultsOf(file fileView, faults rules.Faults) []faultView {
	var shown []faultView
	for _, fault := range faults {
		place := faultPath.FindStringSubmatch(fault.Path)
		if len(place) == 0 || partOf(place[1]) != file.Part || file.File == nil {
			continue
		}
		line, _ := strconv.Atoi(place[2]) // digits, as matched
		shown = append(shown, faultView{
			Line: line, Column: place[3], Text: v.catalogue.reason(v.language, fault.Text), Source: sourceLine(file.File.Content, line),
		})
	}
	return shown
}

func partOf(file string) string {
	for _, part := range office.DataSetParts {
		if office.PartFile(part) == file {
			return part
		}
	}
	return "indicators"
}

// sourceLine is a line of a text; a spreadsheet has none to show.
func sourceLine(content []byte, line int) string {
	text := string(content)
	if strings.HasPrefix(text, "PK\x03\x04") || strings.ContainsRune(text, '\uFFFD') {
		return ""
	}
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[line-1])
}

// keepFiles keeps each file that was chosen in place of the one before, then shows what is wrong in all of them.
func (v *visit) keepFiles() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxDataSet)
	reader, err := v.r.MultipartReader()
	if err != nil {
		return v.refused(office.Refuse("the form does not parse, or is too large"), (*visit).showYears)
	}
	kept := 0
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return v.refused(office.Refuse("the form does not parse, or is too large"), (*visit).showYears)
		}
		if part.FileName() == "" {
			continue
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return v.refused(office.Refuse("the form does not parse, or is too large"), (*visit).showYears)
		}
		if err := v.Office.KeepFile(v.r.Context(), v.account, part.FormName(), part.FileName(), content); err != nil {
			return v.refused(err, (*visit).showYears)
		}
		kept++
	}
	if kept == 0 {
		return v.refused(office.Refuse("no file was chosen"), (*visit).showYears)
	}
	return v.done("/years", "years.kept", kept)
}

func (v *visit) dropFile() error {
	if err := v.Office.DropFile(v.r.Context(), v.account, v.r.PostFormValue("part")); err != nil {
		return v.refused(err, (*visit).showYears)
	}
	return v.done("/years", "years.dropped")
}

// importYear makes the kept files the draft of their year.
func (v *visit) importYear() error { return v.drafted(v.Office.ImportKept(v.r.Context(), v.account)) }

// nextYear drafts the year after the last one.
func (v *visit) nextYear() error { return v.drafted(v.Office.ImportNext(v.r.Context(), v.account)) }

func (v *visit) drafted(cycle office.Cycle, err error) error {
	var faults rules.Faults
	switch {
	case errors.As(err, &faults):
		v.status = http.StatusUnprocessableEntity
		v.faults = []string{v.t("years.faulty", len(faults))}
		return v.showYears()
	case err != nil:
		return v.refused(err, (*visit).showYears)
	}
	return v.done(cyclePath(cycle)+"/setup", "years.drafted")
}
