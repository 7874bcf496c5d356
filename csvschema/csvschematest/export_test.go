package csvschematest

// SplitRecords returns the empty lines before each record, the records, their cells
// without quotes, and the empty lines at the end.
func SplitRecords(data []byte) (gaps, raws [][]byte, cells [][]string, end []byte) {
	records, end := splitRecords(data)
	for _, r := range records {
		var texts []string
		for _, cell := range r.cells {
			texts = append(texts, string(unquoted(cell)))
		}
		gaps, raws, cells = append(gaps, r.gap), append(raws, r.raw), append(cells, texts)
	}
	return gaps, raws, cells, end
}

// LocalPart and LocalParts are localPart and localParts.
var LocalPart = localPart

const LocalParts = localParts

// AssertLinearBy is AssertLinear with another clock, and ProcessorTime its own.
var (
	AssertLinearBy = assertLinear
	ProcessorTime  = processorTime
)

// IsRace says that the race detector is on.
const IsRace = isRace
