package anonymize_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// Each case is a cell of somebody else's row, and what is left of it.
func TestRequestsFindWhatNoIndexProposes(t *testing.T) {
	t.Parallel()
	key := secretKey(t, "d")
	for _, test := range []struct{ id, cell, want string }{
		{"x%41y@example.com", "of x%2541y@example.com", "of " + identity.ReplacementAddress},
		{"ann@example.com", "/users/ann@example.com (old)/e", "/users/" + identity.ReplacementAddress + " (old)/e"},
	} {
		id := identifier(t, test.id)
		for _, q := range []anonymize.Request{{Identifier: id}, {Digest: anonymize.NewDigest(key, id)}} {
			if q.Identifier.IsZero() && test.id != "ann@example.com" {
				continue
			}
			q.Kind, q.At, q.Existing = anonymize.Erase, later, true
			file := []byte(vm("", "carol@example.org", map[csvschema.Column]string{csvschema.CustomImageId: test.cell}))
			_, after := planOf(t, &anonymize.Policy{Key: key, Requests: []anonymize.Request{q}}, later, exportOf(csvschema.VirtualMachines, file))
			assert.Equal(t, test.want, parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][22])
		}
	}
}

// A request by digest and one by name may be about one person, and each gets its answer.
// What one of the requests takes is not near another.
func TestRequestsForOnePersonAndForOneWhoIsNear(t *testing.T) {
	t.Parallel()
	key := secretKey(t, "d")
	id := identifier(t, "ann@example.com")
	requests := []anonymize.Request{{Identifier: id}, {Digest: anonymize.NewDigest(key, id)}, {Identifier: identifier(t, "ann@fabrikam.onmicrosoft.com")}}
	for i := range requests {
		requests[i].Kind, requests[i].At, requests[i].Existing = anonymize.Erase, later, true
	}
	file := []byte(vm("", "carol@example.org", map[csvschema.Column]string{csvschema.CustomImageId: "of ann@example.com"}))
	plan, after := planOf(t, &anonymize.Policy{Key: key, Requests: requests}, later, exportOf(csvschema.VirtualMachines, file))
	assert.Equal(t, "of "+identity.ReplacementAddress, parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][22])
	report := plan.Report()
	assert.Len(t, report.Requests[0].Answers, 1)
	assert.Len(t, report.Requests[1].Answers, 1)
	assert.Empty(t, report.Requests[2].Answers)
	assert.Zero(t, report.Rows[anonymize.NearRequest])

	// The row is wholly hers by the first request, although that by digest is not carried out yet.
	requests = requests[:2]
	requests[1].At = later.Add(1)
	file = []byte(vm("", "ann@example.com", map[csvschema.Column]string{csvschema.EnvironmentId: "/users/" + otherID + "/e"}))
	_, after = planOf(t, &anonymize.Policy{Key: key, Requests: requests}, later, exportOf(csvschema.VirtualMachines, file))
	row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
	assert.Equal(t, identity.ReplacementAddress, row[10])
	assert.Equal(t, "/users/"+identity.ReplacementObjectID+"/e", row[15])
}
