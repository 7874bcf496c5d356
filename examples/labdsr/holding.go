package main

import (
	"context"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
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
// requests whose object ID is that of something else. It returns the holds that have not
// ended at that instant and are on nothing in the exports.
func (f *policyFlags) readRows(ctx context.Context, a *app, p *anonymize.Policy, at time.Time) (unmet []lists.Hold, err error) {
	h, err := f.newHolding(p)
	if err != nil {
		return nil, err
	}
	m := newMisplaced(p.Requests)
	if len(h.holds) == 0 && len(m.columns) == 0 {
		return nil, nil
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
			return nil, err
		}
	}
	if err := m.check(p.Requests); err != nil {
		return nil, err
	}
	return h.unmet(a, at)
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

// refuseUnmet refuses holds that are on nothing in these exports, unless the user says
// that there may be some: one that is mistyped lets go what it was to keep.
func (f *policyFlags) refuseUnmet(unmet []lists.Hold) error {
	if len(unmet) == 0 || f.allowUnmet {
		return nil
	}
	more := ""
	if n := len(unmet) - 1; n > 0 {
		more = fmt.Sprintf(", nor %s of %s", console.Agree(n, "is that", "are those"), console.Count(n, "more hold"))
	}
	return fault.In(unmet[0].Path, fault.WithHint(fmt.Errorf("line %d: the resource of this hold is in none of these exports%s", unmet[0].Line, more),
		"correct its IDs, since a mistyped hold keeps nothing; if it is on a resource of other exports, give --allow-unmet-holds"))
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

// unmet refuses holds whose IDs are certainly wrong, because a hold that is passed over
// erases what it was to keep. It returns, and tells of, the others that have not ended and
// are on nothing in these exports.
func (h *holding) unmet(a *app, at time.Time) (unmet []lists.Hold, err error) {
	ended := 0
	for _, hold := range h.holds {
		if id := (holdID{hold.LabUId, hold.ResourceUId}); h.found[id] {
			if longest := h.holds[h.at[id]].Until; !longest.IsZero() && !at.Before(longest) {
				ended++
			}
			continue
		}
		if hold.Until.IsZero() || at.Before(hold.Until) {
			unmet = append(unmet, hold)
		}
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
			return nil, fault.In(hold.Path, fault.WithHint(fmt.Errorf("line %d: %s", hold.Line, why), "%s", hint))
		}
	}
	if ended > 0 {
		a.con.Warn("holds", "%s ended: %s nothing any more", console.Count(ended, "hold"), console.Agree(ended, "it keeps", "they keep"))
	}
	if n := len(unmet); n > 0 {
		var places []string
		for _, hold := range unmet {
			places = append(places, fmt.Sprintf("%s line %d", hold.Path, hold.Line))
		}
		a.con.Warn("holds", "%s on %s in none of these exports, and %s nothing: %s", console.Count(n, "hold"),
			console.Agree(n, "a resource that is", "resources that are"), console.Agree(n, "keeps", "keep"), console.Some(places))
	}
	return unmet, nil
}
