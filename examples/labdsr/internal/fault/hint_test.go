package fault_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

func TestHint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"of its own", fault.In("a.csv", fault.WithHint(fs.ErrNotExist, "make %d", 2)), "make 2"},
		{"of the system", fault.In("a.csv", fs.ErrNotExist), "check the name, and the folder in which you are"},
		{"of the library", &csvschema.Error{Hint: "take another", Err: csvschema.ErrNoHeader}, "take another"},
		{"of the kind", &csvschema.Error{Err: csvschema.ErrNoHeader}, "use the original download"},
		{"date of deletion", &csvschema.Error{Column: csvschema.DeletedDate, Err: csvschema.ErrValue}, "correct the date, or keep such rows with --keep-unreadable-dates"},
		{"other cell", &csvschema.Error{Column: csvschema.CreatedTime, Err: csvschema.ErrValue}, ""},
		{"none", errors.New("x"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, fault.Hint(test.err))
		})
	}
}
