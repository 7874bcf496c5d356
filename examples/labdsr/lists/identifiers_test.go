package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestIdentifiersBeforeAnErrorAreReturned(t *testing.T) {
	t.Parallel()
	ids, err := lists.Identifiers(file(t, "Ann@Example.com\r\n\n 6F0C2F3E5F0D4C539D0E0A4F1C7B2E11 \nbob\n"))
	require.Error(t, err)
	require.Len(t, ids, 2)
	assert.Equal(t, "ann@example.com", ids[0].Reveal())
	assert.Equal(t, "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", ids[1].Reveal())
}

// TestOwnersAreTheirWholeText has them with and without an instant, and as spreadsheets
// write them.
func TestOwnersAreTheirWholeText(t *testing.T) {
	t.Parallel()
	may := time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		line, owner string
		at          time.Time
	}{
		{"owner:NULL", "null", now},
		{"Owner: CONTOSO\\Alice ,2026-05-01", "contoso\\alice", may},
		{"owner:Archer, Alice,2026-05-01", "archer, alice", may},
		{"owner:Archer, Alice,", "archer, alice", now},
		{"owner:Alice A.;2026-05-01", "alice a.", may},
		{"owner:Alice A.\t2026-05-01", "alice a.", may},
		{`"owner:Archer, Alice",2026-05-01`, "archer, alice", may},
		{`"owner:Archer; ""Alice""";2026-05-01`, `archer; "alice"`, may},
		{`"owner:Archer, Alice"`, "archer, alice", now},
		{"owner:alice@example.com", "alice@example.com", now},
		{"owner:owner:x", "owner:x", now},
	} {
		t.Run(test.line, func(t *testing.T) {
			t.Parallel()
			requests, err := lists.Requests(file(t, test.line+"\n"), anonymize.Erase, now)
			require.NoError(t, err)
			require.Len(t, requests, 1)
			want, err := identity.Verbatim(test.owner)
			require.NoError(t, err)
			assert.Equal(t, want, requests[0].Identifier)
			assert.True(t, test.at.Equal(requests[0].At))
		})
	}
	ids, err := lists.Identifiers(file(t, "owner:Archer, Alice\n\"owner:Archer, Alice\"\nowner:NULL\n"))
	require.NoError(t, err)
	require.Len(t, ids, 3)
	assert.Equal(t, ids[0], ids[1])
	assert.Equal(t, "archer, alice", ids[0].Reveal())
	assert.Equal(t, "null", ids[2].Reveal())
	for _, id := range ids {
		assert.True(t, id.IsVerbatim())
	}
}

// TestHintsSayHowALineIsWritten has lines that cannot be read, and what to do about them.
func TestHintsSayHowALineIsWritten(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ reader, line, want, hint string }{
		{"requests", "CONTOSO\\alice", "line 1: neither an e-mail", "owner:NULL"},
		{"identifiers", "NULL", "line 1: neither an e-mail", "owner:NULL"},
		{"identifiers", "*@example.com", "line 1: a pattern", ""},
		{"requests", "an*@example.com", "line 1: a pattern", ""},
		{"requests", "=ann@example.com", "line 1: an address after a sign", ""},
		{"identifiers", "'ann@example.com", "line 1: an address after a sign", ""},
		{"requests", "00000000-0000-0000-0000-000000000000", "line 1: the nil GUID", ""},
		{"removals", "{00000000000000000000000000000000},2026-05-01", "line 1: the nil GUID", ""},
		{"requests", "owner: ", "line 1: blank", ""},
		{"requests", "owner:removed@anonymized.invalid", "line 1: a replacement", ""},
		{"requests", "owner:Archer, Alice", "line 1: neither a day", "a comma alone"},
		{"requests", "owner:Archer, Alice,1.5.2026", "line 1: neither a day", "a comma alone"},
		{"removals", "owner:NULL", "line 1: no instant", "identifier,2026-05-01"},
		{"removals", "owner:NULL,", "line 1: no instant", "identifier,2026-05-01"},
		{"identifiers", "ann@example.com;2026-05-01", "line 1: more than an identifier", "nothing after it"},
		{"identifiers", "ann@example.com,bob@example.com", "line 1: more than an identifier", "nothing after it"},
		{"identifiers", "owner:NULL,2026-05-01", "line 1: more than an identifier", "nothing after it"},
	} {
		t.Run(test.reader+" "+test.line, func(t *testing.T) {
			t.Parallel()
			err := readers[test.reader](file(t, test.line+"\n"))
			require.ErrorContains(t, err, test.want)
			assert.Contains(t, fault.Hint(err), test.hint)
		})
	}
}

func TestRequestsHaveTheirInstant(t *testing.T) {
	t.Parallel()
	may := time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, line string
		kind       anonymize.RequestKind
		want       time.Time
	}{
		{"erasure without one is for now", "ann@example.com", anonymize.Erase, now},
		{"erasure", "ann@example.com, 2026-05-01", anonymize.Erase, may},
		{"removal", "ann@example.com,2026-05-01T00:00:00Z", anonymize.Removed, may},
		{"semicolon", "ann@example.com;2026-05-01", anonymize.Erase, may},
		{"tab", "ann@example.com\t2026-05-01", anonymize.Removed, may},
		{"an empty cell", "ann@example.com;", anonymize.Erase, now},
		{"quotes", `"ann@example.com","2026-05-01"`, anonymize.Erase, may},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			requests, err := lists.Requests(file(t, test.line+"\n"), test.kind, now)
			require.NoError(t, err)
			require.Len(t, requests, 1)
			assert.Equal(t, test.kind, requests[0].Kind)
			assert.Equal(t, "ann@example.com", requests[0].Identifier.Reveal())
			assert.True(t, test.want.Equal(requests[0].At))
		})
	}
	quoted, err := lists.Requests(file(t, "\"first,last\"@example.com\n\"first,last\"@example.com,2026-05-01\n"), anonymize.Erase, now)
	require.NoError(t, err)
	require.Len(t, quoted, 2)
	assert.Equal(t, `"first,last"@example.com`, quoted[0].Identifier.Reveal())
	assert.Equal(t, quoted[0].Identifier, quoted[1].Identifier)
	assert.True(t, may.Equal(quoted[1].At))

	requests, err := lists.Requests(file(t, "ann@example.com\nbob\n"), anonymize.Erase, now)
	require.Error(t, err)
	assert.Len(t, requests, 1, "those before an error are needed to hide them")
}

func TestPeopleHaveTheirLines(t *testing.T) {
	t.Parallel()
	people, err := lists.People(file(t, "\nann@example.com, 6F0C2F3E5F0D4C539D0E0A4F1C7B2E11\n\nbob@example.com\n"))
	require.NoError(t, err)
	require.Len(t, people, 2)
	assert.Equal(t, 2, people[0].Line)
	require.Len(t, people[0].Identifiers, 2)
	assert.Equal(t, "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", people[0].Identifiers[1].Reveal())
	assert.Equal(t, 4, people[1].Line)
	for _, text := range []string{"ann@example.com,bob\n", "ann@example.com,\n", "ann@example.com,*\n"} {
		people, err = lists.People(file(t, text))
		require.ErrorContains(t, err, "line 1", text)
		require.Len(t, people, 1)
		assert.Len(t, people[0].Identifiers, 1, "those before an error are needed to hide them")
	}
}
