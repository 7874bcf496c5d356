package anonymize_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestStatsAddUp(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(2, nil)
	var total anonymize.Stats
	var next time.Time
	for _, f := range set.Files {
		_, stats := copyOf(t, nil, set.Now, f.Role, f.Data)
		if next.IsZero() || !stats.NextDue.IsZero() && stats.NextDue.Before(next) {
			next = stats.NextDue
		}
		rows := total.Rows
		total.Add(stats)
		assert.Equal(t, rows+stats.Rows, total.Rows)
	}
	assert.Equal(t, next, total.NextDue)
	assert.Equal(t, total.Rows, total.Due+total.NotYetDue+total.NotDeleted+total.Unreadable)
	assert.True(t, total.NextDue.After(set.Now))
}

func TestSumOfStatsHasNoListsOfOneFile(t *testing.T) {
	t.Parallel()
	one := anonymize.Stats{Rows: 1, UnreadableLines: []int64{2}, UnknownColumns: []int{24}}
	total := one
	total.Add(one)
	assert.Equal(t, anonymize.Stats{Rows: 2}, total)
	assert.Equal(t, []int64{2}, one.UnreadableLines, "what was added is as it was")
}

// TestAllCountsHaveTheNamesOfTheirFields compares them with the fields, in order.
func TestAllCountsHaveTheNamesOfTheirFields(t *testing.T) {
	t.Parallel()
	var stats anonymize.Stats
	v := reflect.ValueOf(&stats).Elem()
	var want []string
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Int64 {
			f.SetInt(int64(i + 1))
			name := v.Type().Field(i).Name
			want = append(want, fmt.Sprint(strings.ToLower(name[:1])+name[1:], i+1))
		}
	}
	var got []string
	for name, n := range stats.All() {
		got = append(got, fmt.Sprint(name, n))
	}
	assert.Equal(t, want, got)
	for range stats.All() {
		break
	}
}
