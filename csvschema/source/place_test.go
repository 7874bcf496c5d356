package source_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/source"
)

func TestKindOfAFileIsAlsoThatOfItsPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []kindTest{
		{"export", "lab/vm.csv", whole, source.KindExport},
		{"hidden", "lab/.vm.csv", whole, source.KindHidden},
		{"in a hidden folder", ".old/lab/vm.csv", whole, source.KindHidden},
		{"lock of a spreadsheet", "~$vm.csv", whole, source.KindHidden},
		{"hidden, and none", ".profile", "x=1\n", source.KindOther},
		{"hidden, and doubtful", ".old/a.csv", row, source.KindRows},
		{"owner of a workbook", "~$report.xlsx", "\x03Ann" + strings.Repeat(" ", 50), source.KindOther},
		{"remnant of a download", "lab/.azDownload-8c8ad0c5-virtualmachines.csv", whole, source.KindPartial},
		{"part of a download", "x.csv.CRDOWNLOAD", "x", source.KindPartial},
		{"folder of that name", "x.part/vm.csv", whole, source.KindExport},
		{"repository", "a/.git/objects/12/34", random(), source.KindOfSystem},
		{"export in a repository", ".git/vm.csv", whole, source.KindInSystem},
		{"name of a branch", ".git/refs/heads/disks.csv", "0f21ddb6\n", source.KindOfSystem},
		{"bin", "$RECYCLE.BIN/S-1-5/$RX.csv", row, source.KindInSystem},
		{"bin, archive", ".Trashes/x.7z", "7z\xbc\xaf\x27\x1c", source.KindInSystem},
		{"found after a crash", "lost+found/#12", whole, source.KindInSystem},
		{"thumbnails", "lab/Thumbs.db", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", source.KindOfSystem},
		{"workbook in a bin", "$RECYCLE.BIN/x.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", source.KindInSystem},
		{"export named after thumbnails", "Thumbs.db", whole, source.KindInSystem},
		{"settings of a folder", "lab/desktop.ini", "", source.KindOfSystem},
		{"lock of an office program", ".~lock.virtualmachines.csv#", ",ann,host,;", source.KindOfSystem},
		{"part in a bin", ".Trashes/x.part", "x", source.KindOfSystem},
		{"beside files of macOS", "__MACOSX/lab/._vm.csv", "\x00\x05\x16\x07", source.KindOfSystem},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			have, err := source.KindAt(test.path, strings.NewReader(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, have, "%v", have)
		})
	}
	assert.False(t, source.InSystem("lab/git/ds_store"))
	assert.True(t, source.InSystem("a/.DS_Store"))
}
