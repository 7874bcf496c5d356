package console_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
)

func TestNumbersAgreeWithTheirNouns(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1 row", console.Count(1, "row"))
	assert.Equal(t, "0 rows", console.Count(0, "row"))
	assert.Equal(t, "1,234,567 other addresses", console.Count(1_234_567, "other address"))
	assert.Equal(t, "1 person", console.People(1))
	assert.Equal(t, "2,000 people", console.People(2000))
	assert.Equal(t, "it", console.Agree(1, "it", "them"))
}

func TestOnlyTheFirstOfManyNamesAreShown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a, b, c", console.Some([]string{"a", "b", "c"}))
	assert.Equal(t, "a, b, c, …", console.Some([]string{"a", "b", "c", "d"}))
}
