package csvschema

// A Row is a row of one of the two files.
type Row interface {
	VirtualMachineRow | DiskRow
}

// Cells gives the cells of one row as text, by documented column: for code that
// treats all columns alike. [CellsOf] makes it of a row.
type Cells interface {
	// Role returns the role of the file that the row is one of.
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
	// [ErrValue], a column that the role does not have [ErrUnknownColumn], both
	// in an [Error]; the row then stays as it was.
	SetCell(c Column, text string) error
}

// CellsOf returns the cells of the row, which they share: what is set in one is
// set in the other. It does not allocate.
func CellsOf[T Row](row *T) Cells { return any(row).(Cells) }

// RoleOf returns the role of the file that T is a row of.
func RoleOf[T Row]() Role {
	var row *T
	return any(row).(Cells).Role()
}

// Role returns [VirtualMachines].
func (*VirtualMachineRow) Role() Role { return VirtualMachines }

// AppendCells appends the text of all cells to dst, in documented order, and
// returns the result.
func (r *VirtualMachineRow) AppendCells(dst []string) []string {
	return append(dst,
		r.SubscriptionId,
		r.LabUId,
		r.LabName,
		r.LabResourceId,
		r.ResourceGroupName,
		r.ResourceId.Reveal(),
		r.ResourceUId,
		r.Name.Reveal(),
		r.CreatedTime.text,
		r.DeletedDate.text,
		r.ResourceOwner.Reveal(),
		r.PricingTier,
		r.ResourceStatus,
		r.ComputeResourceId.Reveal(),
		r.Claimable.text,
		r.EnvironmentId.Reveal(),
		r.ExpirationDate.text,
		r.GalleryImageReferenceVersion,
		r.GalleryImageReferenceOffer,
		r.GalleryImageReferencePublisher,
		r.GalleryImageReferenceSku,
		r.GalleryImageReferenceOsType,
		r.CustomImageId.Reveal(),
	)
}

// Cell returns the text of the cell of column c, and "" if the row has no such
// column.
func (r *VirtualMachineRow) Cell(c Column) string { return cellText(r.field(c)) }

// SetCell sets the cell of column c. Text that the column cannot hold is
// [ErrValue], a column that the row does not have [ErrUnknownColumn], both in
// an [Error]; the row then stays as it was.
func (r *VirtualMachineRow) SetCell(c Column, text string) error {
	return setCell(r.field(c), VirtualMachines, c, text)
}

// field returns a pointer to the field of column c, or nil.
func (r *VirtualMachineRow) field(c Column) any {
	switch c { //nolint:exhaustive // the other columns are not of this row
	case SubscriptionId:
		return &r.SubscriptionId
	case LabUId:
		return &r.LabUId
	case LabName:
		return &r.LabName
	case LabResourceId:
		return &r.LabResourceId
	case ResourceGroupName:
		return &r.ResourceGroupName
	case ResourceId:
		return &r.ResourceId
	case ResourceUId:
		return &r.ResourceUId
	case Name:
		return &r.Name
	case CreatedTime:
		return &r.CreatedTime
	case DeletedDate:
		return &r.DeletedDate
	case ResourceOwner:
		return &r.ResourceOwner
	case PricingTier:
		return &r.PricingTier
	case ResourceStatus:
		return &r.ResourceStatus
	case ComputeResourceId:
		return &r.ComputeResourceId
	case Claimable:
		return &r.Claimable
	case EnvironmentId:
		return &r.EnvironmentId
	case ExpirationDate:
		return &r.ExpirationDate
	case GalleryImageReferenceVersion:
		return &r.GalleryImageReferenceVersion
	case GalleryImageReferenceOffer:
		return &r.GalleryImageReferenceOffer
	case GalleryImageReferencePublisher:
		return &r.GalleryImageReferencePublisher
	case GalleryImageReferenceSku:
		return &r.GalleryImageReferenceSku
	case GalleryImageReferenceOsType:
		return &r.GalleryImageReferenceOsType
	case CustomImageId:
		return &r.CustomImageId
	}
	return nil
}

// Role returns [Disks].
func (*DiskRow) Role() Role { return Disks }

// AppendCells appends the text of all cells to dst, in documented order, and
// returns the result.
func (r *DiskRow) AppendCells(dst []string) []string {
	return append(dst,
		r.SubscriptionId,
		r.LabUId,
		r.LabName,
		r.LabResourceId,
		r.ResourceGroupName,
		r.ResourceId.Reveal(),
		r.ResourceUId,
		r.Name.Reveal(),
		r.CreatedTime.text,
		r.DeletedDate.text,
		r.ResourceStatus,
		r.DiskBlobName.Reveal(),
		r.DiskSizeGB.text,
		r.DiskType,
		r.LeasedByVmId.Reveal(),
	)
}

// Cell returns the text of the cell of column c, and "" if the row has no such
// column.
func (r *DiskRow) Cell(c Column) string { return cellText(r.field(c)) }

// SetCell sets the cell of column c. Text that the column cannot hold is
// [ErrValue], a column that the row does not have [ErrUnknownColumn], both in
// an [Error]; the row then stays as it was.
func (r *DiskRow) SetCell(c Column, text string) error {
	return setCell(r.field(c), Disks, c, text)
}

// field returns a pointer to the field of column c, or nil.
func (r *DiskRow) field(c Column) any {
	switch c { //nolint:exhaustive // the other columns are not of this row
	case SubscriptionId:
		return &r.SubscriptionId
	case LabUId:
		return &r.LabUId
	case LabName:
		return &r.LabName
	case LabResourceId:
		return &r.LabResourceId
	case ResourceGroupName:
		return &r.ResourceGroupName
	case ResourceId:
		return &r.ResourceId
	case ResourceUId:
		return &r.ResourceUId
	case Name:
		return &r.Name
	case CreatedTime:
		return &r.CreatedTime
	case DeletedDate:
		return &r.DeletedDate
	case ResourceStatus:
		return &r.ResourceStatus
	case DiskBlobName:
		return &r.DiskBlobName
	case DiskSizeGB:
		return &r.DiskSizeGB
	case DiskType:
		return &r.DiskType
	case LeasedByVmId:
		return &r.LeasedByVmId
	}
	return nil
}

// cellText returns the text of the cell that a field points to.
func cellText(field any) string {
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

// setCell sets the cell of column c that a field points to.
func setCell(field any, role Role, c Column, text string) error {
	err := ErrUnknownColumn
	switch f := field.(type) {
	case *string:
		*f, err = text, nil
	case *PersonalText:
		err = f.UnmarshalCSV(text)
	case *DateTime:
		err = setValid(f, text, ParseDateTime)
	case *Bool:
		err = setValid(f, text, ParseBool)
	case *Integer:
		err = setValid(f, text, ParseInteger)
	}
	if err != nil {
		return &Error{FileID: FileID{Role: role}, Column: c, Err: err}
	}
	return nil
}

// setValid sets the cell to what parse makes of the text, unless that fails.
func setValid[C any](cell *C, text string, parse func(string) (C, error)) error {
	parsed, err := parse(text)
	if err == nil {
		*cell = parsed
	}
	return err
}
