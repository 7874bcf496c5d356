package source_test

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test, on all systems

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

// group groups files of those names. The source of each reads as its name. A name that
// begins with "d" is that of a disks file.
func group(zone *time.Location, names ...string) ([]source.File, []csvschema.Export) {
	var files []source.File
	for _, name := range names {
		role := csvschema.VirtualMachines
		if path.Base(name)[0] == 'd' {
			role = csvschema.Disks
		}
		files = append(files, source.File{FileID: csvschema.FileID{Role: role}, Path: name, Source: source.FromBytes([]byte(name))})
	}
	return files, source.Group(files, zone)
}

func TestFilesOfOneFolderAreOneExport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files []string
		want  string // number of the export and of the file of each
	}{
		{"one pair", []string{"vm", "disks"}, "1.1 1.1"},
		{"several files of a kind", []string{"vm1", "disks", "./vm2"}, "1.1 1.1 1.2"},
		{"two exports", []string{"a/vm", "b/disks", "a/disks", "b/vm"}, "1.1 2.1 1.1 2.1"},
		{"disks apart belong to the only export", []string{"a/disks", "b/vm", "b/disks", "c/disks"}, "1.2 1.1 1.1 1.3"},
		{"disks apart belong to none of two", []string{"a/disks", "b/vm", "c/vm"}, "3.1 1.1 2.1"},
		{"disks alone", []string{"a/disks", "b/disks", "a/d"}, "1.1 2.1 1.2"},
		{"nothing", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files, exports := group(nil, test.files...)
			var have []string
			for _, file := range files {
				have = append(have, fmt.Sprintf("%d.%d", file.Export, file.File))
				sources := exports[file.Export-1].VirtualMachines
				if file.Role == csvschema.Disks {
					sources = exports[file.Export-1].Disks
				}
				text, err := read(t.Context(), sources[file.File-1])
				require.NoError(t, err)
				assert.Equal(t, file.Path, text, "the number is that of another source")
			}
			assert.Equal(t, test.want, strings.Join(have, " "))
			n := 0
			for _, export := range exports {
				n += len(export.VirtualMachines) + len(export.Disks)
			}
			assert.Equal(t, len(files), n)
		})
	}
}

func TestFoldersOfTheLayoutSayWhenAnExportWasMade(t *testing.T) {
	t.Parallel()
	const lab = "Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475"
	zone := time.FixedZone("", 3600)
	skips, err := time.LoadLocation("America/Sao_Paulo") // summer time began at midnight
	require.NoError(t, err)
	endOfDay := time.Date(2019, time.June, 27, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, folder string
		zone         *time.Location
		want         time.Time
	}{
		{"full", "labresourceusage/" + lab + "/26-6-2019/full", nil, endOfDay},
		{"absolute", "/exports/" + lab + "/26-6-2019/full", nil, endOfDay},
		{"with a first day", lab + "/26-6-2019/19-6-2019", time.UTC, endOfDay},
		{"zeros", lab + "/26-06-2019/Full", nil, endOfDay},
		{"zone", lab + "/26-6-2019/full", zone, time.Date(2019, time.June, 27, 0, 0, 0, 0, zone)},
		{"day without a midnight", lab + "/4-11-2018/full", skips, time.Date(2018, time.November, 5, 0, 0, 0, 0, skips)},
		{"day before one without a midnight", lab + "/3-11-2018/full", skips, time.Date(2018, time.November, 4, 1, 0, 0, 0, skips)},
		{"no such month", lab + "/26-13-2019/full", nil, time.Time{}},
		{"of the lab alone", "36F675CC-81e7-4ef5-a8e2-5d940ed90475/26-6-2019/full", nil, endOfDay},
		{"month first", lab + "/6-26-2019/full", nil, time.Time{}},
		{"no such day", lab + "/31-6-2019/full", nil, time.Time{}},
		{"another folder", lab + "/26-6-2019/other", nil, time.Time{}},
		{"no lab", "exports/Lab/26-6-2019/full", nil, time.Time{}},
		{"below it", lab + "/26-6-2019/full/more", nil, time.Time{}},
		{"root", ".", nil, time.Time{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, exports := group(test.zone, test.folder+"/vm.csv", "apart/vm.csv")
			require.Len(t, exports, 2)
			assert.Equal(t, test.want, exports[0].Made)
			assert.Zero(t, exports[1].Made)
		})
	}
}

func TestGroupOpensNothing(t *testing.T) {
	t.Parallel()
	s := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { panic("opened") }}
	source.Group([]source.File{{FileID: csvschema.FileID{Role: csvschema.Disks}, Source: s}}, nil)
}
