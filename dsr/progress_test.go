package dsr_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	from "github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

// Every call that reads files tells all their bytes, pass by pass, in several steps, and
// how many there are.
func TestEveryLongCallTellsItsProgress(t *testing.T) {
	t.Parallel()
	large := csvschematest.NewLarge(1, 1<<20, nil)
	sizes, now := map[csvschema.Role]int64{}, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	var export csvschema.Export
	for role, sources := range map[csvschema.Role]*[]csvschema.Source{csvschema.VirtualMachines: &export.VirtualMachines, csvschema.Disks: &export.Disks} {
		data, err := io.ReadAll(large.Reader(role))
		require.NoError(t, err)
		sizes[role] = int64(len(data))
		*sources = []csvschema.Source{from.FromBytes(data)}
	}
	exports := []csvschema.Export{export}
	subject := subjectsOf(t, large.Subjects())[0]
	redactor, err := redact.New(subject, nil)
	require.NoError(t, err)
	plan := func(ctx context.Context, progress func(csvschema.Progress)) (*anonymize.Plan, error) {
		return (&anonymize.Policy{Progress: progress}).Plan(ctx, now, exports)
	}
	after := make([]csvschema.Export, 1)
	planned, err := plan(t.Context(), nil)
	require.NoError(t, err)
	for _, f := range planned.Report().Files {
		var out bytes.Buffer
		_, err := planned.Apply(t.Context(), f.FileID, &out)
		require.NoError(t, err)
		if f.Role == csvschema.Disks {
			after[0].Disks = append(after[0].Disks, source(out.Bytes()))
		} else {
			after[0].VirtualMachines = append(after[0].VirtualMachines, source(out.Bytes()))
		}
	}
	for _, c := range []struct {
		name            string
		machines, disks int // passes
		call            func(ctx context.Context, progress func(csvschema.Progress)) error
	}{
		{"dsr.Filter", 1, 1, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := dsr.Filter(ctx, exports, []dsr.Subject{subject}, func(dsr.Match) error { return nil }, &dsr.Options{Progress: progress})
			return err
		}},
		{"redact.Records", 1, 1, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := redact.Records(ctx, exports, []*redact.Redactor{redactor}, func(redact.Match) error { return nil }, &dsr.Options{Progress: progress})
			return err
		}},
		{"response.Write", 1, 1, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := response.Write(ctx, io.Discard, exports, subject, &response.Options{Filter: dsr.Options{Progress: progress}})
			return err
		}},
		{"Policy.Copy", 1, 0, func(ctx context.Context, progress func(csvschema.Progress)) error {
			in, err := export.VirtualMachines[0].Open(ctx)
			require.NoError(t, err)
			_, err = (&anonymize.Policy{Progress: progress}).Copy(ctx, now, csvschema.VirtualMachines, io.Discard, in)
			return err
		}},
		{"Policy.Plan", 1, 1, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := plan(ctx, progress)
			return err
		}},
		{"Policy.Plan with a preview", 2, 2, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := (&anonymize.Policy{Progress: progress, Preview: true}).Plan(ctx, now, exports)
			return err
		}},
		{"Policy.Plan with names", 4, 3, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := (&anonymize.Policy{Progress: progress, Names: true}).Plan(ctx, now, exports)
			return err
		}},
		{"Plan.Apply", 0, 1, func(ctx context.Context, progress func(csvschema.Progress)) error {
			var planned *anonymize.Plan
			made, err := plan(ctx, func(p csvschema.Progress) {
				if planned != nil { // plan tells its own
					progress(p)
				}
			})
			require.NoError(t, err)
			planned = made
			_, err = planned.Apply(ctx, csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, io.Discard)
			return err
		}},
		{"verify.Exports", 1, 1, func(ctx context.Context, progress func(csvschema.Progress)) error {
			_, err := verify.Exports(ctx, &anonymize.Policy{Progress: progress}, now, exports, after)
			return err
		}},
	} {
		last, steps := map[csvschema.Role]csvschema.Progress{}, 0
		passes := map[csvschema.Role]int{csvschema.VirtualMachines: c.machines, csvschema.Disks: c.disks}
		require.NoError(t, c.call(t.Context(), func(p csvschema.Progress) {
			before := last[p.Role]
			if p.Pass != before.Pass {
				assert.Equal(t, before.Pass+1, p.Pass, c.name)
				assert.True(t, before.Pass == 0 || before.Bytes == sizes[p.Role], c.name)
				before.Bytes = 0
			}
			assert.GreaterOrEqual(t, p.Bytes, before.Bytes, c.name) // the next chunks may have been read
			assert.Equal(t, passes[p.Role], p.Passes, c.name)
			if c.name != "Policy.Copy" { // of a reader
				assert.Equal(t, sizes[p.Role], p.Size, c.name)
			}
			last[p.Role] = p
			steps++
		}), c.name)
		for role, passes := range passes {
			if assert.Equal(t, passes, last[role].Pass, c.name); passes > 0 {
				assert.Equal(t, sizes[role], last[role].Bytes, c.name)
			}
		}
		assert.Greater(t, steps, 2*(c.machines+c.disks), c.name)
	}
}

// How many passes there are may depend on what the files hold. No pass is ever the fourth of
// three, and the last one is known to be the last.
func TestProgressKnowsTheLastPass(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	due := machine{id: vm1, uid: uid1, owner: alice, deleted: "1/3/2017 11:17:09 PM"}
	again := due
	again.id = vm2
	for name, exports := range map[string][]csvschema.Export{
		"no disk that names a machine": build(t, export{machines: []machine{due}}),
		"rows of one key that differ":  build(t, export{machines: []machine{due, again}}),
		"two exports":                  build(t, export{machines: []machine{due}}, export{machines: []machine{due}}),
	} {
		for _, names := range []bool{false, true} {
			last := map[csvschema.FileID]csvschema.Progress{}
			policy := &anonymize.Policy{Names: names, Progress: func(p csvschema.Progress) {
				assert.LessOrEqual(t, p.Pass, p.Passes, name)
				last[p.FileID] = p
			}}
			requireLast := func() {
				require.Len(t, last, len(exports), name)
				for _, p := range last {
					require.Equal(t, p.Passes, p.Pass, "%s, names %t", name, names)
				}
				clear(last)
			}
			_, err := policy.Plan(t.Context(), now, exports)
			require.NoError(t, err)
			requireLast()
			_, err = verify.Exports(t.Context(), policy, now, exports, exports)
			require.NoError(t, err)
			requireLast()
		}
	}
}
