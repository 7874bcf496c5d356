package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// within runs the program in this process. It returns the exit status and what was
// written to standard error.
func within(t *testing.T, dir string, args ...string) (int, string) {
	t.Helper()
	var files [2]*os.File
	for i := range files {
		var err error
		files[i], err = os.CreateTemp(dir, "out")
		require.NoError(t, err)
	}
	status := run(t.Context(), args, strings.NewReader(""), files[0], files[1])
	text, err := os.ReadFile(files[1].Name())
	require.NoError(t, err)
	for _, file := range files {
		require.NoError(t, file.Close())
		require.NoError(t, os.Remove(file.Name()))
	}
	return status, string(text)
}

// A forgery is exports that nobody anonymized, and receipts of exports that were.
type forgery struct {
	scratch, before, after, key, path string
	public                            string // "" if the receipts are not signed
	sealed, second                    []byte
}

// newForgery makes two receipts. In the folder after, nothing was anonymized.
func newForgery(t *testing.T, signed bool) *forgery {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	f := &forgery{scratch: in("scratch"), before: in("before"), after: in("after"), key: in("key"), path: in("receipt.json")}
	require.NoError(t, os.WriteFile(f.key, []byte(strings.Repeat("k", identity.MinSecretKeyBytes)), 0o600))
	var sign []string
	if signed {
		f.public = in("public.pem")
		require.NoError(t, writeKeyPair(in("sign.pem"), f.public))
		sign = []string{"--sign-key", in("sign.pem")}
	}
	for _, folder := range []string{f.before, f.after} {
		require.NoError(t, os.CopyFS(folder, os.DirFS("../quickstart/exports")))
	}
	require.NoError(t, os.Mkdir(f.scratch, 0o700))
	for name, sealed := range map[string]*[]byte{"first": &f.sealed, "second": &f.second} {
		status, text := within(t, f.scratch, append([]string{
			"anonymize", "--virtualmachines", f.before, "--at", "2026-07-01T09:00:00Z", "--key-file", f.key,
			"--receipt", in(name + ".json"), "--out", in(name),
		}, sign...)...)
		require.Equal(t, 0, status, text)
		var err error
		*sealed, err = os.ReadFile(in(name + ".json"))
		require.NoError(t, err)
	}
	// The receipt itself is confirmed, and by it the folder after is not what it must be.
	status, text := f.check(t, f.sealed)
	require.Equal(t, 0, status, text)
	status, text = f.verify(t, f.sealed)
	require.Equal(t, statusUnverified, status, text)
	require.Contains(t, text, "not the output of the receipt")
	require.Contains(t, text, "an identifier that had to go is there")
	return f
}

// proof returns the flags by which receipts are confirmed.
func (f *forgery) proof() []string {
	if f.public == "" {
		return []string{"--key-file", f.key}
	}
	return []string{"--key-file", f.key, "--public-key", f.public}
}

func (f *forgery) verify(t *testing.T, sealed []byte) (int, string) {
	t.Helper()
	require.NoError(t, os.WriteFile(f.path, sealed, 0o600))
	return within(t, f.scratch, append([]string{"verify", "--before", f.before, "--after", f.after, "--receipt", f.path}, f.proof()...)...)
}

func (f *forgery) check(t *testing.T, sealed []byte) (int, string) {
	t.Helper()
	require.NoError(t, os.WriteFile(f.path, sealed, 0o600))
	return within(t, f.scratch, append([]string{"receipts", "check", f.path}, f.proof()...)...)
}

// assertRefused asserts that a receipt confirms nothing, and that nothing is read after
// it.
func (f *forgery) assertRefused(t *testing.T, name string, sealed []byte) {
	t.Helper()
	for command, do := range map[string]func(*testing.T, []byte) (int, string){"verify": f.verify, "receipts check": f.check} {
		status, text := do(t, sealed)
		assert.Equal(t, statusUnverified, status, "%s: %s: %s", command, name, text)
		assert.NotContains(t, text, "verified", "%s: %s", command, name)
		assert.NotContains(t, text, "confirmed", "%s: %s", command, name)
		assert.NotContains(t, text, "policy ", "%s: %s", command, name)
		assert.Regexp(t, "no receipt, or one that was changed|not sealed with the key|not signed with the key", text, "%s: %s", command, name)
	}
}

func TestEditedReceiptsConfirmNothing(t *testing.T) {
	t.Parallel()
	for name, rounds := range map[string]int{"sealed": 500, "sealed and signed": 200} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForgery(t, name != "sealed")
			const seed, cuts = 15, 40
			random := rand.New(rand.NewPCG(seed, seed))
			for round := range rounds {
				if edited := edit(random, f.sealed); !bytes.Equal(edited, f.sealed) {
					f.assertRefused(t, fmt.Sprintf("round %d", round), edited)
				}
			}
			for end := range cuts {
				f.assertRefused(t, "cut", f.sealed[:len(f.sealed)*end/cuts])
			}
		})
	}
}

