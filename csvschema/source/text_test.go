package source_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/labdsr/labdsr/csvschema/source"
)

func TestOneDecisiveColumnMakesAHeader(t *testing.T) {
	t.Parallel()
	utf16 := func(text string) string {
		wide, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
		require.NoError(t, err)
		return wide
	}
	holds := []string{"LabUId", "ResourceUId", "reason", "until"}
	for _, test := range []struct {
		name, head string
		want       bool
	}{
		{"export", "SubscriptionId,LabUId,LabName\n", true},
		{"letter case", "x,RESOURCEUID\r\n", true},
		{"quotes", `"SubscriptionId","LabUId"`, true},
		{"mark", "\ufeffLabUId,x\n", true},
		{"two marks", "\ufeff\ufeffLabUId,x\n", true},
		{"empty lines before", "\r\n\nLabUId,x\n", true},
		{"semicolons", "SubscriptionId;LabUId;LabName\n", true},
		{"tabs", "SubscriptionId\tLabUId\n", true},
		{"bars", "SubscriptionId|LabUId\n", true},
		{"UTF-16", utf16("SubscriptionId,LabUId\n"), true},
		{"not in the first line", "Name,Cost\nLabUId,1\n", false},
		{"in a sentence", "The column LabUId says which lab it is.\n", false},
		{"other columns", "LabName,ResourceOwner\n", false},
		{"list of this program", "LabUId,ResourceUId,reason,until\n", false},
		{"list with one column more", "LabUId,ResourceUId,reason,until,x\n", true},
		{"nothing", "", false},
		{"sep", "sep=,\r\nSubscriptionId,LabUId,LabName,ResourceUId\r\n", true},
		{"mark and sep", "\ufeffsep=;\nLabUId;ResourceUId\n", true},
		{"type of PowerShell", "#TYPE System.Object\n\"LabUId\",\"ResourceUId\"\n", true},
		{"title", "Usage of labs\n\nLabUId,RESOURCEUID\n", true},
		{"title in UTF-16", utf16("Usage\nSubscriptionId,LabUId,ResourceUId\n"), true},
		{"title of five lines", "a\nb\nc\nd\ne\nLabUId,ResourceUId\n", true},
		{"far below", "a\nb\nc\nd\ne\nf\nLabUId,ResourceUId\n", false},
		{"one quoted field a line", `"SubscriptionId,LabUId,LabName"`, true},
		{"one field with doubled quotes a line", `"""SubscriptionId"",""LabUId"",""LabName"""`, true},
		{"both in sentences below", "Read me\nThe LabUId and the ResourceUId, both.\n", false},
		{"a list below a title", "my holds\nLabUId,ResourceUId,reason,until\n", false},
		{"one of them below", "key,meaning\nLabUId,the lab\nResourceUId,the machine\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, source.IsHeader([]byte(test.head), [][]string{holds}))
		})
	}
}
