package remember_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/internal/remember"
)

// A table is Texts or Shared.
type table interface {
	Get(text []byte) (v int, ok bool)
	Put(text []byte, v int)
}

func TestWhatIsKnownOfATextIsRememberedInBoundedMemory(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]table{"texts": new(remember.Texts[int]), "shared": new(remember.Shared[int])} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, ok := known.Get(nil)
			assert.False(t, ok)
			known.Put(nil, 7)
			v, ok := known.Get([]byte{})
			assert.True(t, ok)
			assert.Equal(t, 7, v)
			known.Put(nil, 8)
			v, _ = known.Get(nil)
			assert.Equal(t, 8, v)

			long := []byte(strings.Repeat("x", 321))
			known.Put(long[1:], 1)
			known.Put(long, 1)
			_, ok = known.Get(long[1:])
			assert.True(t, ok)
			_, ok = known.Get(long)
			assert.False(t, ok)

			const many = 100_000
			for i := range many {
				known.Put([]byte(strconv.Itoa(i)), i)
				v, ok := known.Get([]byte(strconv.Itoa(i)))
				assert.True(t, ok)
				assert.Equal(t, i, v)
			}
			left := 0
			for i := range many {
				if v, ok := known.Get([]byte(strconv.Itoa(i))); ok {
					assert.Equal(t, i, v)
					left++
				}
			}
			assert.Positive(t, left)
			assert.LessOrEqual(t, left, 4<<10)
		})
	}
}

func TestSharedIsForSeveralGoroutines(t *testing.T) {
	t.Parallel()
	var known remember.Shared[int]
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for i := range 5000 {
				text := []byte(strconv.Itoa(i))
				if v, ok := known.Get(text); ok {
					assert.Equal(t, i, v)
				}
				known.Put(text, i)
			}
		})
	}
	running.Wait()
}
