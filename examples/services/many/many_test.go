package many_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/services/many"
)

func TestEachPersonGetsWhatTheyWouldGetAlone(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	var people []many.Person
	for i, p := range set.People {
		people = append(people, many.Person{Request: fmt.Sprintf("DSR-%04d", i), Identifiers: p.Identifiers})
	}
	for len(people) < 50 { // of whom nothing is held
		people = append(people, many.Person{Request: fmt.Sprintf("DSR-%04d", len(people)), Identifiers: []string{fmt.Sprintf("nobody%d@example.com", len(people))}})
	}
	options := response.Options{Made: set.Now}
	folder := filepath.Join(t.TempDir(), "packages")
	open, err := many.Write(t.Context(), set.Exports(), people, folder, options)
	require.NoError(t, err)
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, files, len(people))
	beside, err := os.ReadDir(filepath.Dir(folder))
	require.NoError(t, err)
	assert.Len(t, beside, 1)

	var wantOpen []string
	for _, p := range people[:len(set.People)+1] {
		subject, err := dsr.ParseSubject(p.Identifiers...)
		require.NoError(t, err)
		var alone bytes.Buffer
		report, err := response.Write(t.Context(), &alone, set.Exports(), subject, &options)
		require.NoError(t, err)
		if report.NeedsDecision(0) || len(report.Subjects[0].NotAPerson) > 0 {
			wantOpen = append(wantOpen, p.Request)
		}
		written, err := os.ReadFile(filepath.Join(folder, p.Request+".zip"))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(alone.Bytes(), written), "package %s", p.Request)
	}
	assert.NotEmpty(t, wantOpen)
	assert.Equal(t, wantOpen, open)
}

func TestNothingAppearsIfOnePackageFails(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	alice := many.Person{Request: "DSR-1", Identifiers: []string{"alice@example.com"}}
	for name, other := range map[string]many.Person{
		"the same request twice": {Request: "DSR-1", Identifiers: []string{"bob@example.com"}},
		"another folder":         {Request: "../DSR-1", Identifiers: []string{"bob@example.com"}},
		"no identifier":          {Request: "DSR-2", Identifiers: []string{"bob"}},
		"nobody":                 {Request: "DSR-2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := many.Write(t.Context(), set.Exports(), []many.Person{alice, other}, filepath.Join(dir, "packages"), response.Options{})
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "bob")
			files, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, files)
		})
	}
}
