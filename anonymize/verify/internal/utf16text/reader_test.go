package utf16text_test

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/verify/internal/utf16text"
	"github.com/labdsr/labdsr/csvschema"
)

// bytesOf returns UTF-16 of these units after a mark, high byte first if big.
func bytesOf(big bool, units ...uint16) []byte {
	var all []byte
	for _, u := range append([]uint16{0xFEFF}, units...) {
		if big {
			all = append(all, byte(u>>8), byte(u))
		} else {
			all = append(all, byte(u), byte(u>>8))
		}
	}
	return all
}

func TestReaderGivesUTF8(t *testing.T) {
	t.Parallel()
	for _, big := range []bool{false, true} {
		for _, stutter := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader} {
			text := bytesOf(big, 'a', 0xEB, 0x4E00, 0xD83D, 0xDE00, '\n')
			r := utf16text.NewReader(bufio.NewReader(stutter(bytes.NewReader(bytes.Repeat(text, 1)))))
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, "aë一😀\n", string(got))
			require.NoError(t, iotest.TestReader(utf16text.NewReader(bufio.NewReader(bytes.NewReader(text))), []byte("aë一😀\n")))
		}
	}
	assert.Nil(t, utf16text.NewReader(bufio.NewReader(strings.NewReader("abc"))))
	assert.Nil(t, utf16text.NewReader(bufio.NewReader(strings.NewReader("\xFF"))))
}

func TestReaderRefusesWhatIsNoCharacter(t *testing.T) {
	t.Parallel()
	for _, text := range [][]byte{bytesOf(true, 'a', 0xD83D), bytesOf(true, 'a', 0xDE00), bytesOf(false, 'a', 0xD83D, 'b'), append(bytesOf(false, 'a'), 'b')} {
		got, err := io.ReadAll(utf16text.NewReader(bufio.NewReader(bytes.NewReader(text))))
		require.Equal(t, csvschema.ErrUTF16, err)
		assert.Equal(t, "a", string(got))
	}
}
