package evidence_test

import (
	"crypto/ed25519"
	"io"
	"io/fs"
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

// signer returns a key that signs.
func signer(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(b), ed25519.SeedSize)))
}

// sealed returns the path of a receipt that was sealed with those options.
func sealed(t *testing.T, o evidence.Options) (path string, head identity.Digest) {
	t.Helper()
	exports, at := found(t)
	e, err := evidence.New(o)
	require.NoError(t, err)
	data, err := e.Seal(t.Context(), receipt.Receipt{Action: "anonymize", At: at}, exports, nil)
	require.NoError(t, err)
	assert.Equal(t, receipt.Head(data), e.Head)
	path = filepath.Join(t.TempDir(), "receipt.json")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path, e.Head
}

func TestReceiptHoldsTheDigestsOfAllInputs(t *testing.T) {
	t.Parallel()
	path, _ := sealed(t, evidence.Options{Key: secret(t), Request: "DSR-7"})
	var checks evidence.Checks
	checks.AddSecret(secret(t))
	r, err := checks.Open(path)
	require.NoError(t, err)
	assert.Equal(t, "DSR-7", r.Request)
	require.Len(t, r.Inputs, 1)
	assert.Equal(t, int64(len(export)), r.Inputs[0].Bytes)

	exports, _ := found(t)
	e, err := evidence.New(evidence.Options{Key: secret(t)})
	require.NoError(t, err)
	d := e.Digest(exports.Files[0])
	_, err = io.WriteString(d.Beside(io.Discard), export)
	require.NoError(t, err)
	assert.Equal(t, r.Inputs[0], d.File(0))
}

func TestReceiptFollowsAnother(t *testing.T) {
	t.Parallel()
	first, head := sealed(t, evidence.Options{Key: secret(t)})
	var checks evidence.Checks
	checks.AddSecret(secret(t))
	second, _ := sealed(t, evidence.Options{Key: secret(t), Previous: first, Checks: checks})
	r, err := checks.Open(second)
	require.NoError(t, err)
	assert.Equal(t, head, r.Previous)

	unsealed, _ := sealed(t, evidence.Options{})
	_, err = evidence.New(evidence.Options{Previous: unsealed, Checks: checks})
	require.ErrorContains(t, err, "not sealed with the key")
	_, err = evidence.New(evidence.Options{Previous: unsealed})
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(first, []byte("canary"), 0o600))
	_, err = evidence.New(evidence.Options{Previous: first})
	require.ErrorContains(t, err, "no receipt, or one that was changed")
	assert.NotContains(t, err.Error(), "canary")
}

func TestChecksConfirmByEachKindOfKey(t *testing.T) {
	t.Parallel()
	other, err := identity.NewSecretKey([]byte(strings.Repeat("o", identity.MinSecretKeyBytes)))
	require.NoError(t, err)
	for _, test := range []struct {
		name      string
		seal      evidence.Options
		secrets   []identity.SecretKey
		publics   []ed25519.PrivateKey
		refused   string
		unchecked string
	}{
		{"nothing", evidence.Options{}, nil, nil, "", ""},
		{"no seal", evidence.Options{}, []identity.SecretKey{secret(t)}, nil, "not sealed with the key", ""},
		{"no signature", evidence.Options{}, nil, []ed25519.PrivateKey{signer('a')}, "not signed with the key", ""},
		{"seal", evidence.Options{Key: secret(t)}, []identity.SecretKey{secret(t)}, nil, "", ""},
		{"other seal", evidence.Options{Key: other}, []identity.SecretKey{secret(t)}, nil, "not sealed with the key", ""},
		{"seal of an old key", evidence.Options{Key: other}, []identity.SecretKey{secret(t), other}, nil, "", ""},
		{"signature", evidence.Options{Signer: signer('a')}, nil, []ed25519.PrivateKey{signer('a')}, "", ""},
		{"other signature", evidence.Options{Signer: signer('b')}, nil, []ed25519.PrivateKey{signer('a')}, "not signed with the key", ""},
		{"both", evidence.Options{Key: secret(t), Signer: signer('a')}, []identity.SecretKey{secret(t)}, []ed25519.PrivateKey{signer('a')}, "", ""},
		{"one of both", evidence.Options{Key: secret(t)}, []identity.SecretKey{secret(t)}, []ed25519.PrivateKey{signer('a')}, "not signed with the key", ""},
		{"the other of both", evidence.Options{Signer: signer('a')}, []identity.SecretKey{secret(t)}, []ed25519.PrivateKey{signer('a')}, "not sealed with the key", ""},
		{"both, one is looked at", evidence.Options{Key: secret(t), Signer: signer('a')}, []identity.SecretKey{secret(t)}, nil, "", "signature was not checked: that takes --public-key"},
		{"both, the other is looked at", evidence.Options{Key: secret(t), Signer: signer('a')}, nil, []ed25519.PrivateKey{signer('a')}, "", "seal was not checked: that takes --key-file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path, head := sealed(t, test.seal)
			var checks evidence.Checks
			assert.True(t, checks.IsEmpty())
			for _, key := range test.secrets {
				checks.AddSecret(key)
			}
			for _, key := range test.publics {
				checks.AddPublic(key.Public().(ed25519.PublicKey))
			}
			r, err := checks.Open(path)
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused)
				assert.True(t, evidence.IsUnconfirmed(err))
				assert.Contains(t, evidence.Why(err).String(), test.refused)
				assert.Zero(t, r)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, head, r.Head)
			assert.Equal(t, test.unchecked, r.Unchecked)
		})
	}
}

func TestWhatCannotBeReadIsNotUnconfirmed(t *testing.T) {
	t.Parallel()
	var checks evidence.Checks
	_, err := checks.Open(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.False(t, evidence.IsUnconfirmed(err))
	assert.Empty(t, evidence.Why(err))
}

func TestReceiptNamesNobody(t *testing.T) {
	t.Parallel()
	exports, at := found(t)
	e, err := evidence.New(evidence.Options{Key: secret(t), Request: "canary@example.com"})
	require.NoError(t, err)
	_, err = e.Seal(t.Context(), receipt.Receipt{Action: "anonymize", At: at}, exports, nil)
	require.ErrorContains(t, err, "--request cannot be in a receipt")
	assert.NotContains(t, err.Error(), "canary")
}

func TestWithoutAKeyDigestsTellNothing(t *testing.T) {
	t.Parallel()
	var digests []receipt.File
	for range 2 {
		e, err := evidence.New(evidence.Options{})
		require.NoError(t, err)
		assert.False(t, e.IsSealed())
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
