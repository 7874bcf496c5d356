package evidence_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

const export = "LabUId,ResourceUId,ResourceId,ResourceOwner\n"

func secret(t *testing.T) identity.SecretKey {
	t.Helper()
	key, err := identity.NewSecretKey([]byte(strings.Repeat("k", identity.MinSecretKeyBytes)))
	require.NoError(t, err)
	return key
}

// found returns one export, and when its receipt is made.
func found(t *testing.T) (*inputs.Exports, time.Time) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vm.csv")
	require.NoError(t, os.WriteFile(path, []byte(export), 0o600))
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), path, csvschema.VirtualMachines))
	return f.Group(time.UTC, time.Time{}), time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)
}

func TestReceiptHoldsTheDigestsOfAllInputs(t *testing.T) {
	t.Parallel()
	exports, at := found(t)
	e, err := evidence.New(secret(t), "", "DSR-7")
	require.NoError(t, err)
	assert.True(t, e.Kept)
	sealed, err := e.Seal(t.Context(), receipt.Receipt{Action: "anonymize", At: at}, exports, nil)
	require.NoError(t, err)
	assert.Equal(t, receipt.Head(sealed), e.Head)
	r, err := receipt.Open(sealed)
	require.NoError(t, err)
	assert.Equal(t, "DSR-7", r.Request)
	require.Len(t, r.Inputs, 1)
	assert.Equal(t, int64(len(export)), r.Inputs[0].Bytes)

	for text, want := range map[string]bool{export: true, export + " ": false} {
		d := evidence.NewDigest(secret(t), exports.Files[0])
		_, err := io.WriteString(d.Beside(io.Discard), text)
		require.NoError(t, err)
		assert.Equal(t, want, d.IsIn(r.Inputs))
	}
	other := *exports.Files[0]
	other.Export = 2
	d := evidence.NewDigest(secret(t), &other)
	_, err = io.WriteString(d, export)
	require.NoError(t, err)
	assert.False(t, d.IsIn(r.Inputs), "the same bytes elsewhere")
}

func TestReceiptFollowsAnother(t *testing.T) {
	t.Parallel()
	exports, at := found(t)
	first, err := evidence.New(secret(t), "", "")
	require.NoError(t, err)
	sealed, err := first.Seal(t.Context(), receipt.Receipt{Action: "anonymize", At: at}, exports, nil)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "one.json")
	require.NoError(t, os.WriteFile(path, sealed, 0o600))
	second, err := evidence.New(secret(t), path, "")
	require.NoError(t, err)
	sealed, err = second.Seal(t.Context(), receipt.Receipt{Action: "anonymize", At: at}, exports, nil)
	require.NoError(t, err)
	r, err := receipt.Open(sealed)
	require.NoError(t, err)
	assert.Equal(t, first.Head, r.Previous)

	require.NoError(t, os.WriteFile(path, []byte("canary"), 0o600))
	_, err = evidence.New(secret(t), path, "")
	require.ErrorContains(t, err, "no receipt, or one that was changed")
	assert.NotContains(t, err.Error(), "canary")
}

func TestReceiptNamesNobody(t *testing.T) {
	t.Parallel()
	exports, at := found(t)
	e, err := evidence.New(secret(t), "", "canary@example.com")
	require.NoError(t, err)
	_, err = e.Seal(t.Context(), receipt.Receipt{Action: "anonymize", At: at}, exports, nil)
	require.ErrorContains(t, err, "--request cannot be in a receipt")
	assert.NotContains(t, err.Error(), "canary")
}

func TestWithoutAKeyDigestsTellNothing(t *testing.T) {
	t.Parallel()
	var digests []receipt.File
	for range 2 {
		e, err := evidence.New(identity.SecretKey{}, "", "")
		require.NoError(t, err)
		assert.False(t, e.Kept)
		digests = append(digests, e.Digest(&inputs.File{}).File(0))
	}
	assert.NotEqual(t, digests[0].Digest, digests[1].Digest)
}

func TestNoReceiptNoDigest(t *testing.T) {
	t.Parallel()
	var e *evidence.Evidence
	d := e.Digest(&inputs.File{})
	assert.Nil(t, d)
	assert.Equal(t, io.Discard, d.Beside(io.Discard))
}
