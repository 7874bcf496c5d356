package tables

import (
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/s2"
)

// The codec of package compress searches long, for a small text. This one searches as the library of
// Snappy does: in less than half the time, for a file that is some 5 % larger. Any reader reads both.
// It is registered for the whole program, as there is no other way.
func init() { compress.RegisterCodec(compress.Codecs.Snappy, newFastSnappy()) }

// fastSnappy is the codec of package compress, but for how it encodes the blocks of a file.
type fastSnappy struct{ snappyCodec }

// A snappyCodec can do what that of package compress can.
type snappyCodec interface {
	compress.ErrorCodec
	compress.StreamingCodec
}

func newFastSnappy() fastSnappy {
	codec, _ := compress.GetCodec(compress.Codecs.Snappy) // which is always there
	return fastSnappy{codec.(snappyCodec)}
}

// EncodeLevel encodes a block, into dst if that is large enough. Snappy has no levels.
func (fastSnappy) EncodeLevel(dst, src []byte, _ int) []byte { return s2.EncodeSnappy(dst, src) }
