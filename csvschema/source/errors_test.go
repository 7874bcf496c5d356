package source_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/source"
)

func TestPathsShowNoPerson(t *testing.T) {
	t.Parallel()
	const id, lab = "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", "36f675cc-81e7-4ef5-a8e2-5d940ed90475"
	for path, want := range map[string]string{
		"labresourceusage/Lab/" + lab + "/26-6-2019/full/vm.csv": "labresourceusage/Lab/" + lab + "/26-6-2019/full/vm.csv",
		"ann@contoso.com/vm.csv":                                 "[hidden]/vm.csv",
		"of ann@contoso.com and bob@contoso.com.csv":             "of [hidden] and [hidden]",
		"users/" + id + "/vm.csv":                                "users/[hidden]/vm.csv",
		`lab\users\` + id + `\vm.csv`:                            `lab\users\[hidden]\vm.csv`,
		"ann\u200b@contoso.com/vm.csv":                           "[hidden]/vm.csv",
		"a\x1b[31mb":                                             "a[31mb",
	} {
		assert.Equal(t, want, source.Hide(path))
	}
}
