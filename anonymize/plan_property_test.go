package anonymize_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// dated returns the exports of a set, made at instants that make some of them old.
func dated(set *csvschematest.Set, variant int) []csvschema.Export {
	exports := set.Exports()
	old, today := set.Now.Add(-set.Retention), set.Now
	for i, made := range [][]time.Time{
		{{}, {}, {}}, {old, today, {}}, {old.Add(-1), old, old.Add(1)}, {today, old, old.AddDate(0, 0, -5)}, {{}, old, today},
	}[variant%5] {
		exports[i].Made = made
	}
	return exports
}

// outputOf returns what was made of a file of a set.
func outputOf(t *testing.T, after []csvschema.Export, f *csvschematest.File) []byte {
	t.Helper()
	if f.Role == csvschema.Disks {
		return textOf(t, after[f.Export-1].Disks[f.Number-1])
	}
	return textOf(t, after[f.Export-1].VirtualMachines[f.Number-1])
}

// TestGeneratedExportsBecomeWhatTheReferenceSays compares every row of generated
// exports, whose copies disagree, with its bytes or with what the generator says that
// it must become once it is due.
func TestGeneratedExportsBecomeWhatTheReferenceSays(t *testing.T) {
	t.Parallel()
	variant := 0
	for _, d := range dialects {
		for seed := range max(worlds(3), 1) {
			variant++
			policy := &anonymize.Policy{KeepUnreadableDates: true, DeleteStale: variant%2 == 0}
			o := d.o
			o.UnreadableDates = variant%3 == 0
			set := csvschematest.New(seed, &o)
			exports := dated(set, variant)
			ref := newReference(t, policy, set.Now, exports, nil)
			plan, after := planOf(t, policy, set.Now, exports...)
			i, changed, stats := 0, int64(0), anonymize.Stats{}
			for _, f := range set.Files {
				var want bytes.Buffer
				want.Write(f.Header)
				for j, r := range f.Rows {
					state := ref.stateOf(ref.rows[i])
					is := ref.rule(ref.rows[i], state)
					i++
					ref.count(&stats, is, false)
					row := r.Raw
					if is.reason == "due" {
						row = r.Anonymized()
					}
					if !bytes.Equal(row, r.Raw) {
						changed++
					}
					if o.EmptyLines && j%7 == 6 {
						want.Write(f.Header[len(bytes.TrimRight(f.Header, "\r\n")):])
					}
					want.Write(row)
				}
				requireSameLines(t, want.Bytes(), outputOf(t, after, f))
			}
			stats.Changed = changed
			requireCounts(t, stats, plan.Report().Total)
			assert.Positive(t, changed)
		}
	}
}

// replacements are policies with all kinds of replacement.
func replacements(t *testing.T) map[string]*anonymize.Policy {
	t.Helper()
	return map[string]*anonymize.Policy{
		"constant": {}, "tokens": {Replacement: identity.TokenReplacement},
		"pseudonyms": {Replacement: identity.PseudonymReplacement, Key: secretKey(t, "p")},
		"names":      {Names: true}, "names and tokens": {Names: true, Replacement: identity.TokenReplacement},
	}
}

// TestPlanningTwiceIsPlanningOnce plans outputs again, with the same policy and with
// each other one that replaces no more. What is not due is the same bytes.
func TestPlanningTwiceIsPlanningOnce(t *testing.T) {
	t.Parallel()
	for name, policy := range replacements(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(2) {
				set := csvschematest.New(seed, &dialects[2+seed].o)
				exports := dated(set, int(seed)+1)
				ref := newReference(t, policy, set.Now, exports, nil)
				_, once := planOf(t, policy, set.Now, exports...)
				plan, twice := planOf(t, policy, set.Now, once...)
				assert.Zero(t, plan.Report().Total.Changed)
				i := 0
				for _, f := range set.Files {
					out := outputOf(t, once, f)
					requireSameLines(t, out, outputOf(t, twice, f))
					csvschematest.AssertConserved(t, f.Data, out, func(row int) bool {
						r := ref.rows[i+row-1]
						return ref.rule(r, ref.stateOf(r)).reason == "due"
					})
					i += len(f.Rows)
				}
			}
		})
	}
}

