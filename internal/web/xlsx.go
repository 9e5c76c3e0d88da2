package web

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/xuri/excelize/v2"

	"callhue/internal/fault"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// sendXLSX answers with a workbook. Its first row is read before the answer begins: a fault there is a problem. A later
// one cuts the answer off, which no spreadsheet opens.
func (r *Request) sendXLSX(file CSV) error {
	ctx, cancel := context.WithTimeout(r.server.life, fileLimit)
	next, stop := iter.Pull2(file.Rows(ctx))
	row, err, more := next()
	if err != nil {
		stop()
		cancel()
		return err
	}
	r.C.Set(fiber.HeaderContentType, xlsxType)
	r.C.Set(fiber.HeaderContentDisposition, `attachment; filename="`+file.Name+`.xlsx"`)
	cutOff := r.server.cutOff
	r.C.Context().SetBodyStreamWriter(func(to *bufio.Writer) {
		defer cancel()
		defer stop()
		defer func() { // no one else recovers what happens after the handler
			if p := recover(); p != nil {
				cutOff(fmt.Errorf("panic: %v", p))
			}
		}()
		book := newWorkbook(file.Header)
		for more && err == nil {
			if err = book.add(row); err == nil {
				row, err, more = next()
			}
		}
		if err == nil {
			err = book.write(to)
		}
		book.close()
		if err != nil {
			cutOff(err)
		}
	})
	return nil
}

// workbook is one sheet that is written row by row; what is long waits on disk.
type workbook struct {
	file  *excelize.File
	sheet *excelize.StreamWriter
	time  int // the style of a time
	row   int
	err   error
}

// mostRows is how many rows a sheet has, the header included.
const mostRows = 1 << 20

func newWorkbook(header []string) *workbook {
	b := &workbook{file: excelize.NewFile()}
	format := "yyyy-mm-dd hh:mm:ss"
	if b.time, b.err = b.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); b.err != nil {
		return b
	}
	if b.sheet, b.err = b.file.NewStreamWriter("Sheet1"); b.err != nil {
		return b
	}
	cells := make([]any, len(header))
	for i, name := range header {
		cells[i] = name
	}
	b.err = b.add(cells)
	return b
}

// add writes a row. Numbers, times and truth values have their types; all else is text, which no spreadsheet takes
// for a formula or, as a phone number, for a figure.
func (b *workbook) add(row []any) error {
	if b.err != nil {
		return b.err
	}
	if b.row++; b.row > mostRows {
		return fault.Invalid("format", "too_many_rows")
	}
	cells := make([]any, len(row))
	for i, cell := range row {
		switch v := cell.(type) {
		case nil, int, int64, bool:
			cells[i] = v
		case time.Time:
			cells[i] = b.moment(v)
		case *time.Time:
			if v != nil {
				cells[i] = b.moment(*v)
			}
		case string:
			cells[i] = v
		default:
			cells[i] = PlainCell(cellText(cell))
		}
	}
	at, err := excelize.CoordinatesToCellName(1, b.row)
	if err != nil {
		return err
	}
	return b.sheet.SetRow(at, cells)
}

func (b *workbook) moment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return excelize.Cell{StyleID: b.time, Value: at.UTC()}
}

func (b *workbook) write(to *bufio.Writer) error {
	if b.err != nil {
		return b.err
	}
	if err := b.sheet.Flush(); err != nil {
		return err
	}
	if _, err := b.file.WriteTo(to); err != nil {
		return err
	}
	return to.Flush()
}

func (b *workbook) close() { _ = b.file.Close() }
