package dsr_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// takenBy returns the decision if the finding takes it, and else dsr.Undecided.
func takenBy(f dsr.Finding, d dsr.Decision) dsr.Decision {
	if d == dsr.Theirs && !f.TakesTheirs {
		return dsr.Undecided
	}
	return d
}

// TestADecisionThatIsNoAnswerIsRefused has a finding of each kind that does not take
// dsr.Theirs, and one that is no decision.
func TestADecisionThatIsNoAnswerIsRefused(t *testing.T) {
	t.Parallel()
	person := []dsr.Subject{subject(t, alice, aliceID)}
	for _, test := range []struct {
		name     string
		machines []machine
		decision dsr.Decision
		line     int64
	}{
		{"another owner", []machine{{uid: uid2, owner: bob}, {uid: uid1, owner: bob, env: users + aliceID + "/environments/e"}}, dsr.Theirs, 3},
		{"the owner of another copy", []machine{{uid: uid1, owner: alice}, {uid: uid1, owner: bob}}, dsr.Theirs, 3},
		{"no decision", []machine{{uid: uid1, owner: "SMTP:" + alice}}, dsr.NotTheirs + 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, copyOwners := range []bool{false, true} {
				report, err := dsr.Filter(t.Context(), build(t, export{machines: test.machines}), person, ignore, &dsr.Options{
					CopyOwners: copyOwners, Decide: func(dsr.Finding) dsr.Decision { return test.decision },
				})
				assert.Nil(t, report)
				require.ErrorIs(t, err, dsr.ErrDecision)
				place, ok := err.(*csvschema.Error)
				require.True(t, ok)
				assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Line: test.line, Err: dsr.ErrDecision}, *place)
			}
		})
	}
}