// TestALaterInstantOnlyAddsChangedRows plans small worlds at instants one after the
// other: what is gone once is gone ever after, whatever ends or grows old.
func TestALaterInstantOnlyAddsChangedRows(t *testing.T) {
	t.Parallel()
	eachRoll(t, 150, func(t *testing.T, d *dice) {
		w := newRefWorld(t, d)
		w.policy.KeepUnreadableDates, w.policy.Replacement = true, identity.ConstantReplacement
		var before []refRow
		for _, after := range []time.Duration{-1, 0, 1, 100, time.Hour, 720 * time.Hour, 721 * time.Hour, 9000 * time.Hour} {
			_, outputs := planOf(t, w.policy, noon.Add(after), w.exports...)
			rows := newReference(t, w.policy, noon, outputs, nil).rows
			for i := range before {
				for c, cell := range before[i].cells {
					for _, id := range refIdentifier.FindAllString(rows[i].cells[c], -1) {
						if !identity.IsReplacement([]byte(id)) {
							require.Contains(t, cell, id, "%s came back", c)
						}
					}
				}
			}
			before = rows
		}
	})
}

// TestWorkersDoNotChangeAPlan plans files of several chunks.
func TestWorkersDoNotChangeAPlan(t *testing.T) {
	t.Parallel()
	large := csvschematest.NewLarge(2, 2<<20, &csvschematest.LargeOptions{ActiveEvery: 3})
	var wantReport *anonymize.Report
	var want []byte
	for _, workers := range []int{1, 2, 5} {
		policy := &anonymize.Policy{Workers: workers, Requests: []anonymize.Request{
			{Kind: anonymize.Erase, Identifier: identifier(t, large.Subjects()[0].Identifiers[0]), At: later, Existing: true},
		}}
		plan, err := policy.Plan(t.Context(), later, []csvschema.Export{large.Export()})
		require.NoError(t, err)
		var out bytes.Buffer
		for _, f := range plan.Report().Files {
			_, err := plan.Apply(t.Context(), f.FileID, &out)
			require.NoError(t, err)
		}
		if wantReport == nil {
			wantReport, want = plan.Report(), out.Bytes()
			assert.Len(t, wantReport.Requests[0].Answers, 6)
			continue
		}
		assert.Equal(t, wantReport, plan.Report())
		assert.True(t, bytes.Equal(want, out.Bytes()))
	}
}

// TestAHoldKeepsEveryByteUntilItEnds holds machines and disks, to the nanosecond.
func TestAHoldKeepsEveryByteUntilItEnds(t *testing.T) {
	t.Parallel()
	ends := time.Date(2017, 6, 1, 8, 30, 0, 1, time.UTC)
	machine := vm("2/4/2017", "zoe@contoso.com", nil)
	cells := map[csvschema.Column]string{
		csvschema.LabUId: "lab", csvschema.ResourceUId: uid("uid"), csvschema.ResourceId: "/labs/lab/users/" + objectID + "/disks/d", csvschema.Name: "d",
		csvschema.DiskBlobName: "D of zoe@contoso.com", csvschema.DeletedDate: "2/4/2017",
	}
	disk := export(csvschema.Disks, cells, nil)
	e := csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte(machine))}, Disks: []csvschema.Source{source([]byte(disk))}}
	ref := newReference(t, &anonymize.Policy{}, ends, []csvschema.Export{e, e}, nil)
	for _, r := range ref.rows[:2] {
		policy := &anonymize.Policy{
			Holds:    []anonymize.Hold{{Key: r.typedKey(), Until: ends.Add(-time.Hour)}, {Key: r.typedKey(), Until: ends, Reason: "claim"}, {Key: r.typedKey(), Until: ends.Add(-1)}},
			Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, "zoe@contoso.com"), At: ends.AddDate(0, -1, 0), Existing: true}},
		}
		for _, now := range []time.Time{ends.Add(-time.Hour), ends.Add(-1), ends, ends.Add(1)} {
			plan, after := planOf(t, policy, now, e, e)
			got := map[csvschema.Role]string{csvschema.VirtualMachines: string(textOf(t, after[1].VirtualMachines[0])), csvschema.Disks: string(textOf(t, after[1].Disks[0]))}
			was := map[csvschema.Role]string{csvschema.VirtualMachines: machine, csvschema.Disks: disk}
			for role, text := range got {
				held := role == r.role && now.Before(ends)
				assert.Equal(t, held, text == was[role], "%v %v", role, now)
				csvschematest.AssertConserved(t, []byte(was[role]), []byte(text), func(int) bool { return !held })
			}
			keeping := plan.Keeping(r.typedKey())
			if now.Before(ends) {
				assert.Equal(t, fate.Keeping{Fate: fate.KeptHeld, At: ends, Reason: "claim"}, keeping)
				assert.Equal(t, int64(2), plan.Report().Total.Held)
			} else {
				assert.Equal(t, fate.GoesNow, keeping.Fate)
				assert.Zero(t, plan.Report().Total.Held)
			}
		}
	}
}

