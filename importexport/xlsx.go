package importexport

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"callhue/internal/fault"
)

// Bounds of a workbook: a zip of a megabyte can hold a text that no memory does.
const (
	maxUnzipped      = 2 << 30  // bytes of all parts together
	maxUnzippedPart  = 32 << 20 // bytes of a part that stays in memory; a longer one goes through a temporary file
	maxUnzippedRatio = 200      // unzipped to zipped
	maxSheetColumns  = 2000
)

// workbook reads a sheet of an .xlsx file as CSV text, a line for each row of the sheet, empty ones included: then its
// header, columns and line numbers are found as those of a file. A line end inside a cell is written as lineInCell.
type workbook struct {
	file          *excelize.File
	shown, stored *excelize.Rows // the same rows, as the user saw them and as they are stored
	row           int
	text          bytes.Buffer
	done          bool
	input         *inputFile
	rows          int // of the sheet, as it says itself; 0 if it does not
}

// lineInCell stands for a line end inside a cell of a workbook. XML does not allow it, so no cell has it.
const lineInCell = "\v"

// openWorkbook opens the first sheet that has data. The caller closes it. Faults: invalid_input (file: not_a_table,
// too_large, no_header).
func openWorkbook(s *inputFile) (*workbook, error) {
	limit := min(maxUnzipped, max(maxUnzippedRatio*s.size, 4<<20))
	file, err := excelize.OpenFile(s.path, excelize.Options{UnzipSizeLimit: limit,
		UnzipXMLSizeLimit: min(maxUnzippedPart, limit), ShortDatePattern: "yyyy-mm-dd",
		LongDatePattern: "yyyy-mm-dd", LongTimePattern: "hh:mm:ss"})
	if err != nil {
		return nil, workbookFault(err)
	}
	w := &workbook{file: file, input: s}
	sheet, err := w.sheetWithData()
	if err == nil && sheet == "" {
		err = fault.Invalid("file", "no_header")
	}
	if err == nil {
		err = w.openSheet(sheet)
	}
	if err != nil {
		w.close()
		return nil, workbookFault(err)
	}
	return w, nil
}

func workbookFault(err error) error {
	var named *fault.Error
	if errors.As(err, &named) {
		return err
	}
	code := "not_a_table"
	if strings.Contains(err.Error(), "unzip size exceeds") {
		code = "too_large"
	}
	return formatFault(code).Because(err)
}

// sheetWithData returns the first visible sheet that has two rows with text, else the first that has one; "" for
// none.
func (w *workbook) sheetWithData() (string, error) {
	first := ""
	for _, sheet := range w.file.GetSheetList() {
		if visible, err := w.file.GetSheetVisible(sheet); err != nil || !visible {
			continue
		}
		filled, err := w.filledRows(sheet)
		if err != nil {
			return "", err
		}
		switch {
		case filled > 1:
			return sheet, nil
		case filled == 1 && first == "":
			first = sheet
		}
	}
	return first, nil
}

// filledRows returns how many rows of a sheet have text, at most two.
func (w *workbook) filledRows(sheet string) (filled int, err error) {
	rows, err := w.file.Rows(sheet)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	const looked = 1000
	for n := 0; n < looked && filled < 2 && rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			filled++
		}
	}
	return filled, rows.Error()
}

func (w *workbook) openSheet(sheet string) (err error) {
	if w.shown, err = w.file.Rows(sheet); err != nil {
		return err
	}
	if w.stored, err = w.file.Rows(sheet); err != nil {
		return err
	}
	if dimension, err := w.file.GetSheetDimension(sheet); err == nil {
		_, last, _ := strings.Cut(dimension, ":")
		if _, row, err := excelize.CellNameToCoordinates(last); err == nil {
			w.rows = row
		}
	}
	return nil
}

func (w *workbook) close() {
	for _, rows := range []*excelize.Rows{w.shown, w.stored} {
		if rows != nil {
			_ = rows.Close()
		}
	}
	_ = w.file.Close()
}

// Read returns the rows as CSV text with tabs between the cells.
func (w *workbook) Read(p []byte) (int, error) {
	for w.text.Len() == 0 {
		if w.done {
			return 0, io.EOF
		}
		if err := w.readRow(); err != nil {
			return 0, err
		}
	}
	return w.text.Read(p)
}

// readRow writes the next row into the buffer.
func (w *workbook) readRow() error {
	if !w.shown.Next() || !w.stored.Next() {
		w.done = true
		w.input.bytesRead.Store(w.input.size)
		return errors.Join(w.shown.Error(), w.stored.Error())
	}
	shown, err := w.shown.Columns()
	if err != nil {
		return err
	}
	stored, err := w.stored.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return err
	}
	w.row++
	if w.rows > 0 {
		w.input.bytesRead.Store(w.input.size * int64(min(w.row, w.rows)) / int64(w.rows))
	}
	for i, cell := range shown[:min(len(shown), maxSheetColumns)] {
		if i > 0 {
			w.text.WriteByte('\t')
		}
		if i < len(stored) {
			cell = asSeen(cell, stored[i])
		}
		w.writeCell(cell)
	}
	w.text.WriteByte('\n')
	return nil
}

func (w *workbook) writeCell(cell string) {
	cell = strings.NewReplacer("\r\n", lineInCell, "\n", lineInCell, "\r", lineInCell).Replace(cell)
	if strings.ContainsAny(cell, "\t\"") {
		cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	w.text.WriteString(cell)
}

// wholeNumber is a number as a workbook stores it that may be a telephone.
var wholeNumber = regexp.MustCompile(`^-?\d(?:\d{8,}(?:\.0+)?|\.\d+[eE]\+?\d+)$`)

// asSeen returns a cell as the user saw it, except for a long whole number whose form hides digits: 7.495E+10,
// 79,160,000,011 and a row of hashes are the digits that are stored.
func asSeen(shown, stored string) string {
	if shown == stored || !wholeNumber.MatchString(stored) {
		return shown
	}
	exact, err := strconv.ParseFloat(stored, 64)
	if err != nil || exact != float64(int64(exact)) || exact >= 1<<53 {
		return shown
	}
	digits := strconv.FormatInt(int64(exact), 10)
	if strings.HasSuffix(digitsIn(shown), digits) && !strings.ContainsAny(shown, ",'\u00a0\u202f") &&
		!strings.Contains(shown, ".") {
		return shown // a form of a telephone: +7 (916) 000-00-11
	}
	return digits
}

func digitsIn(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, text)
}
