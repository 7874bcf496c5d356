package source

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// DetectRole says which of the two exports a source is, by its header. It needs the
// columns that tell what a row is about: LabUId, ResourceUId and ResourceId, and
// ResourceOwner or LeasedByVmId. It reads no more than the beginning.
//
// What is wrong with the header is a [csvschema.Error] with [csvschema.ErrNoHeader],
// [csvschema.ErrMissingColumn] or the like. Its Role is 0 if the header is that of neither,
// or of both: disks to which somebody added owners are no virtual machines.
// The errors of the source are in such an Error, too.
func DetectRole(ctx context.Context, s csvschema.Source) (csvschema.Role, error) {
	role := csvschema.VirtualMachines
	names, err := checkHeader(ctx, s, role)
	isDisk := func(name string) bool { return strings.EqualFold(name, csvschema.LeasedByVmId.String()) }
	if errors.Is(err, csvschema.ErrWrongRole) {
		role = csvschema.Disks
		_, err = checkHeader(ctx, s, role)
	} else if e, ok := errors.AsType[*csvschema.Error](err); ok {
		unknown := *e
		unknown.Role = 0
		err = &unknown
	} else if slices.ContainsFunc(names, isDisk) {
		err = &csvschema.Error{Line: 1, Column: csvschema.LeasedByVmId, Err: csvschema.ErrWrongRole, Hint: "the file has the columns of both kinds"}
	}
	if err != nil {
		return 0, err
	}
	return role, nil
}

// errHeaderRead ends a pass after the header.
var errHeaderRead = errors.New("the header was read")

// checkHeader checks the header of a source as that of a role, and returns the names of its
// columns.
func checkHeader(ctx context.Context, s csvschema.Source, role csvschema.Role) (names []string, err error) {
	file := csvschema.NewFile(csvschema.FileID{Role: role}, s, csvschema.FileOptions{Required: required, Workers: 1, SinglePass: true})
	err = csvschema.ForEachChunk(ctx, file, csvschema.Pass[struct{}]{
		Header: func(h *csvschema.Header) error {
			for i := range h.Len() {
				names = append(names, h.Name(i))
			}
			return errHeaderRead
		},
	})
	if err == errHeaderRead {
		return names, nil
	}
	return nil, err
}

// required returns the columns that a file must have to be an export of the role.
func required(role csvschema.Role) []csvschema.Column {
	decides := csvschema.ResourceOwner
	if role == csvschema.Disks {
		decides = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.ResourceUId, decides}
}
