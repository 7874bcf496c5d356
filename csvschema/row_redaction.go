package csvschema

import (
	"fmt"
	"io"
	"log/slog"
)

// What stands for a row wherever it is printed, logged or marshalled. A row is
// hidden as a whole: columns of plain text, such as the name of a lab, may hold
// an address, too. There is no MarshalText: gocsv would take a row that is a
// field of somebody's struct for a single cell.
const (
	virtualMachineText = "[virtual machine row redacted]"
	diskText           = "[disk row redacted]"
)

// String returns "[virtual machine row redacted]".
func (VirtualMachineRow) String() string { return virtualMachineText }

// GoString returns "[virtual machine row redacted]".
func (VirtualMachineRow) GoString() string { return virtualMachineText }

// Format writes "[virtual machine row redacted]", whatever the verb and its
// flags are.
func (VirtualMachineRow) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, virtualMachineText) // fmt keeps what it writes in memory
}

// LogValue returns "[virtual machine row redacted]".
func (VirtualMachineRow) LogValue() slog.Value { return slog.StringValue(virtualMachineText) }

// MarshalJSON returns "[virtual machine row redacted]" as a JSON string. It
// cannot be decoded.
func (VirtualMachineRow) MarshalJSON() ([]byte, error) {
	return []byte(`"` + virtualMachineText + `"`), nil
}

// String returns "[disk row redacted]".
func (DiskRow) String() string { return diskText }

// GoString returns "[disk row redacted]".
func (DiskRow) GoString() string { return diskText }

// Format writes "[disk row redacted]", whatever the verb and its
// flags are.
func (DiskRow) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, diskText) // fmt keeps what it writes in memory
}

// LogValue returns "[disk row redacted]".
func (DiskRow) LogValue() slog.Value { return slog.StringValue(diskText) }

// MarshalJSON returns "[disk row redacted]" as a JSON string. It
// cannot be decoded.
func (DiskRow) MarshalJSON() ([]byte, error) { return []byte(`"` + diskText + `"`), nil }
