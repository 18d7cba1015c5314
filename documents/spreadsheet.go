package documents

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// maxUnzipped is the size in bytes of an .xlsx unpacked, above which it is refused: a small file can hide gigabytes.
const maxUnzipped = 4 * MaxTable

// sheet reads the first sheet of an .xlsx. Cells are taken raw, as typed, without the display format of their column.
func (t *tableReading) sheet(content []byte) {
	rows, closeAll, err := firstSheet(content)
	if err != nil {
		t.lose(1, "file", "is no .xlsx table that can be read: %v", err)
		return
	}
	defer closeAll()
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			t.lose(line, "row", "can't be read: %v", err)
			return
		}
		t.record(line, widen(cells, len(t.heading)))
	}
	if err := rows.Error(); err != nil {
		t.lose(1, "file", "is no .xlsx table that can be read: %v", err)
	}
}

func firstSheet(content []byte) (rows *excelize.Rows, closeAll func(), err error) {
	// One limit for both sizes keeps excelize from writing temporary files.
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped,
	})
	if err != nil {
		return nil, nil, err
	}
	rows, err = book.Rows(book.GetSheetName(0))
	if err != nil {
		_ = book.Close() // removes temporary files, of which there are none; the error to tell is the other
		return nil, nil, err
	}
	return rows, func() { _, _ = rows.Close(), book.Close() }, nil // read in memory: nothing is lost in closing
}

// widen makes up for the empty cells at the end of a row, which spreadsheets do not store, and shortens numbers.
func widen(cells []string, width int) []string {
	for i, cell := range cells {
		cells[i] = asTyped(cell)
	}
	for len(cells) < width {
		cells = append(cells, "")
	}
	return cells
}

// asTyped undoes the seventeen digits with which spreadsheets store a number: 1.1 stands there as 1.1000000000000001.
func asTyped(cell string) string {
	if len(cell) < 17 || !strings.Contains(cell, ".") || strings.Trim(cell, "+-.eE0123456789") != "" {
		return cell
	}
	number, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	return strconv.FormatFloat(number, 'f', -1, 64)
}
