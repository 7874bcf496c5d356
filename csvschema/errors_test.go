package csvschema_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
)

func TestErrorSaysWhatIsKnownOfThePlace(t *testing.T) {
	t.Parallel()
	id := csvschema.FileID{Export: 1, File: 2, Role: csvschema.Disks}
	for want, e := range map[string]csvschema.Error{
		"labdsr: disks file 2 of export 1, line 3, column LabUId: NUL byte":                     {FileID: id, Line: 3, Column: csvschema.LabUId, Err: csvschema.ErrNUL},
		"labdsr: disks file 2 of export 1, line 3, column number 4: NUL byte":                   {FileID: id, Line: 3, Number: 4, Err: csvschema.ErrNUL},
		"labdsr: virtualmachines: no header row (the file is empty)":                            {FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Err: csvschema.ErrNoHeader, Hint: "the file is empty"},
		"labdsr: disks of export 7: missing column":                                             {FileID: csvschema.FileID{Export: 7, Role: csvschema.Disks}, Err: csvschema.ErrMissingColumn},
		"labdsr: export: no file to read":                                                       {Err: csvschema.ErrNoFiles},
		"labdsr: disks file 2 of export 1, line 9: source differs from an earlier pass over it": {FileID: id, Line: 9, Err: csvschema.ErrSourceChanged},
	} {
		assert.Equal(t, want, e.Error())
		assert.Equal(t, want, e.String(), "and not the String of the FileID")
		assert.Equal(t, want, fmt.Sprint(&e))
		assert.ErrorIs(t, &e, e.Err)
	}
}

func TestErrorWithoutACausePrintsItsPlace(t *testing.T) {
	t.Parallel()
	e := &csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: 3}
	assert.NotPanics(t, func() {
		assert.Equal(t, "labdsr: disks, line 3", e.Error())
		assert.Equal(t, "labdsr: disks, line 3", e.String())
	})
	for _, verb := range []string{"%v", "%s", "%q", "%+v", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, e), "PANIC", verb)
	}
	assert.NotContains(t, fmt.Sprintf("%#v", e), "PANIC")
	assert.NoError(t, errors.Unwrap(e))
}
