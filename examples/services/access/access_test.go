package access_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/services/access"
)

const request = "DSR-2026-0042"

// labs returns the exports of five labs, each in a folder, and when they were made.
func labs() (exports fstest.MapFS, now time.Time) {
	exports = fstest.MapFS{}
	for lab := range 5 {
		set := csvschematest.New(uint64(lab), nil)
		for _, f := range set.Files {
			exports[fmt.Sprintf("lab%d/%d/%v-%d.csv", lab, f.Export, f.Role, f.Number)] = &fstest.MapFile{Data: f.Data}
		}
		now = set.Now
	}
	return exports, now
}

// newService returns a service over a database in a file.
func newService(t *testing.T, file string) *access.Service {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	key, err := identity.NewSecretKey(bytes.Repeat([]byte("k"), identity.MinSecretKeyBytes))
	require.NoError(t, err)
	service, err := access.New(t.Context(), db, key)
	require.NoError(t, err)
	return service
}

func alice(t *testing.T) dsr.Subject {
	t.Helper()
	subject, err := dsr.ParseSubject(csvschematest.New(0, nil).Person("alice").Identifiers...)
	require.NoError(t, err)
	return subject
}

func TestDecisionsHoldInLaterSearches(t *testing.T) {
	t.Parallel()
	exports, now := labs()
	file := filepath.Join(t.TempDir(), "decisions.db")
	service := newService(t, file)
	answer := func(exports fs.FS, request string) (*access.Answer, int) {
		var zip bytes.Buffer
		a, err := service.Answer(t.Context(), &zip, exports, request, alice(t), now)
		require.NoError(t, err)
		return a, zip.Len()
	}
	first, size := answer(exports, request)
	require.Greater(t, len(first.Open), 2)
	assert.Empty(t, first.Unmet)

	shown, competing := map[int]bool{}, 0
	require.NoError(t, service.Show(t.Context(), exports, first.Open, func(row dsr.Shown) error {
		if row.Competes {
			competing++
		} else {
			assert.Equal(t, first.Open[row.Finding].Key, row.Record.Key())
			shown[row.Finding] = true
		}
		return nil
	}))
	assert.Len(t, shown, len(first.Open))
	assert.Positive(t, competing)

	theirs := 0
	for i, q := range first.Open[1:] { // the first stays open
		decision := dsr.NotTheirs
		if i%2 == 0 && q.TakesTheirs {
			decision = dsr.Theirs
			theirs++
		}
		require.NoError(t, service.Decide(t.Context(), request, q, decision, "officer", now))
	}
	require.Positive(t, theirs)

	service = newService(t, file) // another day
	second, larger := answer(exports, request)
	require.Len(t, second.Open, 1)
	assert.Equal(t, first.Open[0].ID, second.Open[0].ID)
	assert.Empty(t, second.Unmet)
	assert.Greater(t, larger, size)

	other, _ := answer(exports, "DSR-2026-0043") // of the same person, decided about by nobody
	assert.Len(t, other.Open, len(first.Open))

	for name := range exports { // four labs are gone
		if name[:4] != "lab0" {
			delete(exports, name)
		}
	}
	third, _ := answer(exports, request)
	assert.NotEmpty(t, third.Unmet)
}

func TestADecisionThatTheFindingDoesNotTakeIsRefused(t *testing.T) {
	t.Parallel()
	exports, now := labs()
	service := newService(t, filepath.Join(t.TempDir(), "decisions.db"))
	answer, err := service.Answer(t.Context(), io.Discard, exports, request, alice(t), now)
	require.NoError(t, err)
	for _, q := range answer.Open {
		if !q.TakesTheirs {
			require.ErrorIs(t, service.Decide(t.Context(), request, q, dsr.Theirs, "officer", now), dsr.ErrDecision)
			require.NoError(t, service.Decide(t.Context(), request, q, dsr.NotTheirs, "officer", now))
			return
		}
	}
	t.Fatal("each finding takes it")
}

func TestARequestForALabIsRefused(t *testing.T) {
	t.Parallel()
	exports := fstest.MapFS{"virtualmachines.csv": {Data: []byte("LabUId,ResourceUId,ResourceId,DeletedDate,ResourceOwner\n" +
		"00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002,/labs/dev/virtualmachines/build,,bob@contoso.com\n")}}
	service := newService(t, filepath.Join(t.TempDir(), "decisions.db"))
	lab, err := dsr.ParseSubject("00000000-0000-4000-8000-000000000001")
	require.NoError(t, err)
	_, err = service.Answer(t.Context(), io.Discard, exports, request, lab, time.Unix(1_700_000_000, 0))
	require.ErrorContains(t, err, "that of a lab")
}

func TestABadDateCostsNobodyTheAnswer(t *testing.T) {
	t.Parallel()
	exports := fstest.MapFS{"virtualmachines.csv": {Data: []byte("LabUId,ResourceUId,ResourceId,DeletedDate,ResourceOwner\n" +
		"00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002,/labs/dev/virtualmachines/build,31/12/2025,bob@contoso.com\n")}}
	service := newService(t, filepath.Join(t.TempDir(), "decisions.db"))
	bob, err := dsr.ParseSubject("bob@contoso.com")
	require.NoError(t, err)
	answer, err := service.Answer(t.Context(), io.Discard, exports, request, bob, time.Unix(1_700_000_000, 0))
	require.NoError(t, err)
	assert.Empty(t, answer.Open)
}
