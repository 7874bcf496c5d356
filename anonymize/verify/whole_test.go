package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// TestIdentifiersOfRequestsAreFoundWhereNothingWasDone has one identifier each, and a cell of
// somebody else's row that is the same before and after.
func TestIdentifiersOfRequestsAreFoundWhereNothingWasDone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, id, cell string
		want           bool
		byName         bool // no digest finds it
	}{
		{"in text", "ann@x.com", "to ann@x.com.", true, false},
		{"a part of another", "ann@x.com", "joann@x.com ann@x.com.au", false, false},
		{"in quotes", "ann@x.com", "'ann@x.com'", true, false},
		{"one quote", "ann@x.com", "'ann@x.com", false, false},
		{"doubled quotes", "ann@x.com", "''ann@x.com''", true, false},
		{"two quotes and one", "ann@x.com", "''ann@x.com'", false, false},
		{"quotes of typography", "ann@x.com", "’ann@x.com", true, false},
		{"a quote after a letter", "ann@x.com", "o'ann@x.com'", false, false},
		{"quotation marks of JSON", `"a b"@x.com`, `{"by":"\"a b\"@x.com"}`, true, true},
		{"an apostrophe of OData", "o'ann@x.com", "users('o''ann@x.com')", true, true},
		{"an address literal", "ann@[192.0.2.1]", "ann@[192.0.2.1]", true, false},
		{"a percent sign", "a%41@x.com", "of a%41@x.com", true, false},
		{"an ampersand", "r&d@x.com", "r&amp;d@x.com", true, false},
		{"a small at sign", "ann﹫x.com", "to ann﹫x.com", true, false},
		{"a small at sign ends what is before", "ann@x.com", "﹫ann@x.com", false, false},
		{"a wide at sign", "ann＠x.com", "ann＠x.com", true, false},
		{"a wide at sign of another", "ann@x.com", "ann＠x.com", false, false},
		{"no width in a domain", "ann@x\u200b.com", "ann@x\u200b.com, bob", true, false},
		{"no width after a domain", "ann@x.com", "ann@x.com\u200b.au", false, false},
		{"no width at the end", "ann@x.com", "ann@x.com\u200b, bob", true, false},
		{"an escape in the identifier", "a%2541@x.com", "of a%2541@x.com", true, false},
		{"a percent sign before", "ann@x.com", "%61ann@x.com", false, false},
		{"escaped and not", "dann@x.com", "100%dann@x.com LIKE '%dann@x.com%'", false, false},
		{"raw", "%dadams@x.com", "%dadams@x.com", true, false},
		{"MIME", "ann@x.com", "ann=40x.com", true, false},
		{"a slash", "a/ann@x.com", "a/ann@x.com", true, false},
		{"a slash of a path", "a/ann@x.com", "/a/ann@x.com", false, false},
		{"the end of a path", "ann@x.com", "/a/ann@x.com", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			id := identifier(t, test.id)
			key := secretKey(t, "k")
			row := machine("carol@example.org", cells{"DeletedDate": "", "Note": test.cell})
			export := exportOf(csvschema.VirtualMachines, []byte(file(csvschema.VirtualMachines, row)))
			for _, q := range []anonymize.Request{{Identifier: id}, {Digest: anonymize.NewDigest(key, id)}} {
				q.Kind, q.At, q.Existing = anonymize.Erase, later, true
				policy := &anonymize.Policy{Key: key, Requests: []anonymize.Request{q}}
				v, err := verify.Exports(t.Context(), policy, later, []csvschema.Export{export}, []csvschema.Export{export})
				require.NoError(t, err)
				want := test.want && (!test.byName || !q.Identifier.IsZero())
				assert.Equal(t, want, len(v.Failures) == 1, "by digest: %t", q.Identifier.IsZero())
				planOf(t, policy, later, export)
			}
		})
	}
}
