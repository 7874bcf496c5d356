package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

func noPath(*csvschema.Error) string { return "" }

func TestTextNamesTheFileOnce(t *testing.T) {
	t.Parallel()
	_, missing := os.Open(filepath.Join("no", "such", "file"))
	full := &fs.PathError{Op: "write", Path: "out.csv", Err: syscall.ENOSPC}
	place := &csvschema.Error{Line: 7, Column: csvschema.DeletedDate, Err: csvschema.ErrValue}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"plain", errors.New("labdsr: too large"), "too large"},
		{"in a file", fault.In("a.csv", errors.New("too large")), "a.csv: too large"},
		{"no such file", missing, filepath.Join("no", "such", "file") + ": no such file or directory"},
		{"in a file that does not exist", fault.In("a.csv", missing), filepath.Join("no", "such", "file") + ": no such file or directory"},
		{"of the library", place, "export.csv: line 7, column DeletedDate: unreadable value"},
		{"of the library, in a file", fault.In("a.csv", place), "a.csv: line 7, column DeletedDate: unreadable value"},
		{"of an output, while an input is read", &csvschema.Error{Line: 7, Err: full}, "out.csv: no space left on device"},
		{"number of a column", fault.In("a.csv", &csvschema.Error{Number: 2, Err: errors.New("odd")}), "a.csv: column number 2: odd"},
		{"with a hint", fault.WithHint(fault.In("a.csv", errors.New("too large")), "cut it"), "a.csv: too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, fault.Text(test.err, func(*csvschema.Error) string { return "export.csv" }))
		})
	}
	assert.Equal(t, "line 7, column DeletedDate: unreadable value", fault.Text(place, noPath))
}

func TestUsageIsKnownThroughWrapping(t *testing.T) {
	t.Parallel()
	assert.True(t, fault.IsUsage(fmt.Errorf("once more: %w", fault.Usage("--%s is needed", "out"))))
	assert.False(t, fault.IsUsage(errors.New("--out is needed")))
}

func TestAnswerOfAVerificationIsKnownThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fault.In("a.json", fault.Unverified(fault.WithHint(errors.New("forged"), "do not trust it")))
	assert.True(t, fault.IsUnverified(fmt.Errorf("once more: %w", err)))
	assert.Equal(t, "a.json: forged", fault.Text(err, noPath))
	assert.Equal(t, "do not trust it", fault.Hint(err))
	assert.Equal(t, "a.json: forged", fault.Text(fault.Unverified(fault.In("a.json", errors.New("forged"))), noPath))
	assert.False(t, fault.IsUnverified(errors.New("forged")))
}
