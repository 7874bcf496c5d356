package receipt_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// link returns a receipt that follows the previous one.
func link(number int, previous identity.Digest) receipt.Receipt {
	return receipt.Receipt{
		Request: fmt.Sprint("DSR-", number), Action: "access",
		At:       time.Date(2026, time.July, number, 0, 0, 0, 0, time.UTC),
		Outputs:  []receipt.File{{Bytes: int64(number), Digest: identity.Digest{1}}},
		Previous: previous,
	}
}

// chainOf returns a chain of n receipts and its head.
func chainOf(tb testing.TB, n int, o *receipt.Options) (chain [][]byte, head identity.Digest) {
	tb.Helper()
	for i := range n {
		chain = append(chain, seal(tb, link(i+1, head), o))
		head = receipt.Head(chain[i])
	}
	return chain, head
}

// chains are the ways in which chains are made and verified.
func chains(tb testing.TB) map[string]struct {
	o    *receipt.Options
	keys []receipt.Key
} {
	tb.Helper()
	return map[string]struct {
		o    *receipt.Options
		keys []receipt.Key
	}{
		"unsigned":              {nil, nil},
		"with a MAC":            {&receipt.Options{Key: secretKey(tb, 1)}, []receipt.Key{receipt.MACKey(secretKey(tb, 1))}},
		"signed":                {&receipt.Options{Signer: privateKey(1)}, []receipt.Key{publicKey(1)}},
		"signed, keys not used": {&receipt.Options{Signer: privateKey(1)}, nil},
	}
}

// number returns the number of the receipt in an error of Verify.
func number(t *testing.T, err error) int {
	t.Helper()
	e, ok := errors.AsType[*receipt.Error](err)
	require.True(t, ok, "%v", err)
	return e.Number
}

func TestAChainIsVerifiedByItsHead(t *testing.T) {
	t.Parallel()
	for name, with := range chains(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, head := chainOf(t, 6, with.o)
			require.NoError(t, receipt.Verify(chain, head, with.keys...))
			for n := range chain { // an older head still proves the chain before it
				older := identity.Digest{}
				if n > 0 {
					older = receipt.Head(chain[n-1])
				}
				require.NoError(t, receipt.Verify(chain[:n], older, with.keys...))
				require.ErrorIs(t, receipt.Verify(chain, older, with.keys...), receipt.ErrHead)
			}
		})
	}
}

func TestAnEmptyChainHasTheZeroHead(t *testing.T) {
	t.Parallel()
	require.NoError(t, receipt.Verify(nil, identity.Digest{}))
	require.NoError(t, receipt.Verify([][]byte{}, identity.Digest{}, publicKey(1)))
	require.ErrorIs(t, receipt.Verify(nil, identity.Digest{1}), receipt.ErrHead)
	require.ErrorIs(t, receipt.Verify(nil, receipt.Head(nil)), receipt.ErrHead)
	require.ErrorIs(t, receipt.Verify([][]byte{nil}, identity.Digest{}), receipt.ErrMalformed)
	require.ErrorIs(t, receipt.Verify(nil, identity.Digest{}, receipt.Key{}), receipt.ErrKey)
}

// TestTheHeadFindsEveryEdit makes every kind of edit that somebody can make who has
// the chain, and perhaps the signing key, but cannot change the head.
func TestTheHeadFindsEveryEdit(t *testing.T) {
	t.Parallel()
	for name, with := range chains(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, head := chainOf(t, 6, with.o)
			found := func(edited [][]byte, format string, args ...any) {
				t.Helper()
				if receipt.Verify(edited, head, with.keys...) == nil {
					assert.Fail(t, "not found: "+fmt.Sprintf(format, args...))
				}
			}
			for i, sealed := range chain {
				edited := slices.Clone(chain)
				for at := range sealed {
					edited[i] = slices.Clone(sealed)
					edited[i][at] ^= 1 << ((at + i) % 8)
					found(edited, "byte %d of receipt %d changed", at, i)
					edited[i] = sealed[:at]
					found(edited, "receipt %d cut to %d bytes", i, at)
				}
				edited[i] = append(slices.Clone(sealed), '\n')
				found(edited, "line end after receipt %d", i)

				found(slices.Delete(slices.Clone(chain), i, i+1), "receipt %d removed", i)
				found(chain[:i], "cut before receipt %d", i)
				if i > 0 {
					found(chain[i:], "cut up to receipt %d", i)
				}
				for j, other := range chain {
					found(slices.Insert(slices.Clone(chain), i, other), "receipt %d again before %d", j, i)
					if i == j {
						continue
					}
					edited = slices.Clone(chain)
					edited[i], edited[j] = edited[j], edited[i]
					found(edited, "receipts %d and %d swapped", i, j)
					edited = slices.Clone(chain)
					edited[i] = other
					found(edited, "receipt %d in the place of %d", j, i)
				}

				previous := identity.Digest{}
				if i > 0 {
					previous = receipt.Head(chain[i-1])
				}
				for _, o := range []*receipt.Options{nil, {Signer: privateKey(1)}, {Signer: privateKey(2)}} {
					fresh := seal(t, link(i+1, previous), o)
					edited = slices.Clone(chain)
					edited[i] = fresh
					found(edited, "receipt %d replaced", i)
					found(slices.Insert(slices.Clone(chain), i, fresh), "receipt put in before %d", i)
					found(append(slices.Clone(chain), seal(t, link(7, head), o)), "receipt added at the end")
				}
			}
			reversed := slices.Clone(chain)
			slices.Reverse(reversed)
			found(reversed, "reversed")
			replaced, _ := chainOf(t, 6, with.o)
			found(replaced, "whole chain replaced")
			require.NoError(t, receipt.Verify(chain, head, with.keys...))
		})
	}
}

