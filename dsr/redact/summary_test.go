package redact_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/redact"
)

func TestCandidatesAreOneForEachNormalForm(t *testing.T) {
	t.Parallel()
	r := redactor(t, subject(t, alice), nil)
	r.Record(cells{UID: uid1, Name: "bob042", Owner: alice, Notes: "bob@contoso.com BOB%40contoso.com"}.record(t))
	r.Record(cells{UID: uid2, Owner: alice}.record(t))
	r.Record(cells{UID: uid2, Owner: alice, Notes: "BOB@contoso.com", Env: users + "{" + carolID + "}/e", Image: strings.ReplaceAll(carolID, "-", "")}.record(t))
	r.Record(cells{UID: uid2, Owner: alice, Env: users + "team 7"}.record(t))
	report := r.Summary()
	type candidate struct {
		reason     redact.Reason
		value      string
		identifier string
		column     csvschema.Column
		number     int
		uid        string
		rows       int64
	}
	var got []candidate
	for _, c := range report.Candidates {
		got = append(got, candidate{c.Reason, c.Value.Reveal(), c.Identifier.Reveal(), c.Cell.Column, c.Cell.Number, c.Cell.Key.ResourceUId(), c.Rows})
	}
	assert.Equal(t, []candidate{
		{redact.OtherName, "bob042", "", csvschema.Name, 0, uid1, 1},
		{redact.OtherAddress, bob, bob, 0, 12, uid1, 2},
		{redact.OtherUser, "{" + carolID + "}", carolID, csvschema.EnvironmentId, 0, uid2, 1},
		{redact.OtherUser, "team 7", "", csvschema.EnvironmentId, 0, uid2, 1},
	}, got)
	assert.Equal(t, int64(3), report.Rows)
	assert.Equal(t, int64(7), report.Places())
	assert.Zero(t, report.More)
	report.Candidates[0].Rows = 99
	assert.Equal(t, int64(1), r.Summary().Candidates[0].Rows, "a report is the caller's")
}

func TestTheListOfCandidatesIsBounded(t *testing.T) {
	t.Parallel()
	r := redactor(t, subject(t, alice), nil)
	var b strings.Builder
	n := 0
	for range 101 {
		b.Reset()
		for range 100 {
			b.WriteString("someone-" + string(rune('a'+n%26)) + string(rune('a'+n/26%26)) + string(rune('a'+n/676%26)) + "@contoso.com ")
			n++
		}
		r.Record(cells{Owner: alice, Notes: b.String()}.record(t))
	}
	report := r.Summary()
	assert.Len(t, report.Candidates, 10_000)
	assert.Equal(t, int64(100), report.More)
	assert.Equal(t, int64(10_100), report.Addresses)
}

func TestReasonsAreInPlainWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for r := redact.Reason(0); r <= redact.NotJudged+1; r++ {
		seen[r.String()] = true
	}
	assert.Len(t, seen, 7)
	assert.Equal(t, "not hidden", redact.Reason(0).String())
	assert.Zero(t, new(redact.Summary).ByReason(0))
}
