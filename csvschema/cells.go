package csvschema

// A Row is a row of one of the two files.
type Row interface {
	VirtualMachineRow | DiskRow
}

// Cells reads and sets the cells of one row by documented column, for code that
// treats all columns in the same way. [CellsOf] returns the Cells of a row. They
// print, log and marshal as the row does: redacted.
type Cells interface {
	// Role returns the role of the file that the row belongs to.
	Role() Role
	// Key returns the key of the row.
	Key() Key
	// AppendCells appends the text of all cells to dst, in the order of
	// [Role.Columns], and returns the result.
	AppendCells(dst []string) []string
	// Cell returns the text of the cell of column c, and "" if the role has no
	// such column.
	Cell(c Column) string
	// SetCell sets the cell of column c. Text that the column cannot hold is
	// [ErrValue], a column that the role does not have is [ErrUnknownColumn], both
	// in an [Error]; the row then stays as it was.
	SetCell(c Column, text string) error
}

// CellsOf returns the cells of the row. They are the row's own: a cell that is set
// is set in the row. CellsOf does not allocate.
func CellsOf[T Row](row *T) Cells {
	if disk, ok := any(row).(*DiskRow); ok {
		return diskCells{disk}
	}
	machine, _ := any(row).(*VirtualMachineRow)
	return machineCells{machine}
}

// roleOf returns the role of the file that T is a row of.
func roleOf[T Row]() Role {
	var row *T
	return CellsOf(row).Role()
}

// machineCells are the Cells of a row of virtual machines.
type machineCells struct{ *VirtualMachineRow }

func (machineCells) Role() Role { return VirtualMachines }

func (r machineCells) AppendCells(dst []string) []string {
	return append(dst,
		r.SubscriptionId, r.LabUId, r.LabName, r.LabResourceId, r.ResourceGroupName, r.ResourceId.Reveal(),
		r.ResourceUId, r.Name.Reveal(), r.CreatedTime.text, r.DeletedDate.text, r.ResourceOwner.Reveal(),
		r.PricingTier, r.ResourceStatus, r.ComputeResourceId.Reveal(), r.Claimable.text, r.EnvironmentId.Reveal(),
		r.ExpirationDate.text, r.GalleryImageReferenceVersion, r.GalleryImageReferenceOffer,
		r.GalleryImageReferencePublisher, r.GalleryImageReferenceSku, r.GalleryImageReferenceOsType,
		r.CustomImageId.Reveal(),
	)
}

func (r machineCells) Cell(c Column) string { return fieldText(r.field(c)) }

func (r machineCells) SetCell(c Column, text string) error {
	return setField(r.field(c), VirtualMachines, c, text)
}

// field returns a pointer to the field of column c, or nil.
func (r machineCells) field(c Column) any {
	fields := [columnCount + 1]any{
		SubscriptionId: &r.SubscriptionId, LabUId: &r.LabUId, LabName: &r.LabName, LabResourceId: &r.LabResourceId,
		ResourceGroupName: &r.ResourceGroupName, ResourceId: &r.ResourceId, ResourceUId: &r.ResourceUId,
		Name: &r.Name, CreatedTime: &r.CreatedTime, DeletedDate: &r.DeletedDate, ResourceOwner: &r.ResourceOwner,
		PricingTier: &r.PricingTier, ResourceStatus: &r.ResourceStatus, ComputeResourceId: &r.ComputeResourceId,
		Claimable: &r.Claimable, EnvironmentId: &r.EnvironmentId, ExpirationDate: &r.ExpirationDate,
		GalleryImageReferenceVersion:   &r.GalleryImageReferenceVersion,
		GalleryImageReferenceOffer:     &r.GalleryImageReferenceOffer,
		GalleryImageReferencePublisher: &r.GalleryImageReferencePublisher,
		GalleryImageReferenceSku:       &r.GalleryImageReferenceSku,
		GalleryImageReferenceOsType:    &r.GalleryImageReferenceOsType, CustomImageId: &r.CustomImageId,
	}
	if int(c) >= len(fields) {
		return nil
	}
	return fields[c]
}

// diskCells are the Cells of a row of disks.
type diskCells struct{ *DiskRow }

func (diskCells) Role() Role { return Disks }

func (r diskCells) AppendCells(dst []string) []string {
	return append(dst,
		r.SubscriptionId, r.LabUId, r.LabName, r.LabResourceId, r.ResourceGroupName, r.ResourceId.Reveal(),
		r.ResourceUId, r.Name.Reveal(), r.CreatedTime.text, r.DeletedDate.text, r.ResourceStatus,
		r.DiskBlobName.Reveal(), r.DiskSizeGB.text, r.DiskType, r.LeasedByVmId.Reveal(),
	)
}

func (r diskCells) Cell(c Column) string { return fieldText(r.field(c)) }

func (r diskCells) SetCell(c Column, text string) error {
	return setField(r.field(c), Disks, c, text)
}

// field returns a pointer to the field of column c, or nil.
func (r diskCells) field(c Column) any {
	fields := [columnCount + 1]any{
		SubscriptionId: &r.SubscriptionId, LabUId: &r.LabUId, LabName: &r.LabName, LabResourceId: &r.LabResourceId,
		ResourceGroupName: &r.ResourceGroupName, ResourceId: &r.ResourceId, ResourceUId: &r.ResourceUId,
		Name: &r.Name, CreatedTime: &r.CreatedTime, DeletedDate: &r.DeletedDate, ResourceStatus: &r.ResourceStatus,
		DiskBlobName: &r.DiskBlobName, DiskSizeGB: &r.DiskSizeGB, DiskType: &r.DiskType,
		LeasedByVmId: &r.LeasedByVmId,
	}
	if int(c) >= len(fields) {
		return nil
	}
	return fields[c]
}

// fieldText returns the text of the cell that a field points to, and "" for nil.
func fieldText(field any) string {
	switch f := field.(type) {
	case *string:
		return *f
	case *PersonalText:
		return f.Reveal()
	case *DateTime:
		return f.text
	case *Bool:
		return f.text
	case *Integer:
		return f.text
	}
	return ""
}

// setField sets the cell of column c that a field points to.
func setField(field any, role Role, c Column, text string) error {
	err := ErrUnknownColumn
	switch f := field.(type) {
	case *string:
		*f, err = text, nil
	case *PersonalText:
		err = f.UnmarshalCSV(text)
	case *DateTime:
		err = setValid(f, text, ParseDateTime)
	case *Bool:
		err = setValid(f, text, parseBool)
	case *Integer:
		err = setValid(f, text, parseInteger)
	}
	if err != nil {
		return &Error{FileID: FileID{Role: role}, Column: c, Err: err}
	}
	return nil
}

// setValid sets the cell to the parsed text, unless parse fails.
func setValid[C any](cell *C, text string, parse func(string) (C, error)) error {
	parsed, err := parse(text)
	if err == nil {
		*cell = parsed
	}
	return err
}
