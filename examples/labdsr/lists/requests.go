package lists

import (
	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// Earliest returns requests of which no two are of a kind and for the same identifier. The
// earliest is made: it does all that the others ask for.
func Earliest(requests []anonymize.Request) (all []anonymize.Request) {
	type wish struct {
		kind anonymize.RequestKind
		id   identity.Identifier
	}
	known := map[wish]int{}
	for _, request := range requests {
		i, ok := known[wish{request.Kind, request.Identifier}]
		if !ok {
			known[wish{request.Kind, request.Identifier}] = len(all)
			all = append(all, request)
		} else if request.At.Before(all[i].At) {
			all[i].At = request.At
		}
	}
	return all
}

// A Misplaced is a search for object IDs of requests that rows have as IDs of labs,
// resources or subscriptions. Only one goroutine may use it.
type Misplaced struct {
	requests []anonymize.Request
	columns  map[string]csvschema.Column // by object ID the column that has it, zero for none
	cell     []byte                      // buffer
}

// NewMisplaced returns a search for the object IDs of requests.
func NewMisplaced(requests []anonymize.Request) *Misplaced {
	m := &Misplaced{requests: requests, columns: map[string]csvschema.Column{}}
	for _, request := range requests {
		if request.Identifier.IsObjectID() {
			m.columns[request.Identifier.Reveal()] = 0
		}
	}
	return m
}

// IsEmpty reports whether there is nothing to be looked for.
func (m *Misplaced) IsEmpty() bool { return len(m.columns) == 0 }

// Note notes which of the object IDs a row has.
func (m *Misplaced) Note(rec csvschema.Record) {
	if m.IsEmpty() {
		return
	}
	for _, column := range [...]csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.SubscriptionId} {
		m.cell = identity.AppendNormal(m.cell[:0], rec.Value(column))
		if have, ok := m.columns[string(m.cell)]; ok && have == 0 {
			m.columns[string(m.cell)] = column
		}
	}
}

// Found returns the columns in which object IDs were found, by the numbers of the requests,
// from 0.
func (m *Misplaced) Found() map[int]csvschema.Column {
	all := map[int]csvschema.Column{}
	for i, request := range m.requests {
		if column := m.columns[request.Identifier.Reveal()]; column != 0 && request.Identifier.IsObjectID() {
			all[i] = column
		}
	}
	return all
}
