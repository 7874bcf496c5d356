package csvschematest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A recorder is a testing.TB that records reports.
type recorder struct {
	testing.TB // nil, so that any other method panics

	reports []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.reports = append(r.reports, fmt.Sprintf(format, args...))
}

// passes checks that an assertion holds.
func passes(t *testing.T, assertion func(tb testing.TB)) {
	t.Helper()
	var r recorder
	assertion(&r)
	assert.Empty(t, r.reports)
}

// fails checks that an assertion fails. Its reports must contain all of want and none
// of the secrets.
func fails(t *testing.T, assertion func(tb testing.TB), want []string, secrets ...string) {
	t.Helper()
	var r recorder
	assertion(&r)
	all := strings.Join(r.reports, "\n")
	assert.NotEmpty(t, r.reports)
	for _, w := range want {
		assert.Contains(t, all, w)
	}
	for _, s := range secrets {
		assert.NotContains(t, strings.ToLower(all), strings.ToLower(s))
	}
}
