package main

import (
	"context"
	"fmt"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/lists"
)

// A holding is a search for the resources of holds.
type holding struct {
	holds []lists.Hold
	at    map[holdID]int // of holds with the same IDs, the one that lasts longest
	found map[holdID]bool
	disks map[csvschema.Key]bool // in the policy

	// What the exports have of the IDs of the holds.
	labs          map[string]bool // as a LabUId
	resources     map[string]bool // as a ResourceUId
	lab, resource []byte          // buffers
}

// A holdID is a pair of IDs in normal form.
type holdID struct{ lab, resource string }

// readRows reads the rows of the exports for what the policy needs of them. It adds the
// holds in files to the policy: only the row of a disk holds its whole key. It refuses
// requests whose object ID is that of something else. It returns how many holds are on
// nothing in the exports.
func (f *policyFlags) readRows(ctx context.Context, a *app, p *anonymize.Policy) (missing int, err error) {
	h, err := f.newHolding(p)
	if err != nil {
		return 0, err
	}
	m := newMisplaced(p.Requests)
	if len(h.holds) == 0 && len(m.columns) == 0 {
		return 0, nil
	}
	for _, file := range a.exports.Files {
		err := file.Each(ctx, func(rec csvschema.Record) (bool, error) {
			m.note(rec)
			if hold, ok := h.of(rec); ok && file.Role == csvschema.Disks {
				h.addDisk(p, rec.Key(), hold)
			}
			return true, nil
		})
		if err != nil {
			return 0, err
		}
	}
	if err := m.check(p.Requests); err != nil {
		return 0, err
	}
	return h.tell(a)
}

// newHolding reads the holds, and adds those of virtual machines to the policy.
func (f *policyFlags) newHolding(p *anonymize.Policy) (*holding, error) {
	h := &holding{at: map[holdID]int{}, found: map[holdID]bool{}, disks: map[csvschema.Key]bool{}, labs: map[string]bool{}, resources: map[string]bool{}}
	for _, path := range f.holds {
		holds, err := lists.Holds(path)
		if err != nil {
			return nil, err
		}
		for _, hold := range holds {
			id := holdID{hold.LabUId, hold.ResourceUId}
			if i, ok := h.at[id]; !ok || outlasts(hold, h.holds[i]) {
				h.at[id] = len(h.holds)
			}
			h.holds = append(h.holds, hold)
			for _, text := range []string{id.lab, id.resource} {
				h.labs[text], h.resources[text] = false, false
			}
			machine := csvschema.VirtualMachineRow{LabUId: hold.LabUId, ResourceUId: hold.ResourceUId}
			p.Holds = append(p.Holds, anonymize.Hold{Key: machine.Key(), Reason: hold.Reason, Until: hold.Until})
		}
	}
	return h, nil
}

// addDisk adds the hold of a disk to the policy.
func (h *holding) addDisk(p *anonymize.Policy, key csvschema.Key, hold lists.Hold) {
	if !h.disks[key] {
		h.disks[key] = true
		p.Holds = append(p.Holds, anonymize.Hold{Key: key, Reason: hold.Reason, Until: hold.Until})
	}
}

// outlasts reports whether a hold lasts longer than another.
func outlasts(a, b lists.Hold) bool {
	return !b.Until.IsZero() && (a.Until.IsZero() || a.Until.After(b.Until))
}

// of returns the hold of a row's resource, and notes which IDs the row has.
func (h *holding) of(rec csvschema.Record) (hold lists.Hold, ok bool) {
	h.lab = identity.AppendNormal(h.lab[:0], rec.Value(csvschema.LabUId))
	h.resource = identity.AppendNormal(h.resource[:0], rec.Value(csvschema.ResourceUId))
	if known, ok := h.labs[string(h.lab)]; ok && !known {
		h.labs[string(h.lab)] = true
	}
	if known, ok := h.resources[string(h.resource)]; ok && !known {
		h.resources[string(h.resource)] = true
	}
	i, ok := h.at[holdID{string(h.lab), string(h.resource)}]
	if !ok {
		return lists.Hold{}, false
	}
	hold = h.holds[i]
	h.found[holdID{hold.LabUId, hold.ResourceUId}] = true
	return hold, true
}

// tell refuses holds whose IDs are wrong, because a hold that is passed over erases what
// it was to keep. It says how many others are on nothing in these exports.
func (h *holding) tell(a *app) (missing int, err error) {
	for _, hold := range h.holds {
		if h.found[holdID{hold.LabUId, hold.ResourceUId}] {
			continue
		}
		missing++
		why, hint := "", "copy both IDs from the same row of the export"
		lab, err := identity.Parse(hold.LabUId)
		isGUID := err == nil && lab.IsObjectID()
		switch {
		case h.resources[hold.LabUId] && h.labs[hold.ResourceUId]:
			why = "LabUId and ResourceUId are exchanged"
		case !h.labs[hold.LabUId] && !isGUID:
			why, hint = "this LabUId is neither a GUID nor in these exports", "copy the LabUId from the export; the name of the lab is something else"
		case h.resources[hold.ResourceUId]:
			why = "these exports have this ResourceUId in another lab"
		}
		if why != "" {
			return 0, fault.In(hold.Path, fault.WithHint(fmt.Errorf("line %d: %s", hold.Line, why), "%s", hint))
		}
	}
	if missing > 0 {
		a.con.Warn("holds", "%s on %s in none of these exports", console.Count(missing, "hold"), console.Agree(missing, "a resource that is", "resources that are"))
	}
	return missing, nil
}