// edit returns a receipt with a few bytes changed, removed, inserted, or cut off.
func edit(random *rand.Rand, sealed []byte) []byte {
	edited := bytes.Clone(sealed)
	for range 1 + random.IntN(3) {
		at, b := random.IntN(len(edited)), byte(random.IntN(256))
		switch random.IntN(6) {
		case 0:
			edited[at] = b
		case 1:
			edited[at] ^= 1 << (b % 8)
		case 2:
			edited = slices.Delete(edited, at, at+1)
		case 3:
			edited = slices.Insert(edited, at, b)
		case 4: // one letter of base64 for another
			edited[at] = sealed[random.IntN(len(sealed))]
		case 5:
			edited = edited[:at+1]
		}
		if len(edited) == 0 {
			break
		}
	}
	return edited
}

// TestForgedReceiptsConfirmNothing takes receipts apart, as somebody who has no key can,
// and puts them together again.
func TestForgedReceiptsConfirmNothing(t *testing.T) {
	t.Parallel()
	f := newForgery(t, false)
	policy := func(change func(terms map[string]any)) func(*receipt.Receipt) {
		return func(r *receipt.Receipt) {
			var terms map[string]any
			require.NoError(t, json.Unmarshal(r.Policy, &terms))
			change(terms)
			var err error
			r.Policy, err = json.Marshal(terms)
			require.NoError(t, err)
		}
	}
	century := policy(func(terms map[string]any) { terms["retention"] = "876000h0m0s" })
	forgeries := map[string]func(r *receipt.Receipt){
		"nothing":            func(*receipt.Receipt) {},
		"outputs are inputs": func(r *receipt.Receipt) { r.Outputs = r.Inputs },
		"century":            century,
		"both":               func(r *receipt.Receipt) { century(r); r.Outputs = r.Inputs },
		"both, and counts":   func(r *receipt.Receipt) { century(r); r.Outputs, r.Counts = r.Inputs, map[string]int64{"rows": 23} },
		"earlier":            func(r *receipt.Receipt) { r.At = r.At.Add(-100 * 365 * 24 * time.Hour); r.Outputs = r.Inputs },
		"later":              func(r *receipt.Receipt) { r.At = r.At.Add(time.Nanosecond) },
		"names":              policy(func(terms map[string]any) { terms["names"] = true }),
		"zone":               policy(func(terms map[string]any) { terms["zone"] = "Asia/Tokyo" }),
		"tokens":             policy(func(terms map[string]any) { terms["replacement"] = "token" }),
		"a hold":             policy(func(terms map[string]any) { terms["holds"] = 1 }),
		"unreadable":         policy(func(terms map[string]any) { terms["keepUnreadableDates"] = true }),
		"a predicate":        policy(func(terms map[string]any) { terms["anonymous"] = true }),
		"no policy":          func(r *receipt.Receipt) { r.Policy = nil },
		"no files":           func(r *receipt.Receipt) { r.Inputs, r.Outputs = nil, nil },
		"no outputs":         func(r *receipt.Receipt) { r.Outputs = nil },
		"one file less":      func(r *receipt.Receipt) { r.Inputs, r.Outputs = r.Inputs[1:], r.Outputs[1:] },
		"exchanged":          func(r *receipt.Receipt) { r.Inputs, r.Outputs = r.Outputs, r.Inputs },
		"of a request":       func(r *receipt.Receipt) { r.Request = "DSR-2026-0042" },
		"of access":          func(r *receipt.Receipt) { r.Action = "access" },
		"after another":      func(r *receipt.Receipt) { r.Previous = receipt.Head(f.second) },
	}
	assert.GreaterOrEqual(t, len(forgeries), 20)
	other, err := identity.NewSecretKey([]byte(strings.Repeat("o", identity.MinSecretKeyBytes)))
	require.NoError(t, err)
	macOf := func(sealed []byte) string {
		_, signatures, _ := strings.Cut(string(sealed), `"signatures":`)
		return signatures
	}
	for name, forge := range forgeries {
		r, err := receipt.Open(f.sealed)
		require.NoError(t, err)
		forge(&r)
		bare, err := receipt.Seal(r, &receipt.Options{Random: bytes.NewReader(r.Nonce[:])})
		require.NoError(t, err)
		unsigned := strings.TrimSuffix(string(bare), "[]}")
		f.assertRefused(t, name+", without a seal", bare)
		f.assertRefused(t, name+", with the seal of another", []byte(unsigned+macOf(f.second)))
		if name != "nothing" {
			f.assertRefused(t, name+", with its seal", []byte(unsigned+macOf(f.sealed)))
		}
		f.assertRefused(t, name+", with two seals", []byte(unsigned+strings.TrimSuffix(macOf(f.second), "]}")+","+strings.TrimPrefix(macOf(f.sealed), "[")))
		foreign, err := receipt.Seal(r, &receipt.Options{Key: other})
		require.NoError(t, err)
		f.assertRefused(t, name+", sealed with another key", foreign)
	}
}
