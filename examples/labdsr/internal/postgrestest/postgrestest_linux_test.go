package postgrestest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/postgrestest"
)

func TestScriptsRun(t *testing.T) {
	t.Parallel()
	s := postgrestest.Run(t)
	dir := t.TempDir()
	for name, script := range map[string]string{"good.sql": "CREATE TABLE a AS SELECT 1 AS x, NULL AS y;", "bad.sql": "\\set ON_ERROR_STOP on\nSELECT nothing;"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o600))
	}
	_, err := s.RunScript(filepath.Join(dir, "good.sql"))
	require.NoError(t, err)
	output, err := s.RunScript(filepath.Join(dir, "bad.sql"))
	require.Error(t, err)
	assert.Contains(t, output, "nothing")
	assert.Equal(t, [][]string{{"1", "<null>"}}, s.Query(t, "SELECT * FROM a"))
}
