package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestAnswersAreJudgedByTheGenerator(t *testing.T) {
	t.Parallel()
	s := &dataset{rows: 100, hits: 6, digest: "d", due: 10}
	right := map[kind]result{
		filter:      {Hits: 6, Digest: "d"},
		filterDisks: {Hits: 6, Digest: "d"},
		typed:       {Hits: 6, Digest: "d", Rows: 100},
		anonymizing: {Rows: 100, Due: 10},
	}
	for k, r := range right {
		require.NoError(t, s.judge(task{kind: k}, r))
	}
	assert.NoError(t, s.judge(task{kind: anonymizing}, result{Rows: -1, Due: -1}), "a rival that does not count")
	for name, wrong := range map[string]struct {
		kind
		result
	}{
		"hits":               {filter, result{Hits: 5, Digest: "d"}},
		"other hits":         {filter, result{Hits: 6, Digest: "e"}},
		"other disks":        {filterDisks, result{Hits: 6, Digest: "e"}},
		"rows decoded":       {typed, result{Hits: 6, Digest: "d", Rows: 99}},
		"other rows decoded": {typed, result{Hits: 6, Digest: "e", Rows: 100}},
		"rows written":       {anonymizing, result{Rows: 101, Due: 10}},
		"rows due":           {anonymizing, result{Rows: 100, Due: 9}},
	} {
		require.ErrorIs(t, s.judge(task{kind: wrong.kind}, wrong.result), errWrong, name)
	}
	assert.NoError(t, s.judgeLimit(task{}, result{Rows: 101}))
	assert.NoError(t, s.judgeLimit(task{disks: true}, result{Rows: 202}))
	assert.ErrorIs(t, s.judgeLimit(task{}, result{Rows: 100}), errWrong)
}

func TestAnonymizedFileIsComparedCellByCell(t *testing.T) {
	t.Parallel()
	s, err := newDataset(t.TempDir(), 64<<10, dialects[0], false, false)
	require.NoError(t, err)
	require.Positive(t, s.due)
	out := filepath.Join(t.TempDir(), "out.csv")
	_, err = labdsrAnonymize(t.Context(), &job{Machines: s.machines, Out: out}, 1)
	require.NoError(t, err)
	require.NoError(t, s.judgeOutput(out))
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	good := string(text)
	for name, bad := range map[string]string{
		"nothing":         "",
		"header":          strings.Replace(good, "LabUId", "LabUID", 1),
		"cell":            strings.Replace(good, "Active", "active", 1),
		"owner kept":      strings.Replace(good, identity.ReplacementAddress, "p@example.com", 1),
		"row lost":        good[:strings.LastIndex(good[:len(good)-1], "\n")+1],
		"row twice":       good + good[strings.LastIndex(good[:len(good)-1], "\n")+1:],
		"another due row": strings.Replace(good, "-000000000001\"", "-00000000000b\"", 1), // row 1 is due
	} {
		require.NotEqual(t, good, bad, name)
		require.NoError(t, os.WriteFile(out, []byte(bad), 0o600))
		assert.Error(t, s.judgeOutput(out), name)
	}
}

func TestDigestDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	digest := func(uids ...string) string {
		var a answer
		for _, uid := range uids {
			a.hit(uid)
		}
		return a.digest()
	}
	assert.Equal(t, digest("a", "b", "c"), digest("C", "a", "B"))
	assert.NotEqual(t, digest("a", "b"), digest("a", "b", "b"))
	assert.NotEqual(t, digest("a", "b"), digest("a", "c"))
}
