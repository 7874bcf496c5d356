package source_test

import (
	"archive/zip"
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

func TestEntriesOfAZIPThatAreRefused(t *testing.T) {
	t.Parallel()
	withBytes := zipped(t, "vm.csv", whole, "x", whole)
	withBytes.File[1].Name = "lab/"
	folder := zipped(t, "vm.csv", whole, "lab", whole)
	folder.File[1].SetMode(fs.ModeDir)
	secret := zipped(t, "vm.csv", whole, "lab/vm.csv", whole)
	secret.File[1].Flags |= 1
	link := zipped(t, "vm.csv", whole, "link", "vm.csv")
	link.File[1].SetMode(fs.ModeSymlink)
	for _, test := range []struct {
		name string
		fsys fs.FS
		path string
		want source.Kind
	}{
		{"twice", zipped(t, "lab/vm.csv", whole, "lab/vm.csv", machinesHeader), "lab/vm.csv", source.KindRepeated},
		{"twice by another path", zipped(t, "lab/vm.csv", whole, "./lab/vm.csv", machinesHeader), "./lab/vm.csv", source.KindInsecure},
		{"file and folder", zipped(t, "lab", whole, "lab/more/vm.csv", machinesHeader), "lab", source.KindRepeated},
		{"folder and file", zipped(t, "lab/", "", "x", whole, "lab", whole), "lab/", source.KindRepeated},
		{"backslash", zipped(t, "vm.csv", whole, `lab\vm.csv`, whole), `lab\vm.csv`, source.KindInsecure},
		{"backslash in a file", &zip.ReadCloser{Reader: *zipped(t, `lab\vm.csv`, whole)}, `lab\vm.csv`, source.KindInsecure},
		{"out of the ZIP", zipped(t, "../vm.csv", whole), "../vm.csv", source.KindInsecure},
		{"root of the system", zipped(t, "/vm.csv", whole), "/vm.csv", source.KindInsecure},
		{"slashes", zipped(t, "lab//vm.csv", whole), "lab//vm.csv", source.KindInsecure},
		{"no name", zipped(t, "vm.csv", whole, "", whole), "", source.KindInsecure},
		{"folder with bytes", withBytes, "lab/", source.KindInsecure},
		{"folder by its attributes", folder, "lab", source.KindInsecure},
		{"encrypted", secret, "lab/vm.csv", source.KindEncrypted},
		{"link", link, "link", source.KindSpecial},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := source.Find(t.Context(), test.fsys, nil)
			assert.Nil(t, found)
			e, ok := errors.AsType[*source.Error](err)
			require.True(t, ok)
			assert.Equal(t, source.Error{Path: test.path, Kind: test.want}, *e)
			assert.Equal(t, "labdsr: "+test.path+": "+test.want.String(), err.Error())
			assert.Equal(t, test.want != source.KindSpecial, errors.Is(err, csvschema.ErrInput))
		})
	}
}

// TestZIPThatIsHiddenIsAnErrorAllTheSame has a type that Find does not know.
func TestZIPThatIsHiddenIsAnErrorAllTheSame(t *testing.T) {
	t.Parallel()
	for _, z := range []*zip.Reader{
		zipped(t, "vm.csv", whole, "lab/vm.csv", whole, "lab/vm.csv", machinesHeader),
		zipped(t, "vm.csv", whole, "lab", whole, "lab/vm.csv", machinesHeader),
	} {
		_, err := source.Find(t.Context(), struct{ fs.FS }{z}, nil)
		require.ErrorContains(t, err, "duplicate entries in zip file")
	}
}

func TestFoldersOfAZIPThatAreIgnored(t *testing.T) {
	t.Parallel()
	ignore := func(name string) bool { return name == "old" }
	for _, entry := range []string{"old/../x", `old/a\b`, "old//x"} {
		fsys := zipped(t, "vm.csv", whole, entry, whole)
		_, err := source.Find(t.Context(), fsys, nil)
		require.Error(t, err, entry)
	}
	found, err := source.Find(t.Context(), zipped(t, "vm.csv", whole, `old/a\b`, whole), &source.Options{Ignore: ignore})
	require.NoError(t, err)
	assert.Equal(t, []source.Left{{Path: "old", Kind: source.KindIgnored}}, found.Left)
}
