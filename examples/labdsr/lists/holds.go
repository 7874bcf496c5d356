package lists

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// HoldsHeader returns the header of a list of holds.
func HoldsHeader() []string { return []string{"LabUId", "ResourceUId", "reason", "until"} }

// A Hold is a line of a list of holds. It keeps the virtual machine and all disks that
// have both IDs.
type Hold struct {
	Path                string // of the list
	Line                int
	LabUId, ResourceUId string // in normal form; they identify a resource
	Reason              string
	Until               time.Time // zero: without end
}

// Holds reads a list of holds, a CSV file.
func Holds(path string) ([]Hold, error) {
	text, err := Text(path)
	if err != nil {
		return nil, err
	}
	r := CSV(text, HoldsHeader())
	if r == nil {
		return nil, fault.In(path, fault.WithHint(errors.New("line 1: this is no list of holds"), "its first line is: %s", strings.Join(HoldsHeader(), ",")))
	}
	var holds []Hold
	var finder identity.Finder
	for {
		cells, err := r.Read()
		if err == io.EOF && len(holds) == 0 {
			return nil, fault.In(path, fault.WithHint(errors.New("no hold in this file"), "write one resource a line, below the header"))
		}
		if err == io.EOF {
			return holds, nil
		}
		if err != nil {
			return nil, fault.In(path, fault.WithHint(fmt.Errorf("line %d: no CSV of four fields", CSVLine(err)), "separate them as those of the first line: %s", strings.Join(HoldsHeader(), string(r.Comma))))
		}
		number, _ := r.FieldPos(0)
		hold := Hold{Path: path, Line: number, LabUId: identity.Normal(cells[0]), ResourceUId: identity.Normal(cells[1]), Reason: cells[2]}
		if hold.LabUId == "" || hold.ResourceUId == "" {
			return nil, fault.In(path, fmt.Errorf("line %d: LabUId and ResourceUId are needed", number))
		}
		if key := (csvschema.VirtualMachineRow{LabUId: hold.LabUId, ResourceUId: hold.ResourceUId}).Key(); key.Hash() == (csvschema.KeyHash{}) {
			return nil, fault.In(path, fault.WithHint(fmt.Errorf("line %d: this LabUId or ResourceUId identifies no resource", number),
				"a ResourceUId is a GUID that is not all zeros; copy it from the export as text"))
		}
		if len(finder.Find(nil, []byte(hold.Reason))) > 0 {
			return nil, fault.In(path, fault.WithHint(fmt.Errorf("line %d, column reason: names a person", number), "reports repeat it: write the number of a file or claim"))
		}
		if strings.TrimSpace(cells[3]) != "" {
			if hold.Until, err = Day(cells[3]); err != nil {
				return nil, fault.In(path, fmt.Errorf("line %d, column until: %w", number, err))
			}
		}
		holds = append(holds, hold)
	}
}
