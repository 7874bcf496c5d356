package rawcsv

import (
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
