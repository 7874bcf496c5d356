package console_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
)

func TestConsoleHidesIdentifiers(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	c := console.NewFor(&said, false)
	c.KeepArguments([]string{"--subject=6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", "--out", "dir"})
	c.Line("read", "ann@example.com/6F0C2F3E5F0D4C539D0E0A4F1C7B2E11.csv of lab 36f675cc-81e7-4ef5-a8e2-5d940ed90475")
	c.Fail("bob%40example.com.csv: no such file", "ask {6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11}")
	assert.Equal(t, "read       [hidden]/[hidden].csv of lab 36f675cc-81e7-4ef5-a8e2-5d940ed90475\n"+
		"labdsr: [hidden]: no such file\n  hint: ask [hidden]\n", said.String())
}

func TestConsoleHidesIdentifiersOfFiles(t *testing.T) {
	t.Parallel()
	c := console.NewFor(nil, false)
	const text = "of 6F0C2F3E-5F0D-4C53-9D0E-0A4F1C7B2E11"
	assert.Equal(t, text, c.Hide(text))
	id, err := identity.Parse("6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11")
	require.NoError(t, err)
	assert.Equal(t, "a/users/[hidden]/b.csv, C:\\Users\\[hidden]\\b", c.Hide("a/users/6F0C2F3E-5F0D-4C53-9D0E-0A4F1C7B2E12/b.csv, C:\\Users\\6F0C2F3E-5F0D-4C53-9D0E-0A4F1C7B2E12\\b"))
	assert.Equal(t, "/users/x/exports", c.Hide("/users/x/exports"), "a folder of the system")
	c.KeepSecret(id)
	assert.Equal(t, []string{"of [hidden]", "none"}, c.HideAll([]string{text, "none"}))
	assert.Equal(t, "removed@anonymized.invalid", c.Hide("removed@anonymized.invalid"), "replacements name nobody")
}

func TestConsoleHidesWhatIsWrittenInAnotherWay(t *testing.T) {
	t.Parallel()
	c := console.NewFor(nil, false)
	for _, text := range []string{
		"x/bob.baker\x01@contoso.com/y", "x/bob.baker\xff@contoso.com/y", "x/bob.baker@con\u200btoso.com/y", `x/bob.baker\u0040contoso.com/y`,
		"x/bob.baker@contoso.com/y", "x/bob.baker\ufffd@contoso.com/y",
	} {
		assert.Equal(t, "x/[hidden]/y", c.Hide(text), "%q", text)
	}
	assert.Equal(t, `C:\x\[hidden]\y`, c.Hide(`C:\x\bob@contoso.com\y`))
}

func TestConsoleHidesCredentials(t *testing.T) {
	t.Parallel()
	c := console.NewFor(nil, false)
	assert.Equal(t, "x?sv=1&sig=[hidden]&se=2: no such file", c.Hide("x?sv=1&sig=a%2Bb=&se=2: no such file"))
	assert.Equal(t, "x?sig=[hidden]: no such file", c.Hide("x?sig=a%2Bb=: no such file"))
	assert.Equal(t, "AccountName=a;AccountKey=[hidden];x=y", c.Hide("AccountName=a;AccountKey=a+b==;x=y"))
	assert.Equal(t, "SharedAccessSignature=[hidden]&sig=[hidden]", c.Hide("SharedAccessSignature=sv=1&sig=ab"))
}

func TestConsoleHidesTextsOfOwners(t *testing.T) {
	t.Parallel()
	c := console.NewFor(nil, false)
	for _, text := range []string{`CONTOSO\Ann Lee`, "Lee <ann@example.com>", "6F0C2F3E-5F0D-4C53-9D0E-0A4F1C7B2E11 ", "bob", "Zoë."} {
		id, err := identity.Verbatim(text)
		require.NoError(t, err)
		c.KeepSecret(id)
	}
	assert.Equal(t, `of [hidden]: [hidden].csv`, c.Hide(`of contoso\ann lee: lee <ANN@example.com>.csv`))
	assert.Equal(t, "of [hidden]", c.Hide("of 6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11"))
	assert.Equal(t, "a bobbin of zoë.", c.Hide("a bobbin of zoë."), "too short")
}

// TestConsoleHidesManyOwners has many owners, and hides as many lines.
// With a search for each of them it would take hours.
func TestConsoleHidesManyOwners(t *testing.T) {
	t.Parallel()
	c := console.NewFor(nil, false)
	for i := range 50_000 {
		id, err := identity.Verbatim(fmt.Sprintf("owner %d of all", i))
		require.NoError(t, err)
		c.KeepSecret(id)
	}
	for range 5_000 {
		require.Equal(t, "[hidden][hidden], owner 50000 of all", c.Hide("OWNER 49999 of allowner 1 of all, owner 50000 of all"))
	}
}

func TestConsoleWritesNoControls(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	c := console.NewFor(&said, false)
	const text = "a\x1b[2J\r\n\u202egnp.\u2066\u200b\u2028\x7f\u0085\xff.csv"
	const want = "a\ufffd[2J\ufffd\ufffd\ufffdgnp.\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd.csv"
	c.Line("read", "%s", text)
	c.Warn("read", "%s", text)
	c.Fail(text, text)
	assert.Equal(t, "read       "+want+"\nread       "+want+"\nlabdsr: "+want+"\n  hint: "+want+"\n", said.String())
	assert.Equal(t, []string{want, "ann\ufffd[hidden]"}, c.HideAll([]string{text, "ann\x1bbob@example.com"}))
}
