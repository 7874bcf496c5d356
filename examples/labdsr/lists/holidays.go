package lists

import (
	"errors"
	"fmt"
	"strings"

	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// Holidays reads files of public holidays as one list. No files are no holidays.
func Holidays(paths []string) (deadline.Holidays, error) {
	var texts []string
	for _, path := range paths {
		text, err := Text(path)
		if err != nil {
			return deadline.Holidays{}, err
		}
		if _, err := deadline.ParseHolidays(strings.NewReader(text)); err != nil {
			if place, ok := errors.AsType[*deadline.Error](err); ok {
				err = fault.WithHint(fmt.Errorf("line %d: %w", place.Line, place.Err), "write one day such as 2026-12-25 a line, perhaps with a name after it")
			}
			return deadline.Holidays{}, fault.In(path, err)
		}
		texts = append(texts, text)
	}
	return deadline.ParseHolidays(strings.NewReader(strings.Join(texts, "\n")))
}
