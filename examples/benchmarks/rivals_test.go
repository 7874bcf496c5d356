package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRivalsDoTheirTasks(t *testing.T) {
	t.Parallel()
	for rival, want := range map[string]int{
		"labdsr": 12, "labdsr-1": 11, "labdsr-command": 8, "encoding/csv": 9, "gocsv": 7, "csvutil": 7, "duckdb": 10, "miller": 5,
	} {
		r, err := choose(rivals, rivalName, rival)
		require.NoError(t, err)
		n := 0
		for _, task := range tasks {
			if r[0].can(task) {
				n++
			}
		}
		assert.Equal(t, want, n, rival)
	}
}

func TestMissingProgramIsAnError(t *testing.T) {
	t.Parallel()
	c := configured(t, "-rivals", "labdsr")
	c.rivals = append(c.rivals[:1:1], rival{name: "miller", program: "no-such-program", apt: "miller"})
	err := run(t.Context(), io.Discard, io.Discard, c)
	assert.EqualError(t, err, "miller: the program no-such-program is not installed: apt-get install -y miller")
}
