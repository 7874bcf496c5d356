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
	s := &dataset{machines: file{rows: 100, due: 10, changed: 9}, next: file{rows: 110, due: 12, changed: 3}, hits: 6, digest: "d"}
	right := map[kind]result{
		filter:      {Rows: -1, Hits: 6, Digest: "d"},
		filterDisks: {Rows: -1, Hits: 6, Digest: "d"},
		accessing:   {Rows: -1, Hits: 6, Digest: "d"},
		reading:     {Hits: 6, Digest: "d", Rows: 100},
		writing:     {Rows: 100},
		cleaning:    {Rows: 100, Due: 9},
		verifying:   {Rows: 100, Due: 9},
		planning:    {Rows: 100, Due: 10},
		tabling:     {Rows: 100},
	}
	for k, r := range right {
		require.NoError(t, s.judge(task{kind: k}, r))
	}
	require.NoError(t, s.judge(task{kind: cleaning, next: true}, result{Rows: 110, Due: 3}))
	require.NoError(t, s.judge(task{kind: cleaning}, result{Rows: -1, Due: -1}), "a rival that does not count")
	for name, wrong := range map[string]struct {
		kind
		result
	}{
		"hits":               {filter, result{Rows: -1, Hits: 5, Digest: "d"}},
		"other hits":         {filter, result{Rows: -1, Hits: 6, Digest: "e"}},
		"other disks":        {filterDisks, result{Rows: -1, Hits: 6, Digest: "e"}},
		"other package":      {accessing, result{Rows: -1, Hits: 6, Digest: "e"}},
		"rows decoded":       {reading, result{Hits: 6, Digest: "d", Rows: 99}},
		"other rows decoded": {reading, result{Hits: 6, Digest: "e", Rows: 100}},
		"rows encoded":       {writing, result{Rows: 99}},
		"encoded uncounted":  {writing, result{Rows: -1}},
		"rows written":       {cleaning, result{Rows: 101, Due: 9}},
		"rows changed":       {cleaning, result{Rows: 100, Due: 10}},
		"rows verified":      {verifying, result{Rows: 100, Due: 10}},
		"nothing verified":   {verifying, result{Rows: -1, Due: -1}},
		"rows due":           {planning, result{Rows: 100, Due: 9}},
		"rows of the table":  {tabling, result{Rows: 99}},
		"table uncounted":    {tabling, result{Rows: -1}},
	} {
		require.ErrorIs(t, s.judge(task{kind: wrong.kind}, wrong.result), errWrong, name)
	}
	assert.NoError(t, s.judgeLimit(task{}, result{Rows: 101}))
	assert.NoError(t, s.judgeLimit(task{kind: filterDisks}, result{Rows: 202}))
	assert.NoError(t, s.judgeLimit(task{next: true}, result{Rows: 111}))
	assert.ErrorIs(t, s.judgeLimit(task{}, result{Rows: 100}), errWrong)
}

func TestWhatIsWrittenIsComparedCellByCell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first-clean-up", "next-clean-up", "write-rows"} {
		chosen, err := choose(tasks, taskName, name)
		require.NoError(t, err)
		task := chosen[0]
		s, err := newDataset(t.Context(), t.TempDir(), 64<<10, shapes[0], chosen)
		require.NoError(t, err)
		j := s.job(&rivals[0], task)
		j.Out = filepath.Join(t.TempDir(), "out.csv")
		_, err = labdsr(0)[task.kind](t.Context(), j)
		require.NoError(t, err)
		text, err := os.ReadFile(j.Out)
		require.NoError(t, err)
		good := string(text)
		require.NoError(t, s.judgeOutput(task, j))
		lastLine := good[strings.LastIndex(good[:len(good)-1], "\n")+1:]
		for fault, bad := range map[string]string{
			"nothing":     "",
			"header":      strings.Replace(good, "LabUId", "LabUID", 1),
			"cell":        strings.Replace(good, "Active", "active", 1),
			"row lost":    strings.TrimSuffix(good, lastLine),
			"row twice":   good + lastLine,
			"another row": strings.Replace(good, "-000000000001", "-00000000000b", 1),
			"owner kept":  strings.Replace(good, identity.ReplacementAddress, "p@example.com", 1),
			"user kept":   strings.Replace(good, "users/"+identity.ReplacementObjectID, "users/77aeb57c-cd2e-4809-97d9-602aa1aaff28", 1),
		} {
			if task.kind == writing && strings.HasSuffix(fault, "kept") {
				continue
			}
			require.NotEqual(t, good, bad, fault)
			require.NoError(t, os.WriteFile(j.Out, []byte(bad), 0o600))
			require.ErrorIs(t, s.judgeOutput(task, j), errWrong, "%s: %s", name, fault)
		}
		require.NoError(t, os.WriteFile(j.Out, text, 0o600))
		require.NoError(t, s.judgeOutput(task, j))
		assert.NoFileExists(t, j.Out)
	}
}

func TestTablesAreComparedWithTheFile(t *testing.T) {
	t.Parallel()
	chosen, err := choose(tasks, taskName, "tables")
	require.NoError(t, err)
	dir := t.TempDir()
	s, err := newDataset(t.Context(), dir, 64<<10, shapes[0], chosen)
	require.NoError(t, err)
	duck, err := openDuck(t.Context())
	require.NoError(t, err)
	defer duck.close()
	j := s.job(&rivals[0], chosen[0])
	j.duck = duck
	text, err := os.ReadFile(j.Machines)
	require.NoError(t, err)
	good := string(text)
	lastLine := good[strings.LastIndex(good[:len(good)-1], "\n")+1:]
	for fault, bad := range map[string]string{
		"":         good,
		"cell":     strings.Replace(good, "Active", "active", 1),
		"null":     strings.Replace(good, `"Windows"`, `""`, 1),
		"boolean":  strings.Replace(good, `"False"`, `"True"`, 1),
		"instant":  strings.Replace(good, ` AM"`, ` PM"`, 1),
		"row lost": strings.TrimSuffix(good, lastLine),
		"swapped":  strings.Replace(good, `"WindowsServer","MicrosoftWindowsServer"`, `"MicrosoftWindowsServer","WindowsServer"`, 1),
	} {
		other := *j
		other.Machines, other.Out = filepath.Join(dir, "other.csv"), filepath.Join(dir, "out.parquet")
		require.NoError(t, os.WriteFile(other.Machines, []byte(bad), 0o600))
		_, err := duckTables(t.Context(), &other)
		require.NoError(t, err)
		other.Machines = j.Machines
		err = s.judgeOutput(chosen[0], &other)
		if fault == "" {
			require.NoError(t, err)
			continue
		}
		require.NotEqual(t, good, bad, fault)
		require.ErrorIs(t, err, errWrong, fault)
	}
	j.Out = filepath.Join(dir, "out.parquet")
	require.NoError(t, duck.exec(t.Context(), "COPY (SELECT * REPLACE (Claimable::VARCHAR AS Claimable) FROM "+readTyped(j.Machines)+") TO "+literal(j.Out)+" (FORMAT parquet)"))
	assert.ErrorIs(t, s.judgeOutput(chosen[0], j), errWrong, "a type")
}
