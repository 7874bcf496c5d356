package inputs_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func TestFingerprintsAreOfThePlainBytes(t *testing.T) {
	t.Parallel()
	const machines = "LabUId,ResourceUId,ResourceId,ResourceOwner\nl,r,i,o\n"
	var f inputs.Finder
	f.Stdin = strings.NewReader(gzipped(t, machines))
	require.NoError(t, f.Find(t.Context(), inputs.Stdin, csvschema.VirtualMachines))
	e := f.Group(time.UTC, time.Time{})
	all, err := e.Fingerprints(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[csvschema.FileID][sha256.Size]byte{e.Files[0].FileID: sha256.Sum256([]byte(machines))}, all)
}
