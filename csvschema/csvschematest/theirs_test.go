package csvschematest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestAssertTheirsTellsEveryWrongRow(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	large := csvschematest.NewLarge(1, 0, &csvschematest.LargeOptions{Subjects: 2, Hits: 3})
	for name, want := range map[string][]csvschematest.Place{
		"alice":       slices.Collect(set.Theirs("alice")),
		"subject0001": slices.Collect(large.Theirs("subject0001")),
	} {
		assert.NotEmpty(t, want)
		is := func(found ...csvschematest.Place) func(testing.TB) {
			return func(tb testing.TB) { csvschematest.AssertTheirs(tb, slices.Values(want), found) }
		}
		backward := slices.Clone(want)
		slices.Reverse(backward)
		passes(t, is(want...))
		passes(t, is(backward...))
		fails(t, is(want[1:]...), []string{want[0].String() + " is theirs and was not found"}, name)
		fails(t, is(append(backward, want[0])...), []string{want[0].String() + " was found 2 times"}, name)
		other := want[0]
		other.Export = 7
		fails(t, is(append(backward, other)...), []string{other.String() + " is not theirs"}, name)
		fails(t, is(), []string{"not found"}, name)
	}
	passes(t, func(tb testing.TB) { csvschematest.AssertTheirs(tb, set.Theirs("nobody"), nil) })
	assert.Len(t, slices.Collect(large.Theirs("subject0001")), 6, "of both files")
	assert.Equal(t, "disks file 2 of export 1, row 7", csvschematest.Place{FileID: csvschema.FileID{Export: 1, File: 2, Role: csvschema.Disks}, Row: 7}.String())
	for range set.Theirs("alice") {
		break
	}
	for range large.Theirs("subject0000") {
		break
	}
}
