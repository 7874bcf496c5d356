package inputs

// What tests see of the inside.
var (
	ExportInstant = exportInstant
	IsHeader      = isHeader
)
