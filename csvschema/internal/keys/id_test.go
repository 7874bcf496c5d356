package keys_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/keys"
)

func TestIdentifies(t *testing.T) {
	t.Parallel()
	const guid, none = "86545712-aadf-4172-bba2-5c738050417e", "00000000-0000-0000-0000-000000000000"
	for _, text := range []string{"", none, "null", "(null)", "#n/a", "0", "1.23e+31", "-", "<none>", "system.object[]", "system.guid", "system.collections.hashtable", "microsoft.azure.management.devtestlab.models.labvirtualmachine"} {
		assert.False(t, keys.Identifies([]byte(text), false), text)
		assert.False(t, keys.Identifies([]byte(text), true), text)
	}
	for _, text := range []string{"lab", "/subscriptions/s", "microsoft.devtestlab/labs/l", "/system.x", "systems", "xsystem.object", "1a", guid[1:], guid + "0", "g" + guid[1:], strings.ReplaceAll(guid, "-", "_")} {
		assert.True(t, keys.Identifies([]byte(text), false), text)
		assert.False(t, keys.Identifies([]byte(text), true), text)
	}
	for _, text := range []string{guid, "1" + none[1:]} {
		assert.True(t, keys.Identifies([]byte(text), false), text)
		assert.True(t, keys.Identifies([]byte(text), true), text)
	}
}
