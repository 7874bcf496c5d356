package deadline_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

func TestErrorsSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	_, err := deadline.Request{}.Deadlines()
	require.EqualError(t, err, "labdsr: deadline: Received: not a date such as 2026-08-03")

	failure := errors.New("disk on fire")
	for want, e := range map[string]deadline.Error{
		"labdsr: deadline: disk on fire":                   {Err: failure},
		"labdsr: deadline: holidays, line 7: disk on fire": {Line: 7, Err: failure},
		"labdsr: deadline: pause 2: Until: disk on fire":   {Pause: 2, Field: "Until", Err: failure},
		"labdsr: deadline: ExtensionNotice: disk on fire":  {Field: "ExtensionNotice", Err: failure},
	} {
		require.EqualError(t, &e, want)
		assert.ErrorIs(t, &e, failure)
	}
}
