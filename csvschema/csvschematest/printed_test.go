package csvschematest_test

import (
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// Each of these types shows its text in one way only.
type (
	concealed struct{ text string }
	byVerb    struct{ concealed }
	byFlag    struct{ concealed }
	inLogs    struct{ concealed }
	inJSON    struct{ concealed }
	inErrors  struct{ concealed }
)

func (concealed) Format(s fmt.State, _ rune)    { _, _ = io.WriteString(s, "hidden") }
func (concealed) LogValue() slog.Value          { return slog.StringValue("hidden") }
func (concealed) MarshalText() ([]byte, error)  { return []byte("hidden"), nil }
func (v inLogs) LogValue() slog.Value           { return slog.StringValue(v.text) }
func (v inJSON) MarshalJSON() ([]byte, error)   { return []byte(`"` + v.text + `"`), nil }
func (v inErrors) MarshalText() ([]byte, error) { return nil, fmt.Errorf("no %s", v.text) }

func (v byVerb) Format(s fmt.State, verb rune) {
	if verb == 'x' {
		_, _ = io.WriteString(s, v.text)
	}
}

func (v byFlag) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('#') {
		_, _ = io.WriteString(s, v.text)
	}
}

func TestPrintedFindsEveryWayThatShowsAValue(t *testing.T) {
	t.Parallel()
	const text = "alice@example.com"
	secret := concealed{text}
	assert.NotContains(t, csvschematest.Printed(secret, "vsqx"), text)
	for _, value := range []any{text, byVerb{secret}, byFlag{secret}, inLogs{secret}, inJSON{secret}, inErrors{secret}} {
		assert.Contains(t, csvschematest.Printed(value, "vsqx"), text, "%T", value)
	}
	assert.NotContains(t, csvschematest.Printed(byVerb{secret}, "vsq"), text, "a verb that was not asked for")
}
