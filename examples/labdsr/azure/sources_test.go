package azure_test

import (
	"bytes"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestSourcesAreThoseOfAFolder(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	set := csvschematest.New(1, nil)
	const folder = "contoso/36f675cc-81e7-4ef5-a8e2-5d940ed90475/26-6-2019/full/"
	want := map[csvschema.Role][]byte{}
	for _, file := range set.Files {
		if file.Export == 1 && file.Number == 1 {
			want[file.Role] = file.Data
			azuretest.Put(t, c, folder+file.Role.String()+".csv", string(file.Data))
		}
	}
	azuretest.Put(t, c, "20190626.txt", "")
	azuretest.Put(t, c, "folder/", "")
	azuretest.Put(t, c, "contoso-other/x.bin", "\x89PNG")
	for _, test := range []struct {
		name, at string
		left     []string
	}{
		{"whole", "", []string{"20190626.txt", "contoso-other/x.bin"}},
		{"prefix", "/contoso", nil},
		{"prefix with a slash", "/contoso/", nil},
		{"escaped prefix", "/cont%6Fso", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := open(t, s, c, test.at).Sources(t.Context(), nil)
			require.NoError(t, err)
			require.Len(t, found.Exports, 1)
			assert.Equal(t, 2019, found.Exports[0].Made.Year())
			require.Len(t, found.Files, 2)
			require.Len(t, found.Blobs, 2)
			for i, file := range found.Files {
				assert.Equal(t, file.Path, found.Blobs[i].Name)
				r, err := file.Source.Open(t.Context())
				require.NoError(t, err)
				data, err := io.ReadAll(r)
				require.NoError(t, err)
				require.NoError(t, r.Close())
				assert.True(t, bytes.Equal(want[file.Role], data))
			}
			var left []string
			for _, l := range found.Left {
				left = append(left, l.Path)
			}
			assert.Equal(t, test.left, left)
		})
	}
}

func TestNamesThatNoFolderHas(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	for _, name := range []string{"a//b.csv", "../ann@contoso.com.csv", "/b.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := s.Container(t)
			azuretest.Put(t, c, name, "x")
			_, err := open(t, s, c, "").Sources(t.Context(), nil)
			require.ErrorIs(t, err, fs.ErrInvalid)
			assert.Contains(t, err.Error(), "blob 1")
			assert.NotContains(t, err.Error(), "ann@")
		})
	}
}

func TestPathsAreNamesOfBlobs(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	for _, name := range []string{"a b/ü%20?#&+.csv", "a b/ü%20?#&+.csv/below", "a b/ü%20?#&+.csv2", "a", "A b/x"} {
		azuretest.Put(t, c, name, name)
	}
	for at, want := range map[string][]string{
		"/a%20b/%C3%BC%2520%3F%23&+.csv": {"a b/ü%20?#&+.csv", "a b/ü%20?#&+.csv/below"},
		"/a%20b":                         {"a b/ü%20?#&+.csv", "a b/ü%20?#&+.csv/below", "a b/ü%20?#&+.csv2"},
		"/a%20":                          nil,
		"/a":                             {"a"},
	} {
		opened := open(t, s, c, at)
		var names []string
		for _, b := range blobsOf(t, opened) {
			names = append(names, b.Name)
			data, err := readAll(t.Context(), opened, b)
			require.NoError(t, err)
			assert.Equal(t, b.Name, string(data))
		}
		assert.Equal(t, want, names, at)
	}
}

func TestDoubtIsTold(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a/disks.csv", "")
	_, err := open(t, s, c, "").Sources(t.Context(), nil)
	require.ErrorIs(t, err, csvschema.ErrInput)
	_, err = open(t, s, c, "").Sources(t.Context(), &source.Options{Ignore: func(string) bool { return true }})
	require.ErrorIs(t, err, csvschema.ErrNoFiles)
}
