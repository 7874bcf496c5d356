package tables_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFastSnappyIsSnappy decodes blocks with a decoder that refuses all that Snappy does not have.
func TestFastSnappyIsSnappy(t *testing.T) {
	t.Parallel()
	codec, err := compress.GetCodec(compress.Codecs.Snappy)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"users/", "resourcegroups", "a", "36f675cc-81e7-4ef5-a8e2-5d940ed90475", "\x00\x00\x00\x00"}
	var block []byte
	for _, size := range []int{0, 1, 31, 32, 1 << 10, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 20, 5 << 20} {
		for len(block) < size {
			if random.IntN(4) == 0 {
				block = append(block, byte(random.Uint32()))
			} else {
				block = append(block, words[random.IntN(len(words))]...)
			}
		}
		block = block[:size]
		encoded := codec.EncodeLevel(make([]byte, codec.CompressBound(int64(size))), block, 0)
		assert.True(t, bytes.Equal(s2.EncodeSnappy(nil, block), encoded), "the fast one is registered")
		decoded, err := snappy.DecodeStrict(nil, encoded)
		require.NoError(t, err)
		require.True(t, bytes.Equal(block, decoded), "%d bytes", size)
	}
}

// TestFastSnappyStreams says that a program with these tables can still stream large pages.
func TestFastSnappyStreams(t *testing.T) {
	t.Parallel()
	codec, err := compress.GetCodec(compress.Codecs.Snappy)
	require.NoError(t, err)
	assert.Implements(t, (*compress.StreamingCodec)(nil), codec)
	assert.Implements(t, (*compress.ErrorCodec)(nil), codec)
}
