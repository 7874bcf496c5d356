// Package tables makes tables for reports from exports: one of machines and one of
// disks, without copies, and one of months. Their rows flow as Arrow record batches
// from what reads exports to what writes a format.
package tables

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
)

// A Table is one of the tables that are made.
type Table uint8

// The tables.
const (
	Machines Table = iota + 1 // a row for each virtual machine
	Disks                     // a row for each disk
	Months                    // what existed and ran in a month: a row for each lab, month, tier and status
)

// All are the tables, in the order in which they are written.
var All = [...]Table{Machines, Disks, Months}

// String returns the name of the table, which is that of its file without the ending.
func (t Table) String() string {
	switch t {
	case Machines:
		return "machines"
	case Disks:
		return "disks"
	case Months:
		return "months"
	}
	return ""
}

// The columns that the exports do not have.
const (
	// ResourceKey tells a row of machines or disks from all others, also in the tables of a
	// later run: 32 hexadecimal digits made of what identifies the resource.
	ResourceKey = "ResourceKey"
	// ExportedAt is when the export was made that the row is from. Null if unknown.
	ExportedAt = "ExportedAt"

	Month         = "Month"         // its first day
	MachineCount  = "Machines"      // machines that existed at some time of the month
	MachineHours  = "MachineHours"  // hours for which they existed in it, as far as their end is known
	MachinesNoEnd = "MachinesNoEnd" // those of Machines whose end is unknown: no hours of theirs are counted
)

// Instant is the type of instants: microseconds in UTC.
var Instant = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}

// The keys of the metadata of a field.
const (
	keyOfDescription = "description" // what the column means, in a sentence
	keyOfKey         = "key"         // "true" for the columns that tell rows apart
)

// Schema returns the columns of a table. A field that may be null says so. Each has its
// description, for whoever opens the table. The metadata are those of the table.
func Schema(t Table, metadata arrow.Metadata) *arrow.Schema {
	var fields []arrow.Field
	switch t {
	case Machines:
		fields = exported(csvschema.VirtualMachines)
	case Disks:
		fields = exported(csvschema.Disks)
	case Months:
		fields = []arrow.Field{
			field(csvschema.LabUId.String(), arrow.BinaryTypes.String, true, "The identifier that Azure gave to the lab."),
			field(Month, arrow.FixedWidthTypes.Date32, true, "The first day of the month, in UTC."),
			field(csvschema.PricingTier.String(), arrow.BinaryTypes.String, true, "The size of the machines."),
			field(csvschema.ResourceStatus.String(), arrow.BinaryTypes.String, true, "Active for machines that exist, Inactive for those that were deleted since."),
			field(MachineCount, arrow.PrimitiveTypes.Int64, false, "How many machines existed at some time of the month."),
			field(MachineHours, arrow.PrimitiveTypes.Float64, false, "For how many hours they existed in it, as far as their end is known."),
			field(MachinesNoEnd, arrow.PrimitiveTypes.Int64, false, "How many of the machines have no end that is known, so that their hours are not counted."),
		}
	}
	return arrow.NewSchema(fields, &metadata)
}

// exported returns the key, the documented columns of a role, and when the export was made.
func exported(role csvschema.Role) []arrow.Field {
	entries := dictionary.Of(role)
	fields := make([]arrow.Field, 0, len(entries)+2)
	fields = append(fields, field(ResourceKey, arrow.BinaryTypes.String, true, "What tells the resource from all others, made of what identifies it."))
	for _, e := range entries {
		f := field(e.Column.String(), arrow.BinaryTypes.String, false, e.Description)
		switch e.SQLType {
		case "TIMESTAMP":
			f.Type = Instant
		case "BOOLEAN":
			f.Type = arrow.FixedWidthTypes.Boolean
		case "BIGINT":
			f.Type = arrow.PrimitiveTypes.Int64
		}
		f.Nullable = true
		fields = append(fields, f)
	}
	at := field(ExportedAt, Instant, false, "When the export was made that the row is from; null if unknown.")
	at.Nullable = true
	return append(fields, at)
}

func field(name string, of arrow.DataType, isKey bool, description string) arrow.Field {
	keys, values := []string{keyOfDescription}, []string{description}
	if isKey {
		keys, values = append(keys, keyOfKey), append(values, "true")
	}
	return arrow.Field{Name: name, Type: of, Metadata: arrow.NewMetadata(keys, values)}
}

// IsKey reports whether a column is one of those that tell the rows of its table apart.
func IsKey(f arrow.Field) bool {
	value, _ := f.Metadata.GetValue(keyOfKey)
	return value == "true"
}

// Description returns what a column means, in a sentence.
func Description(f arrow.Field) string {
	value, _ := f.Metadata.GetValue(keyOfDescription)
	return value
}
