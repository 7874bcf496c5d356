package anonymize

import (
	"encoding/json"
	"time"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// Terms are the part of a policy that can be written down, as in a receipt: all but
// keys, holds, requests, decisions and the caller's predicate, which are only counted.
// They hold no personal data.
type Terms struct {
	Retention           string                   `json:"retention"` // as [time.Duration] writes it
	Zone                string                   `json:"zone"`      // name in the IANA database
	KeepUnreadableDates bool                     `json:"keepUnreadableDates"`
	DeleteStale         bool                     `json:"deleteStale"`
	Replacement         identity.ReplacementKind `json:"replacement"`
	Names               bool                     `json:"names"`
	Anonymous           bool                     `json:"anonymous"` // a predicate of the caller
	Holds               int                      `json:"holds"`
	Requests            int                      `json:"requests"`
	Decisions           int                      `json:"decisions"`
}

// Terms returns the terms of the policy; nil is the documented one.
func (p *Policy) Terms() Terms {
	if p == nil {
		p = &Policy{}
	}
	zone := p.Zone
	if zone == nil {
		zone = time.UTC
	}
	return Terms{
		Retention: p.retention().String(), Zone: zone.String(),
		KeepUnreadableDates: p.KeepUnreadableDates, DeleteStale: p.DeleteStale,
		Replacement: max(p.Replacement, identity.ConstantReplacement), Names: p.Names,
		Anonymous: p.Anonymous != nil,
		Holds:     len(p.Holds), Requests: len(p.Requests), Decisions: len(p.Decisions),
	}
}

// Policy returns a policy of these terms. What they only count has to be added to it:
// a policy with other Terms is another policy. Terms that make no sense are
// [ErrPolicy], and so is a zone that this system does not know or that has no name of
// its own, such as [time.Local].
func (t Terms) Policy() (*Policy, error) {
	retention, err := time.ParseDuration(t.Retention)
	if err != nil || retention <= 0 {
		return nil, senseless("unreadable retention")
	}
	zone, err := time.LoadLocation(t.Zone)
	if err != nil || t.Zone == "" || t.Zone == time.Local.String() {
		return nil, senseless("unknown zone")
	}
	return &Policy{
		Retention: retention, Zone: zone,
		KeepUnreadableDates: t.KeepUnreadableDates, DeleteStale: t.DeleteStale,
		Replacement: t.Replacement, Names: t.Names,
	}, nil
}

// MarshalJSON returns the [Terms] of the policy, without its identifiers and keys.
func (p Policy) MarshalJSON() ([]byte, error) { return json.Marshal(p.Terms()) }
