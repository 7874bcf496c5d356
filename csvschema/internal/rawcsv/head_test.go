package rawcsv

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHeadIsTheCommonBeginning compares heads of two records. A shorter head is only
// slower, which no other test sees.
func TestHeadIsTheCommonBeginning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b   string
		text   string
		cells  int
		inside bool
	}{
		{a: "x,y,z\n", b: "x,y,a\n", text: "x,y,", cells: 2},
		{a: "x,y,z\n", b: "x,yy,a\n", text: "x,", cells: 1},
		{a: "x,y,z\n", b: "a,y,z\n", text: ""},
		{a: "x,y,z\n", b: "x,y,z\n", text: "x,y,", cells: 2},
		{a: `"x","y","z"` + "\n", b: `"x","y","a"` + "\n", text: `"x","y",`, cells: 2},
		{a: `"x","/a/b","z"` + "\n", b: `"x","/a/c","z"` + "\n", text: `"x","/a/`, cells: 1, inside: true},
		{a: "x,/a/b,z\n", b: "x,/a/c,z\n", text: "x,/a/", cells: 1},
		{a: `x,"/a""/b",z` + "\n", b: `x,"/a""/c",z` + "\n", text: "x,", cells: 1},
		{a: `x,"/a","/b",z` + "\n", b: `x,"/a","/c",z` + "\n", text: `x,"/a","/`, cells: 2, inside: true},
		{a: `x,"a/",z` + "\n", b: `x,"a/",y` + "\n", text: `x,"a/",`, cells: 2},
		{a: `"a/""b",z` + "\n", b: `"a/""c",z` + "\n", text: `"a/`, inside: true},
		{a: `"a""/b",z` + "\n", b: `"a""/c",z` + "\n", text: ""},
		{a: "x,\"\n/a\",z\n", b: "x,\"\n/b\",z\n", text: ""},
		{a: "\"x\ny\",z\n", b: "\"x\ny\",a\n", text: ""},
	} {
		c := &Chunk{data: []byte(test.a), final: true}
		_, err := c.scan(0)
		require.NoError(t, err)
		h := newHead([]byte(test.a), []byte(test.b), c.cells)
		assert.Equal(t, test.text, string(h.text), "%q and %q", test.a, test.b)
		assert.Len(t, h.cells, test.cells, "%q and %q", test.a, test.b)
		assert.Equal(t, test.inside, h.inside, "%q and %q", test.a, test.b)
	}
}

// longRecord returns a record of a lab, with LabUId at the usual place and a path.
func longRecord(lab byte, path string) string {
	id := strings.Repeat(string(lab), 36)
	return fmt.Sprintf("%q,%q,%q,%q,\"\"\n", strings.Repeat("5", 36), id, "Lab", "/labs/"+path)
}

// TestEachLabHasAHead reads records of several labs in turn. Without their heads, reading is
// only slower, which no other test sees.
func TestEachLabHasAHead(t *testing.T) {
	t.Parallel()
	const labs = "abcdefgh"
	var c Chunk
	read := func(text string) {
		_, f := c.Index(Part{Data: []byte(text)}, 5, 1000)
		require.Nil(t, f)
	}
	headOf := func(lab byte) string {
		number, _, _ := c.heads.find([]byte(longRecord(lab, "")), 0)
		return string(c.heads.list[number].text)
	}
	inTurn := func(paths ...string) (text string) {
		for _, path := range paths {
			for i := range len(labs) {
				text += longRecord(labs[i], path)
			}
		}
		return text
	}
	read(inTurn("1", "2", "3"))
	assert.Len(t, c.heads.list, len(labs))
	for i := range len(labs) {
		want, _, _ := strings.Cut(longRecord(labs[i], "|"), "|")
		assert.Equal(t, want, headOf(labs[i]), "the beginning of all records of the lab")
		for record := range c.Len() {
			assert.False(t, c.Repeats(record, 0), "the record before is of another lab")
		}
	}
	read(longRecord('a', "4") + longRecord('a', "5") + longRecord('b', "6") + longRecord('b', "7"))
	repeats := func(cell int) (all []bool) {
		for record := range c.Len() {
			all = append(all, c.Repeats(record, cell))
		}
		return all
	}
	assert.Equal(t, []bool{false, true, false, true}, repeats(2), "heads are known in the next chunk")
	assert.NotContains(t, repeats(3), true, "the path differs")
	read(longRecord('A', "1") + longRecord('A', "2") + longRecord('A', "3") + longRecord('a', "4"))
	assert.Equal(t, []bool{false, false, true, false}, repeats(2), "the second record finds the head")
	read(longRecord('a', "1") + strings.ReplaceAll(longRecord('a', "2"), "Lab", "Bal") + longRecord('a', "3") + longRecord('a', "4"))
	assert.Equal(t, []bool{false, false, false, true}, repeats(0), "the third record finds what it has in common with the second")
	assert.NotContains(t, repeats(2), true)
}

// TestHeadsAreBounded reads records of so many labs that heads begin anew, and long heads.
func TestHeadsAreBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 3 * maxHeads {
		for j := range 3 {
			fmt.Fprintf(&text, "%08d,%s%08d,%s/%d\n", i, strings.Repeat("1", 31), i, strings.Repeat("/x", maxHead), j)
		}
	}
	var c Chunk
	_, f := c.Index(Part{Data: []byte(text.String())}, 3, 1<<20)
	require.Nil(t, f)
	assert.Equal(t, 9*maxHeads, c.Len())
	assert.LessOrEqual(t, len(c.heads.list), maxHeads)
	for _, h := range c.heads.list {
		assert.LessOrEqual(t, len(h.text), maxHead)
	}
	assert.True(t, c.Repeats(c.Len()-1, 0), "heads are found after many others")
}
