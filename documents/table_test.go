package documents

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var testColumns = []Column{{Name: "code"}, {Name: "name"}, {Name: "note", Optional: true}}

// readLines reads a table and writes its rows as LINE|code|name|note.
func readLines(t *testing.T, content string) (rows, faults []string) {
	t.Helper()
	table, found := ReadTable("t.csv", []byte(content), testColumns)
	for _, row := range table.Rows {
		rows = append(rows, fmt.Sprintf("%d|%s|%s|%s", row.Line, row.Field("code"), row.Field("name"), row.Field("note")))
	}
	return rows, lines(found)
}

func lines[T error](err T) []string {
	if text := err.Error(); text != "" {
		return strings.Split(text, "\n")
	}
	return nil
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	gbk := func(text string) string {
		encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"plain":              {"code,name,note\nC01,崆峒区,x\nC02,华亭市,\n", []string{"2|C01|崆峒区|x", "3|C02|华亭市|"}},
		"no last line break": {"code,name\nC01,崆峒区", []string{"2|C01|崆峒区|"}},
		"CRLF":               {"code,name\r\nC01,崆峒区\r\nC02,华亭市\r\n", []string{"2|C01|崆峒区|", "3|C02|华亭市|"}},
		"byte order mark":    {"\ufeffcode,name\nC01,崆峒区\n", []string{"2|C01|崆峒区|"}},
		"GBK":                {gbk("code,name\nC01,崆峒区人民政府\n"), []string{"2|C01|崆峒区人民政府|"}},
		"GBK, CRLF":          {gbk("code,name\r\nC01,平凉工业园区(高新区)管委会\r\n"), []string{"2|C01|平凉工业园区(高新区)管委会|"}},
		"any order":          {"note,name,code\nx,崆峒区,C01\n", []string{"2|C01|崆峒区|x"}},
		"quotes":             {"code,name\n\"C01\",\"a \"\"b\"\", c\"\n", []string{`2|C01|a "b", c|`}},
		"lines in a field":   {"code,name\nC01,\"a\nb\nc\"\nC02,d\n", []string{"2|C01|a\nb\nc|", "5|C02|d|"}},
		"CRLF in a field":    {"code,name\r\nC01,\"a\r\nb\"\r\nC02,d\r\n", []string{"2|C01|a\nb|", "4|C02|d|"}},
		"blank lines":        {"\ncode,name\n\nC01,a\n , \n,\nC02,b\n\n", []string{"4|C01|a|", "7|C02|b|"}},
		"blanks around":      {" code ,name\n C01\t,\u3000崆峒区 \n", []string{"2|C01|崆峒区|"}},
		"heading only":       {"code,name\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, faults := readLines(t, c.content)
			if diff := cmp.Diff(c.want, rows); diff != "" {
				t.Error(diff)
			}
			if faults != nil {
				t.Error(faults)
			}
		})
	}
}

