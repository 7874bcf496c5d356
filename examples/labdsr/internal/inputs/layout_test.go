package inputs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func TestFoldersOfTheLayoutSayWhenAnExportWasMade(t *testing.T) {
	t.Parallel()
	const lab = "/exports/Lab/36f675cc-81e7-4ef5-a8e2-5d940ed90475"
	endOfDay := time.Date(2019, time.June, 27, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, folder string
		want         time.Time
	}{
		{"full", lab + "/26-6-2019/full", endOfDay},
		{"with a first day", lab + "/26-6-2019/19-6-2019", endOfDay},
		{"zeros", lab + "/26-06-2019/Full", endOfDay},
		{"month first", lab + "/6-26-2019/full", time.Time{}},
		{"no such day", lab + "/31-6-2019/full", time.Time{}},
		{"another folder", lab + "/26-6-2019/other", time.Time{}},
		{"no lab", "/exports/Lab/26-6-2019/full", time.Time{}},
		{"nothing", "", time.Time{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, inputs.ExportInstant(test.folder, time.UTC))
		})
	}
}
