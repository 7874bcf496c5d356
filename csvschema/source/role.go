package source

import (
	"context"
	"errors"

	"github.com/labdsr/labdsr/csvschema"
)

// DetectRole says which of the two exports a source is, by its header. It needs the
// columns that tell what a row is about: LabUId, ResourceUId and ResourceId, and
// ResourceOwner or LeasedByVmId. It reads no more than the beginning.
//
// What is wrong with the header is a [csvschema.Error] with [csvschema.ErrNoHeader],
// [csvschema.ErrMissingColumn] or the like. Its Role is 0 if the header is that of neither.
// The errors of the source are in such an Error, too.
func DetectRole(ctx context.Context, s csvschema.Source) (csvschema.Role, error) {
	role := csvschema.VirtualMachines
	err := checkHeader(ctx, s, role)
	if errors.Is(err, csvschema.ErrWrongRole) {
		role = csvschema.Disks
		err = checkHeader(ctx, s, role)
	} else if e, ok := errors.AsType[*csvschema.Error](err); ok {
		unknown := *e
		unknown.Role = 0
		err = &unknown
	}
	if err != nil {
		return 0, err
	}
	return role, nil
}

// errHeaderRead ends a pass after the header.
var errHeaderRead = errors.New("the header was read")

// checkHeader checks the header of a source as that of a role.
func checkHeader(ctx context.Context, s csvschema.Source, role csvschema.Role) error {
	file := csvschema.NewFile(csvschema.FileID{Role: role}, s, csvschema.FileOptions{Required: required, Workers: 1, SinglePass: true})
	err := csvschema.ForEachChunk(ctx, file, csvschema.Pass[struct{}]{
		Header: func(*csvschema.Header) error { return errHeaderRead },
	})
	if err == errHeaderRead {
		return nil
	}
	return err
}

// required returns the columns that a file must have to be an export of the role.
func required(role csvschema.Role) []csvschema.Column {
	decides := csvschema.ResourceOwner
	if role == csvschema.Disks {
		decides = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.ResourceUId, decides}
}
