package csvschema

import (
	"strings"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
	"github.com/labdsr/labdsr/csvschema/internal/veil"
)

// NOTE. Most cells of a record are those of the record before it, because both are of one
// lab. So the row of a record is made of the row before it, by setting only the cells that
// differ: what repeats is neither stored nor parsed again. The texts of some rows are in
// one block of memory:
//
//	row 1    a block: all of its cells
//	row 2    in the block: ResourceId, ResourceUId, Name, ResourceOwner, …
//	row 3    in the block: ResourceId, ResourceUId, Name, …
//	…
//	row 16   another block: all of its cells
//
// A block begins with all cells of a row, so that a row that is kept keeps one block, and
// not one for each cell.

// blockBytes is the size of the blocks of a Reader. Half of it costs 10 % of the time.
const blockBytes = 8 << 10

// A decoder decodes the records of a file to rows. The zero decoder has a block for each row.
type decoder struct {
	size  int             // wanted, of a block; a larger record has one of its own
	block strings.Builder // has room for the whole record, so that no text is moved
	texts []string        // what the personal cells point to

	header *Header
	rec    rawcsv.Record // of which the row is made
	begun  bool          // rec began the block
	wrong  Column        // the first column that cannot hold its cell, or 0
}

// decodeRow makes the row of the record before this one that of this one. The record is
// the next one, or the first one of a chunk. The error is that of the first documented
// column that cannot hold its cell; nothing must be decoded after it.
func decodeRow[T Row](d *decoder, row *T, rec Record) *Error {
	size := len(rec.Raw())
	if d.begun = d.block.Cap() == 0 || d.block.Len()+size > d.size; d.begun {
		d.block.Reset()
		d.block.Grow(max(size, d.size))
		d.texts = nil
		var empty T
		*row = empty
	}
	d.header, d.rec = rec.chunk.header, rec.chunk.raw.Record(rec.index)
	switch r := any(row).(type) {
	case *VirtualMachineRow:
		d.setMachine(r)
	case *DiskRow:
		d.setDisk(r)
	}
	if d.wrong != 0 {
		return &Error{FileID: FileID{Role: rec.Header().Role()}, Line: rec.Line(), Column: d.wrong, Err: ErrValue}
	}
	return nil
}

func (d *decoder) setMachine(r *VirtualMachineRow) {
	d.set(&r.SubscriptionId, SubscriptionId)
	d.set(&r.LabUId, LabUId)
	d.set(&r.LabName, LabName)
	d.set(&r.LabResourceId, LabResourceId)
	d.set(&r.ResourceGroupName, ResourceGroupName)
	d.setPersonal(&r.ResourceId, ResourceId)
	d.set(&r.ResourceUId, ResourceUId)
	d.setPersonal(&r.Name, Name)
	d.setDateTime(&r.CreatedTime, CreatedTime)
	d.setDateTime(&r.DeletedDate, DeletedDate)
	d.setPersonal(&r.ResourceOwner, ResourceOwner)
	d.set(&r.PricingTier, PricingTier)
	d.set(&r.ResourceStatus, ResourceStatus)
	d.setPersonal(&r.ComputeResourceId, ComputeResourceId)
	d.setBool(&r.Claimable, Claimable)
	d.setPersonal(&r.EnvironmentId, EnvironmentId)
	d.setDateTime(&r.ExpirationDate, ExpirationDate)
	d.set(&r.GalleryImageReferenceVersion, GalleryImageReferenceVersion)
	d.set(&r.GalleryImageReferenceOffer, GalleryImageReferenceOffer)
	d.set(&r.GalleryImageReferencePublisher, GalleryImageReferencePublisher)
	d.set(&r.GalleryImageReferenceSku, GalleryImageReferenceSku)
	d.set(&r.GalleryImageReferenceOsType, GalleryImageReferenceOsType)
	d.setPersonal(&r.CustomImageId, CustomImageId)
}

