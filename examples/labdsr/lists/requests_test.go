package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func requests(t *testing.T, kind anonymize.RequestKind, text string) []anonymize.Request {
	t.Helper()
	all, err := lists.Requests(file(t, text), kind, now)
	require.NoError(t, err)
	return all
}

func TestTheEarliestRequestIsMade(t *testing.T) {
	t.Parallel()
	all := requests(t, anonymize.Erase, "ann@example.com,2026-05-01\nbob@example.com\nANN@example.com,2026-04-01\nann@example.com,2026-06-01\n")
	all = append(all, requests(t, anonymize.Removed, "ann@example.com,2026-03-01\n")...)
	got := lists.Earliest(all)
	require.Len(t, got, 3)
	for i, want := range []anonymize.Request{
		{Kind: anonymize.Erase, Identifier: all[0].Identifier, At: time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)},
		{Kind: anonymize.Erase, Identifier: all[1].Identifier, At: now},
		{Kind: anonymize.Removed, Identifier: all[0].Identifier, At: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)},
	} {
		assert.Equal(t, want.Kind, got[i].Kind)
		assert.Equal(t, want.Identifier, got[i].Identifier)
		assert.Equal(t, want.At, got[i].At)
	}
	assert.Empty(t, lists.Earliest(nil))
}

func TestObjectIDsOfSomethingElseAreFound(t *testing.T) {
	t.Parallel()
	m := lists.NewMisplaced(requests(t, anonymize.Erase, "ann@example.com\n"+labTwo+"\n"+machineOne+"\n9531985d-5d9d-49f8-9818-e811892f902b\n"+labOne+"\n"))
	require.False(t, m.IsEmpty())
	text := "SubscriptionId,LabUId,ResourceUId\n{9531985D-5D9D-49F8-9818-E811892F902B}," + labOne + "," + machineOne + "\n"
	f := csvschema.NewFile(csvschema.FileID{Role: csvschema.Disks}, source.FromBytes([]byte(text)), csvschema.FileOptions{
		Required: func(csvschema.Role) []csvschema.Column { return []csvschema.Column{csvschema.LabUId} }, SinglePass: true,
	})
	require.NoError(t, csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
		Work: (*csvschema.Chunk).Len,
		Emit: func(c *csvschema.Chunk, n int) error {
			for i := range n {
				m.Note(c.Record(i))
			}
			return nil
		},
	}))
	assert.Equal(t, map[int]csvschema.Column{2: csvschema.ResourceUId, 3: csvschema.SubscriptionId, 4: csvschema.LabUId}, m.Found())
	assert.True(t, lists.NewMisplaced(requests(t, anonymize.Erase, "ann@example.com\n")).IsEmpty())
}