func TestVerifyTellsWhereAChainBreaks(t *testing.T) {
	t.Parallel()
	chain, head := chainOf(t, 6, &receipt.Options{Signer: privateKey(1)})
	fresh := seal(t, link(3, receipt.Head(chain[1])), &receipt.Options{Signer: privateKey(1)})
	for _, test := range []struct {
		name   string
		edited [][]byte
		number int
		want   error
	}{
		{"first removed", chain[1:], 1, receipt.ErrPrevious},
		{"third removed", slices.Delete(slices.Clone(chain), 2, 3), 3, receipt.ErrPrevious},
		{"last removed", chain[:5], 0, receipt.ErrHead},
		{"third replaced", slices.Replace(slices.Clone(chain), 2, 3, fresh), 4, receipt.ErrPrevious},
		{"third malformed", slices.Replace(slices.Clone(chain), 2, 3, []byte("{}")), 3, receipt.ErrMalformed},
		{"third unsigned", slices.Replace(slices.Clone(chain), 2, 3, seal(t, link(3, receipt.Head(chain[1])), nil)), 3, receipt.ErrSignature},
		{"first twice", slices.Insert(slices.Clone(chain), 1, chain[0]), 2, receipt.ErrPrevious},
		{"last twice", append(slices.Clone(chain), chain[5]), 7, receipt.ErrPrevious},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := receipt.Verify(test.edited, head, publicKey(1))
			require.ErrorIs(t, err, test.want)
			assert.Equal(t, test.number, number(t, err))
		})
	}
}

// The tests below show what Verify cannot find, and why a head must be kept elsewhere.

func TestOnlyAHeadKeptElsewhereFindsACut(t *testing.T) {
	t.Parallel()
	chain, kept := chainOf(t, 6, &receipt.Options{Signer: privateKey(1)})
	for n := range chain {
		cut := chain[:n]
		var forged identity.Digest // kept next to the chain, written by whoever cut it
		if n > 0 {
			forged = receipt.Head(cut[n-1])
		}
		require.NoError(t, receipt.Verify(cut, forged, publicKey(1)), "not found, although each receipt is signed")
		require.ErrorIs(t, receipt.Verify(cut, kept, publicKey(1)), receipt.ErrHead)
	}
}

func TestOnlyAHeadKeptElsewhereFindsAReplacedChain(t *testing.T) {
	t.Parallel()
	for name, with := range chains(t) {
		_, kept := chainOf(t, 6, with.o)
		replaced, forged := chainOf(t, 4, with.o) // by whoever has the files and the signing key
		require.NoError(t, receipt.Verify(replaced, forged, with.keys...), name)
		require.ErrorIs(t, receipt.Verify(replaced, kept, with.keys...), receipt.ErrHead, name)
	}
}

func TestSignaturesFindAChainReplacedWithoutTheKey(t *testing.T) {
	t.Parallel()
	chain, _ := chainOf(t, 6, &receipt.Options{Signer: privateKey(1)})
	for _, o := range []*receipt.Options{nil, {Signer: privateKey(2)}} {
		for from := range chain {
			edited := slices.Clone(chain[:from])
			var forged identity.Digest // kept next to the chain
			if from > 0 {
				forged = receipt.Head(chain[from-1])
			}
			for n := from; n < len(chain); n++ {
				edited = append(edited, seal(t, link(n+1, forged), o))
				forged = receipt.Head(edited[n])
			}
			require.NoError(t, receipt.Verify(edited, forged), "not found without the key")
			err := receipt.Verify(edited, forged, publicKey(1))
			require.ErrorIs(t, err, receipt.ErrSignature)
			assert.Equal(t, from+1, number(t, err))
		}
	}
}

func TestSignaturesFindWhatIsRemovedFromTheMiddle(t *testing.T) {
	t.Parallel()
	chain, head := chainOf(t, 6, &receipt.Options{Signer: privateKey(1)})
	for i := range len(chain) - 1 {
		err := receipt.Verify(slices.Delete(slices.Clone(chain), i, i+1), head, publicKey(1))
		require.ErrorIs(t, err, receipt.ErrPrevious)
		assert.Equal(t, i+1, number(t, err))
	}
}
