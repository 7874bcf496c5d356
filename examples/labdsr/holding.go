package main

import (
	"context"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// readRows reads the rows of the exports for what the policy needs of them. It adds the
// holds in files to the policy: only the row of a disk holds its whole key. It refuses
// requests whose object ID is that of something else. It returns the holds that have not
// ended at that instant and are on nothing in the exports.
func (f *policyFlags) readRows(ctx context.Context, a *app, p *anonymize.Policy, at time.Time) (unmet []lists.Hold, err error) {
	h, err := lists.ReadHoldings(f.holds)
	if err != nil {
		return nil, err
	}
	m := lists.NewMisplaced(p.Requests)
	if len(h.Holds) == 0 && m.IsEmpty() {
		return nil, nil
	}
	search := h.Search()
	for _, file := range a.exports.Files {
		err := file.Each(ctx, func(rec csvschema.Record) (bool, error) {
			m.Note(rec)
			search.Note(rec)
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	if err := refuseMisplaced(p.Requests, m.Found()); err != nil {
		return nil, err
	}
	p.Holds = append(p.Holds, search.ForPolicy()...)
	unmet, ended, err := h.Unmet(search.Sights(), at)
	if err != nil {
		return nil, err
	}
	a.tellHolds(unmet, ended)
	return unmet, nil
}

// tellHolds tells of holds that keep nothing.
func (a *app) tellHolds(unmet []lists.Hold, ended int) {
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
