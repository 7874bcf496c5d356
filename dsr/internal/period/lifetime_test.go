package period_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/dsr/internal/period"
)

func TestALifetimeExcludesDisksOfAnotherTime(t *testing.T) {
	t.Parallel()
	of := func(created, deleted string) period.Lifetime {
		return period.NewLifetime([]byte(created), []byte(deleted), time.UTC)
	}
	const one, two, three, four = "1/1/2024 10:00:00 AM", "1/2/2024 10:00:00 AM", "1/3/2024 10:00:00 AM", "1/4/2024 10:00:00 AM"
	for _, test := range []struct {
		name          string
		machine, disk period.Lifetime
		want          bool
	}{
		{"same time", of(one, two), of(one, two), false},
		{"later machine", of(three, ""), of(one, two), true},
		{"machine from the end of the disk", of(two, ""), of(one, two), true},
		{"later disk", of(one, two), of(three, four), true},
		{"disk from the end of the machine", of(one, two), of(two, four), true},
		{"they overlap", of(one, three), of(two, four), false},
		{"end at the creation is not known", of(one, one), of(two, four), false},
		{"one creation", of(one, ""), of(one, one), false},
		{"one creation, and the disk has no date of it", of(one, ""), of("", one), false},
		{"nothing is known", of("", ""), of("", ""), false},
		{"unreadable", of("x", "y"), of(one, two), false},
	} {
		assert.Equal(t, test.want, test.machine.Excludes(test.disk), test.name)
	}
	assert.True(t, of("x", two).Unreadable())
	assert.True(t, of(one, "x").Unreadable())
	assert.False(t, of(one, "").Unreadable())
	assert.Negative(t, of(one, two).Compare(of(two, two)))
	assert.Positive(t, of(one, three).Compare(of(one, two)))
	assert.Zero(t, of("", two).Compare(of("x", two)))
	assert.NotEqual(t, of(one, two), of(one, three))
}