func (d *decoder) setDisk(r *DiskRow) {
	d.set(&r.SubscriptionId, SubscriptionId)
	d.set(&r.LabUId, LabUId)
	d.set(&r.LabName, LabName)
	d.set(&r.LabResourceId, LabResourceId)
	d.set(&r.ResourceGroupName, ResourceGroupName)
	d.setPersonal(&r.ResourceId, ResourceId)
	d.set(&r.ResourceUId, ResourceUId)
	d.setPersonal(&r.Name, Name)
	d.setDateTime(&r.CreatedTime, CreatedTime)
	d.setDateTime(&r.DeletedDate, DeletedDate)
	d.set(&r.ResourceStatus, ResourceStatus)
	d.setPersonal(&r.DiskBlobName, DiskBlobName)
	d.setInteger(&r.DiskSizeGB, DiskSizeGB)
	d.set(&r.DiskType, DiskType)
	d.setPersonal(&r.LeasedByVmId, LeasedByVmId)
}

// differs returns the cell of column c, and whether it is not the text of the row before.
func (d *decoder) differs(text string, c Column) (cell []byte, ok bool) {
	i := d.header.index[c]
	if i < 0 || !d.begun && d.rec.Repeats(i) {
		return nil, false
	}
	cell = d.rec.Cell(i)
	return cell, text != string(cell)
}

func (d *decoder) set(f *string, c Column) {
	if cell, ok := d.differs(*f, c); ok {
		*f = d.store(cell)
	}
}

func (d *decoder) setPersonal(f *PersonalText, c Column) {
	cell, ok := d.differs(f.Reveal(), c)
	switch {
	case !ok:
	case len(cell) == 0:
		*f = PersonalText{}
	default:
		*f = d.storePersonal(cell)
	}
}

func (d *decoder) setDateTime(f *DateTime, c Column) { setParsed(d, f, f.text, c, ParseDateTime) }
func (d *decoder) setBool(f *Bool, c Column)         { setParsed(d, f, f.text, c, parseBool) }
func (d *decoder) setInteger(f *Integer, c Column)   { setParsed(d, f, f.text, c, parseInteger) }

func setParsed[C any](d *decoder, f *C, text string, c Column, parse func(string) (C, error)) {
	cell, ok := d.differs(text, c)
	if !ok {
		return
	}
	if err := setValid(f, d.store(cell), parse); err != nil && d.wrong == 0 {
		d.wrong = c
	}
}

// store returns the text as a string in the block.
func (d *decoder) store(text []byte) string {
	start := d.block.Len()
	d.block.Write(text)
	return d.block.String()[start:]
}

// storePersonal returns a personal cell whose text is in the block.
func (d *decoder) storePersonal(text []byte) PersonalText {
	if len(d.texts) == cap(d.texts) {
		const perText = 96 // bytes of a block
		d.texts = make([]string, 0, 1+min(d.block.Cap(), blockBytes)/perText)
	}
	d.texts = append(d.texts, d.store(text))
	return PersonalText{text: veil.New(&d.texts[len(d.texts)-1])}
}

// DecodeRecord returns the row of a record. A documented column that the file does not
// have is an empty cell; columns that are not documented are left out. A cell that its
// column cannot hold is an [Error] with [ErrValue], and a record of the other kind of
// file an Error with [ErrWrongRole]; with an error the row is zero. The row stays valid
// after the record.
func DecodeRecord[T Row](rec Record) (T, error) {
	var row, none T
	if role := roleOf[T](); rec.Header().Role() != role {
		return none, &Error{FileID: FileID{Role: role}, Line: rec.Line(), Err: ErrWrongRole}
	}
	var d decoder
	if e := decodeRow(&d, &row, rec); e != nil {
		return none, e
	}
	return row, nil
}

// maxBatchRows is how many rows a batch has at most.
const maxBatchRows = 1024

// A batch is some rows of a chunk that follow each other.
type batch[T Row] struct {
	decoder decoder
	rows    []T
	next    int    // index in the chunk of the record after them
	err     *Error // of that record; it has no line in a worker
}

// decode replaces the rows by the next ones.
func (b *batch[T]) decode(c *Chunk) {
	var row T
	b.rows = b.rows[:0]
	b.decoder.block.Reset()
	for ; b.next < c.Len() && len(b.rows) < maxBatchRows; b.next++ {
		if b.err = decodeRow(&b.decoder, &row, c.Record(b.next)); b.err != nil {
			return
		}
		b.rows = append(b.rows, row)
	}
}
