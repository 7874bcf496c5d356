package swar_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// texts returns texts of every length up to 100, made of a few bytes so that the
// bytes that are looked for are frequent, and of bytes that are nearly theirs.
func texts() [][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	alphabets := [][]byte{[]byte("/@%aZ"), []byte("/.0@?A\x00"), []byte("/\xaf@\xc0%\xa5z"), []byte("AZaz@[`{\x7f\x80")}
	var all [][]byte
	for n := range 100 {
		for _, alphabet := range alphabets {
			for range 20 {
				text := make([]byte, n)
				for i := range text {
					text[i] = alphabet[random.IntN(len(alphabet))]
				}
				all = append(all, text)
			}
		}
	}
	return all
}

func isASCII(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func TestFindAgreesWithALoop(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		if len(text) < swar.BlockBytes {
			continue
		}
		block := text[:swar.BlockBytes]
		found, clean := swar.Find(text, '/')
		require.Equal(t, isASCII(block) && bytes.IndexByte(block, 0) < 0, clean, "%q", block)
		for i, b := range block {
			if clean {
				require.Equal(t, b == '/', found>>i&1 == 1, "%q at %d", block, i)
			}
		}
	}
}

func TestIndexPairAgreesWithALoop(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		for from := range len(text) + 1 {
			want := -1
			for i := from; i+6 < len(text) && want < 0; i++ {
				if text[i] == '/' && text[i+6] == '/' {
					want = i
				}
			}
			require.Equal(t, want, swar.IndexPair(text, from, '/', 6), "%q from %d", text, from)
		}
	}
}

func TestIsASCIIAgreesWithALoop(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		require.Equal(t, isASCII(text), swar.IsASCII(text), "%q", text)
	}
}

func TestAppendLowerAgreesWithALoop(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		want := []byte("x")
		for _, b := range text {
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			want = append(want, b)
		}
		got, ascii := swar.AppendLower([]byte("x"), text)
		require.Equal(t, want, got, "%q", text)
		require.Equal(t, isASCII(text), ascii, "%q", text)
	}
}

func TestAppendLowerPathAgreesWithALoop(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		want, _ := swar.AppendLower([]byte("x"), text)
		got, plain := swar.AppendLowerPath([]byte("x"), text)
		require.Equal(t, want, got, "%q", text)
		require.Equal(t, isASCII(text) && !bytes.Contains(text, []byte("//")) && !bytes.ContainsAny(text, `%&?\`), plain, "%q", text)
		for i := range max(1, len(text)) - 1 { // a pair at each place
			pair := bytes.Repeat([]byte("x"), len(text))
			pair[i], pair[i+1] = '/', '/'
			_, plain = swar.AppendLowerPath(nil, pair)
			require.False(t, plain, "%q", pair)
		}
	}
}

func TestAppendLowerPathKnowsEachCharacterAtEachPlace(t *testing.T) {
	t.Parallel()
	const others = "xY-/z.0@xY-/z.0@xY-/z.0@"
	for i := range len(others) {
		for c := range 0x100 {
			text := []byte(others)
			text[i] = byte(c)
			want := c < 0x80 && !strings.ContainsRune(`%&?\`, rune(c)) && !bytes.Contains(text, []byte("//"))
			_, plain := swar.AppendLowerPath(nil, text)
			require.Equal(t, want, plain, "%q", text)
		}
	}
}

func TestCommonPrefixAgreesWithALoop(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		for at := range len(text) + 1 {
			other := bytes.Clone(text[:at])
			require.Equal(t, at, swar.CommonPrefix(text, other), "%q", text)
			other = append(other, 'x')
			other = append(other, text[min(at+1, len(text)):]...)
			require.Equal(t, at, swar.CommonPrefix(text, other), "%q", text)
			require.Equal(t, at, swar.CommonPrefix(other, text), "%q", text)
		}
	}
}

func TestIsHexKnowsTheHexadecimalDigits(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		assert.Equal(t, strings.IndexByte("0123456789abcdefABCDEF", byte(c)) >= 0, swar.IsHex(byte(c)), "%q", c)
	}
}

// TestIsPrintableLooksAtEveryByte puts every byte at every place of texts of all lengths
// of up to three words.
func TestIsPrintableLooksAtEveryByte(t *testing.T) {
	t.Parallel()
	for length := range 25 {
		assert.True(t, swar.IsPrintable(strings.Repeat("~", length), ',', '"'))
		for at := range length {
			for b := range 256 {
				text := []byte(strings.Repeat(" ", length))
				text[at] = byte(b)
				want := b >= ' ' && b < 0x80 && b != ',' && b != '"'
				require.Equal(t, want, swar.IsPrintable(string(text), ',', '"'), "%q", text)
				text[0] = '~' // a byte that no other one borrows from
				require.Equal(t, want || at == 0, swar.IsPrintable(string(text), ',', '"'), "%q", text)
			}
		}
	}
}
