package anonymize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

func verbatim(t *testing.T, text string) identity.Identifier {
	t.Helper()
	id, err := identity.Verbatim(text)
	require.NoError(t, err)
	return id
}

// TestAVerbatimRequestTakesTheRowsOfThatOwnerAndNothingElse has it by identifier and by
// digest, and with a request for the same text as an identifier before and after it.
func TestAVerbatimRequestTakesTheRowsOfThatOwnerAndNothingElse(t *testing.T) {
	t.Parallel()
	key := secretKey(t, "v")
	for _, test := range []struct {
		text, owner, cell string
		whole             bool
	}{
		{"build agent", "build agent", "of zoe@contoso.com", true},
		{"build agent", " BUILD Agent\u200b", "of zoe@contoso.com", true},
		{"build agent", "build agent 2", "build agent", false},
		{"build agent", "zoe@contoso.com", "build agent", false},
		{"build agent", "", "/users/build agent/e", false},
		{"bob", "", "/labs/l/users/bob/environments/e", false},
		{"zoe@contoso.com", "ZOE@contoso.com", "of zoe@contoso.com", true},
		{"zoe@contoso.com", "bob@contoso.com", "of zoe@contoso.com", false},
		{"zoe@contoso.com", "", "/users/zoe@contoso.com/e", false},
		{objectID, strings.ToUpper(objectID), objectID, true},
		{objectID, "", "/users/" + objectID + "/e", false},
		{"NULL", "null", "NULL", true},
		{"NULL", "", "NULL", false},
		{"(unknown)", "(Unknown)", "unknown", true},
		{"removed by the service", "removed by the service", "removed by the service", true}, // by the predicate anonymous
	} {
		t.Run(test.text+" in the row of "+test.owner, func(t *testing.T) {
			t.Parallel()
			id := verbatim(t, test.text)
			for _, q := range []anonymize.Request{{Identifier: id}, {Digest: anonymize.NewDigest(key, id)}} {
				q.Kind, q.At, q.Existing = anonymize.Erase, later, true
				requests := []anonymize.Request{q}
				if parsed, err := identity.Parse(test.text); err == nil {
					q := anonymize.Request{Kind: anonymize.Erase, At: later.AddDate(0, 0, 1), Existing: true, Identifier: parsed} // not yet
					requests = append(requests, q)
				}
				for range requests {
					slices.Reverse(requests)
					policy := &anonymize.Policy{Key: key, Requests: requests, Anonymous: func(value string) bool { return strings.HasPrefix(value, "removed") }}
					file := []byte(vm("", test.owner, map[csvschema.Column]string{csvschema.CustomImageId: test.cell, csvschema.EnvironmentId: test.cell}))
					plan, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
					text := string(textOf(t, after[0].VirtualMachines[0]))
					assert.Equal(t, !test.whole, text == string(file))
					i := slices.IndexFunc(requests, func(r anonymize.Request) bool { return r.At.Equal(later) })
					answers := plan.Report().Requests[i].Answers
					require.Len(t, answers, map[bool]int{true: 1}[test.whole])
					if test.whole {
						assert.Equal(t, fate.GoesNow, answers[0].Fate)
						row := parsed(t, []byte(text))[1]
						assert.True(t, identity.IsReplacement([]byte(row[10])))
						assert.NotContains(t, text, "zoe@")
					}
				}
			}
		})
	}
	assert.NotEqual(t, anonymize.NewDigest(key, verbatim(t, "zoe@contoso.com")), anonymize.NewDigest(key, identifier(t, "zoe@contoso.com")))
}

// TestARequestForNullLeavesTheWord has it as the owner and in other cells.
func TestARequestForNullLeavesTheWord(t *testing.T) {
	t.Parallel()
	for _, null := range []string{"NULL", "(null)", "None", "N/A"} {
		policy := &anonymize.Policy{Requests: []anonymize.Request{{Kind: anonymize.Erase, Existing: true, At: later, Identifier: verbatim(t, null)}}}
		file := []byte(vm("", null, map[csvschema.Column]string{csvschema.LabName: null, csvschema.CustomImageId: "x " + null + " y"}))
		_, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
		row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
		assert.Equal(t, []string{null, identity.ReplacementAddress, "x " + null + " y"}, []string{row[2], row[10], row[22]})
	}
}

// TestWhatARowIsDoesNotDependOnTheRowBefore has the same EnvironmentId in a row with an
// owner and in one without.
func TestWhatARowIsDoesNotDependOnTheRowBefore(t *testing.T) {
	t.Parallel()
	for _, x := range []string{objectID, "zoe@contoso.com", "S-1-12-1-2090755705-1088320549-2145405844-3876256193"} {
		for _, id := range []string{objectID, "zoe@contoso.com"} {
			q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: later, Identifier: identifier(t, id)}
			cells := map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/" + x + "/environments/e", csvschema.CustomImageId: "of carol@contoso.com"}
			owned := vm("", "bob@contoso.com", cells)
			header, row, _ := strings.Cut(owned, "\n")
			cells[csvschema.ResourceUId] = uid("other")
			_, ownerless, _ := strings.Cut(vm("", "", cells), "\n")
			policy := &anonymize.Policy{Requests: []anonymize.Request{q}}
			one, _ := copyOf(t, policy, later, csvschema.VirtualMachines, []byte(header+"\n"+row+ownerless))
			two, _ := copyOf(t, policy, later, csvschema.VirtualMachines, []byte(header+"\n"+ownerless+row))
			first, second := parsed(t, one), parsed(t, two)
			assert.Equal(t, [][]string{first[1], first[2]}, [][]string{second[2], second[1]}, fmt.Sprint(x, " ", id))
		}
	}
}
