package main

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/source"
)

// TestFilesAreFoundAsBySourceFind compares what is taken and what cannot be with the search
// of the library.
func TestFilesAreFoundAsBySourceFind(t *testing.T) {
	set := csvschematest.New(1, nil)
	export, header := string(set.Files[0].Data), string(set.Files[0].Header)
	files := tree{
		"a/export.csv": export, "a/renamed.txt": export, "a/only a header.csv": header,
		"readme.md": "# readme\n", ".DS_Store": "x", "photo.jpg": "\xff\xd8\xff\xe0",
		"bad/empty.csv": "", "bad/page.html": "<html><body>virtualmachines</body></html>", "bad/cut.csv.part": export,
		"bad/wide.csv": "\xff\xfe" + export, "bad/virtualmachines.csv": "alice@contoso.com,1\n", "bad/packed.csv.gz": "\x1f\x8b\x08",
	}
	j := newTestJob(t, anonymizing, files)
	require.NoError(t, j.begin())
	taken, faulty := map[string]csvschema.Role{}, map[string]bool{}
	require.NoError(t, (&lister{*j}).ProcessElement(t.Context(), 1, func(f file) {
		require.NoError(t, (&looker{Job: *j}).ProcessElement(t.Context(), f, func(l looked) {
			if l.Fault != "" {
				faulty[f.Path] = true
			} else if l.Role != 0 {
				taken[f.Path] = l.Role
				assert.Equal(t, f.Path != "a/only a header.csv", len(l.Labs) > 0, f.Path)
			}
		}))
	}))
	found, err := source.Find(t.Context(), os.DirFS(j.Roots[0]), &source.Options{Ignore: func(name string) bool { return faulty[name] }})
	require.NoError(t, err)
	want := map[string]csvschema.Role{}
	for _, f := range found.Files {
		want[f.Path] = f.Role
	}
	assert.Equal(t, want, taken)
	assert.Len(t, want, 3)
	for name := range faulty { // each is refused by the library, too, here or when it is read
		found, err := source.Find(t.Context(), os.DirFS(j.Roots[0]), &source.Options{Ignore: func(other string) bool { return faulty[other] && other != name }})
		if err == nil {
			_, err = policyOf(t, j).Plan(t.Context(), j.At, found.Exports)
		}
		require.Error(t, err, name)
	}
	assert.GreaterOrEqual(t, len(faulty), 5)
}

func TestFoldersNameLabs(t *testing.T) {
	l := &looker{Job: job{Salt: []byte("salt")}}
	const uid = "36F675CC-81e7-4ef5-a8e2-5d940ed90475"
	assert.Equal(t, []string{l.Job.fingerprint([]byte("36f675cc-81e7-4ef5-a8e2-5d940ed90475"))}, l.labsOf("lab/"+uid+"/1-7-2026/full/v.csv"))
	assert.Empty(t, l.labsOf(uid+".csv"))
	assert.Empty(t, l.labsOf(uid), "the name of the file is no folder")
}

// TestWhatCannotBeReadFailsItsLabElsewhere has a lab whose only file of a folder is damaged,
// so that the folder alone says whose it is.
func TestWhatCannotBeReadFailsItsLabElsewhere(t *testing.T) {
	files := labs(t, 2)
	files["lab0000/"+labUID(0)+"/2-6-2026/full/disks.csv"] = "\x1f\x8b\x08 damaged"
	units, failed := unitsOf(t, newTestJob(t, anonymizing, files))
	require.Len(t, units, 1)
	assert.Contains(t, units[0].files()[0].Path, "lab0001/")
	lost := 0
	for _, o := range failed {
		lost += o.Files
	}
	assert.Equal(t, 3, lost)
}

func TestFaultsHaveNoNumbersOfFiles(t *testing.T) {
	err := &csvschema.Error{FileID: csvschema.FileID{Export: 3, File: 2, Role: disks}, Line: 9, Column: csvschema.DeletedDate, Err: csvschema.ErrValue}
	text := faultOf(errors.Join(err))
	assert.Contains(t, text, "line 9")
	assert.NotContains(t, text, "3")
	assert.Equal(t, 3, err.Export, "the error itself stays")
}

func policyOf(t *testing.T, j *job) *anonymize.Policy {
	t.Helper()
	p, err := j.policy()
	require.NoError(t, err)
	return p
}