func TestReadTableFaults(t *testing.T) {
	t.Parallel()
	const notText = "file: is neither UTF-8 nor GB18030 text: save the table as CSV in UTF-8"
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"nothing":           {"", []string{"t.csv:1: file: is empty: the heading code,name,note is missing"}},
		"blank lines":       {"\n,,\n", []string{"t.csv:1: file: is empty: the heading code,name,note is missing"}},
		"missing column":    {"code,note\nC01,x\n", []string{"t.csv:1: name: is missing in the heading"}},
		"missing columns":   {"note\nx\n", []string{"t.csv:1: code: is missing in the heading", "t.csv:1: name: is missing in the heading"}},
		"unknown column":    {"code,name,phone\nC01,a,1\n", []string{"t.csv:1: phone: is an unknown column: the columns are code,name,note"}},
		"unknown, unlike":   {"code,name,\"a: b\"\nC01,a,1\n", []string{"t.csv:1: column 3: is an unknown column: the columns are code,name,note"}},
		"nameless column":   {"code,name,\nC01,a,\n", []string{"t.csv:1: column 3: has no name in the heading"}},
		"doubled column":    {"code,name,code\nC01,a,C02\n", []string{"t.csv:1: code: stands twice in the heading"}},
		"broken heading":    {"code,\"na\nme\"\nC01,a\n", []string{"t.csv:1: column 2: is an unknown column: the columns are code,name,note", "t.csv:1: name: is missing in the heading"}},
		"late heading":      {"\n\ncode\n", []string{"t.csv:3: name: is missing in the heading"}},
		"short row":         {"code,name,note\nC01\nC02,b,c\n", []string{"t.csv:2: name: is missing: the line has 1 fields, the heading 3", "t.csv:2: note: is missing: the line has 1 fields, the heading 3"}},
		"surplus row":       {"code,name\nC01,a\nC02,b,c,d\n", []string{"t.csv:3: column 3: is surplus: the line has 4 fields, the heading 2"}},
		"NUL":               {"code,name\nC01,a\x00b\n", []string{"t.csv:2: name: has the character U+0000, which no text needs"}},
		"escape":            {"code,name\nC01,a\nC02,\x1b[31m\n", []string{"t.csv:3: name: has the character U+001B, which no text needs"}},
		"lone CR":           {"code,name\nC01,\"a\rb\"\n", []string{"t.csv:2: name: has the character U+000D, which no text needs"}},
		"lost character":    {"code,name\nC01,a\ufffd\n", []string{"t.csv:2: name: has the character U+FFFD, which no text needs"}},
		"bare quote":        {"code,name\nC01,a\"b\nC02,c,d\n", []string{"t.csv:2: row: has a quote inside a field: put the field in quotes and double the quote", "t.csv:3: column 3: is surplus: the line has 3 fields, the heading 2"}},
		"text after quote":  {"code,name\nC01,\"a\"b\n", []string{"t.csv:2: row: has a quoted field that does not end, or that more text follows"}},
		"open quote":        {"code,name\nC01,a\nC02,\"b\nC03,c\n", []string{"t.csv:3: row: has a quoted field that does not end, or that more text follows"}},
		"open in heading":   {"code,\"name\nC01,a\n", []string{"t.csv:1: row: has a quoted field that does not end, or that more text follows"}},
		"quote in heading":  {"co\"de,name\nC01,a\n", []string{"t.csv:1: row: has a quote inside a field: put the field in quotes and double the quote"}},
		"neither":           {"code,name\nC01,\xff\xfe\n", []string{"t.csv:2: " + notText}},
		"UTF-16":            {"\xff\xfec\x00o\x00d\x00e\x00", []string{"t.csv:1: " + notText}},
		"damaged UTF-8":     {"code,name\nC01,崆峒区人民政府\nC02,华亭\xe5\xb8\nC03,泾川县\n", []string{"t.csv:3: " + notText}},
		"damaged with mark": {"\ufeffcode,name\nC01,\xb9\xfa\n", []string{"t.csv:2: " + notText}},
		"several at once": {"code,code,phone\n1,2,3,4\n5,\x01,7\n", []string{
			"t.csv:1: code: stands twice in the heading",
			"t.csv:1: phone: is an unknown column: the columns are code,name,note",
			"t.csv:1: name: is missing in the heading",
			"t.csv:3: column 2: has the character U+0001, which no text needs",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, faults := readLines(t, c.content)
			if diff := cmp.Diff(c.want, faults); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadTableKnowsAColumnByAnotherName(t *testing.T) {
	t.Parallel()
	columns := []Column{{Name: "kind", Also: []string{"type"}}}
	table, faults := ReadTable("t.csv", []byte("type\noff\n"), columns)
	if faults != nil || table.Rows[0].Field("kind") != "off" {
		t.Error(table, faults)
	}
	_, faults = ReadTable("t.csv", []byte("type,kind\noff,off\n"), columns)
	if want := []string{"t.csv:1: kind: stands twice in the heading"}; !cmp.Equal(lines(faults), want) {
		t.Error(faults)
	}
}

func TestReadTableSize(t *testing.T) {
	t.Parallel()
	_, faults := ReadTable("t.csv", bytes.Repeat([]byte("\n"), MaxTable+1), testColumns)
	if want := []string{"t.csv:1: file: is larger than 32 MiB"}; !cmp.Equal(lines(faults), want) {
		t.Error(faults)
	}
}

func TestReadTableOfTenThousandLines(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	content.WriteString("code,name\n")
	for i := range 10_000 {
		fmt.Fprintf(&content, "C%05d,单位%d\n", i, i)
	}
	rows, faults := readLines(t, content.String())
	if len(rows) != 10_000 || rows[9_999] != "10001|C09999|单位9999|" || faults != nil {
		t.Errorf("%d rows, faults %v", len(rows), faults)
	}
}

func workbook(t *testing.T, rows map[string][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for cell, values := range rows {
		if err := book.SetSheetRow("Sheet1", cell, &values); err != nil {
			t.Fatal(err)
		}
	}
	content, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func TestReadTableFromSpreadsheet(t *testing.T) {
	t.Parallel()
	content := workbook(t, map[string][]any{
		"A1": {"code", "name", "note"},
		"A2": {"C01", "崆峒区", 1.1},
		"A4": {101, "华亭市"},
		"A6": {nil, nil, nil, "surplus"},
	})
	table, faults := ReadTable("t.XLSX", content, testColumns)
	var rows []string
	for _, row := range table.Rows {
		rows = append(rows, fmt.Sprintf("%d|%s|%s|%s", row.Line, row.Field("code"), row.Field("name"), row.Field("note")))
	}
	if diff := cmp.Diff([]string{"2|C01|崆峒区|1.1", "4|101|华亭市|", "6|||"}, rows); diff != "" {
		t.Error(diff)
	}
	if want := []string{"t.XLSX:6: column 4: is surplus: the line has 4 fields, the heading 3"}; !cmp.Equal(lines(faults), want) {
		t.Error(faults)
	}
}

func TestReadTableFromWhatIsNoSpreadsheet(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"text": []byte("code,name\nC01,a\n"), "nothing": nil} {
		table, faults := ReadTable("t.xlsx", content, testColumns)
		if len(table.Rows) != 0 || len(faults) != 1 || faults[0].Path != "t.xlsx:1: file" {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func TestNumbersAsTyped(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{
		"1.1000000000000001":    "1.1",
		"5.0000000000000003E-2": "0.05",
		"-0.59999999999999998":  "-0.6",
		"4.75":                  "4.75",
		"12345678901234567":     "12345678901234567",
		"1.2.3.4.5.6.7.8.9.10":  "1.2.3.4.5.6.7.8.9.10",
		"0933-0000101.00000001": "0933-0000101.00000001",
		"平凉市发展和改革委员会":           "平凉市发展和改革委员会",
	} {
		if got := asTyped(stored); got != want {
			t.Errorf("asTyped(%s) = %s, want %s", stored, got, want)
		}
	}
}
