package source

// What tests see of the inside.
var (
	IsHeader = isHeader
	Hide     = hide
)
