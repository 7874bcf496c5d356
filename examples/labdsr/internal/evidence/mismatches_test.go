package evidence_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
)

func TestFilesAreThoseOfTheReceiptOneToOne(t *testing.T) {
	t.Parallel()
	file := func(number int, digest byte) receipt.File {
		return receipt.File{Export: 1, File: number, Role: csvschema.Disks, Bytes: 9, Digest: identity.Digest{digest}}
	}
	id := func(number int) csvschema.FileID {
		return csvschema.FileID{Export: 1, File: number, Role: csvschema.Disks}
	}
	longer, machines := file(1, 1), file(1, 1)
	longer.Bytes++
	machines.Role = csvschema.VirtualMachines
	files := func(all ...receipt.File) []receipt.File { return all }
	for _, test := range []struct {
		name       string
		said, have []receipt.File
		digests    bool
		wrong      []int
		missing    []csvschema.FileID
	}{
		{"none", nil, nil, true, nil, nil},
		{"same", files(file(1, 1), file(2, 2)), files(file(2, 2), file(1, 1)), true, nil, nil},
		{"other bytes", files(file(1, 1)), files(file(1, 2)), true, []int{0}, nil},
		{"other bytes, and no key", files(file(1, 1)), files(file(1, 2)), false, nil, nil},
		{"other size, and no key", files(file(1, 1)), files(longer), false, []int{0}, nil},
		{"exchanged", files(file(1, 1), file(2, 2)), files(file(1, 2), file(2, 1)), true, []int{0, 1}, nil},
		{"missing", files(file(1, 1), file(2, 2)), files(file(1, 1)), true, nil, []csvschema.FileID{id(2)}},
		{"added", files(file(1, 1)), files(file(1, 1), file(2, 2)), true, []int{1}, nil},
		{"of the other kind", files(file(1, 1)), files(machines), true, []int{0}, []csvschema.FileID{id(1)}},
		{"twice in the receipt", files(file(1, 1), file(1, 1)), files(file(1, 1)), true, nil, []csvschema.FileID{id(1)}},
		{"twice in the receipt, differing", files(file(1, 1), file(1, 2)), files(file(1, 1)), true, []int{0}, []csvschema.FileID{id(1)}},
		{"twice there", files(file(1, 1)), files(file(1, 1), file(1, 1)), true, []int{1}, nil},
		{"nothing there", files(file(1, 1), file(1, 1)), nil, true, nil, []csvschema.FileID{id(1), id(1)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wrong, missing := evidence.Mismatches(test.said, test.have, test.digests)
			assert.Equal(t, test.wrong, wrong)
			assert.Equal(t, test.missing, missing)
		})
	}
}
