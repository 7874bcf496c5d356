package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/examples/labdsr/internal/lists"
)

func TestIdentifiersBeforeAnErrorAreReturned(t *testing.T) {
	t.Parallel()
	ids, err := lists.Identifiers(file(t, "Ann@Example.com\r\n\n 6F0C2F3E5F0D4C539D0E0A4F1C7B2E11 \nbob\n"))
	require.Error(t, err)
	require.Len(t, ids, 2)
	assert.Equal(t, "ann@example.com", ids[0].Reveal())
	assert.Equal(t, "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", ids[1].Reveal())
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
	requests, err := lists.Requests(file(t, "ann@example.com\nbob\n"), anonymize.Erase, now)
	require.Error(t, err)
	assert.Len(t, requests, 1, "those before an error are needed to hide them")
}
