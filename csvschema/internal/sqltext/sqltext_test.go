package sqltext_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/sqltext"
)

func TestValuesAreTexts(t *testing.T) {
	t.Parallel()
	type answer struct {
		text string
		ok   bool
	}
	none := answer{}
	for _, test := range []struct {
		value               any
		text, integer, bool answer
	}{
		{nil, answer{"", true}, answer{"", true}, answer{"", true}},
		{"a", answer{"a", true}, answer{"a", true}, answer{"a", true}},
		{[]byte("1"), answer{"1", true}, answer{"1", true}, answer{"True", true}},
		{"0", answer{"0", true}, answer{"0", true}, answer{"False", true}},
		{int64(1), none, answer{"1", true}, answer{"True", true}},
		{int64(-2), none, answer{"-2", true}, answer{"-2", true}},
		{true, none, none, answer{"True", true}},
		{false, none, none, answer{"False", true}},
		{1.5, none, none, none},
		{time.Time{}, none, none, none},
	} {
		for name, f := range map[string]struct {
			of   func(any) (string, bool)
			want answer
		}{"text": {sqltext.Text, test.text}, "integer": {sqltext.Integer, test.integer}, "bool": {sqltext.Bool, test.bool}} {
			text, ok := f.of(test.value)
			assert.Equal(t, f.want, answer{text, ok}, "%s of %v", name, test.value)
		}
	}
}

func TestOnlyTimesWithoutAZoneAreCivil(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)
	for _, test := range []struct {
		t    time.Time
		want string
	}{
		{at, "1/3/2017 11:17:09 PM"},
		{at.Add(100), "2017-01-03 23:17:09.0000001"},
		{at.In(time.FixedZone("", 0)), "1/3/2017 11:17:09 PM"},
		{at.In(time.FixedZone("GMT", 0)), ""},
		{at.In(time.FixedZone("", 3600)), ""},
		{time.Time{}, ""},
	} {
		text, ok := sqltext.Civil(test.t)
		assert.Equal(t, test.want, text)
		assert.Equal(t, test.want != "", ok)
	}
}