// TestAPersonIsForgottenAgainWheneverAnOldExportComesBack imports an old export time
// after time: with the identifiers of requests or their digests it gives the same
// bytes, in which the person is nowhere.
func TestAPersonIsForgottenAgainWheneverAnOldExportComesBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		set := csvschematest.New(seed, &csvschematest.Options{ExtraColumns: seed == 1})
		for _, person := range set.People {
			byIdentifier := &anonymize.Policy{Key: secretKey(t, "r")}
			byDigest := &anonymize.Policy{Key: byIdentifier.Key}
			for _, text := range person.Identifiers {
				q := anonymize.Request{Kind: anonymize.Erase, Identifier: identifier(t, text), At: set.Now, Existing: true}
				byIdentifier.Requests = append(byIdentifier.Requests, q)
				q.Digest, q.Identifier = anonymize.NewDigest(byDigest.Key, q.Identifier), identity.Identifier{}
				byDigest.Requests = append(byDigest.Requests, q)
			}
			now := set.Now
			for _, f := range set.Files[:3] {
				once := outputOfFile(t, byIdentifier, now, f)
				assertForgotten(t, set, person, once)
				assert.Equal(t, string(once), string(outputOfFile(t, byDigest, now, f)))
				assert.Equal(t, string(once), string(outputOfFile(t, byIdentifier, now, f)), "when it comes back")
			}
			if seed == 1 || isRace {
				break
			}
		}
	}
}

// assertForgotten looks for identifiers of a person, but not of one whose spelling
// another account nearly has.
func assertForgotten(t *testing.T, set *csvschematest.Set, person csvschematest.Person, text []byte) {
	t.Helper()
	for _, id := range person.Identifiers {
		near := slices.ContainsFunc(set.People, func(p csvschematest.Person) bool {
			return p.Name != person.Name && slices.ContainsFunc(p.Identifiers, func(other string) bool {
				return strings.Contains(other, "@") && strings.Contains(id, "@") && (identity.Near(identifier(t, other), identifier(t, id)) || strings.Contains(other, id))
			})
		})
		if !near {
			csvschematest.AssertNoIdentifiers(t, text, id)
		}
	}
}

// outputOfFile plans a file alone.
func outputOfFile(t *testing.T, p *anonymize.Policy, now time.Time, f *csvschematest.File) []byte {
	t.Helper()
	plan, err := p.Plan(t.Context(), now, []csvschema.Export{exportOf(f.Role, f.Data)})
	require.NoError(t, err)
	var out bytes.Buffer
	_, err = plan.Apply(t.Context(), fileID(1, 1, f.Role), &out)
	require.NoError(t, err)
	_, err = plan.Apply(t.Context(), fileID(1, 2, f.Role), io.Discard)
	require.ErrorIs(t, err, anonymize.ErrNoSuchFile)
	return out.Bytes()
}
