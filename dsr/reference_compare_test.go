package dsr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr"
)

// forEachRefWorld calls test with so many random worlds.
func forEachRefWorld(t *testing.T, worlds int, test func(t *testing.T, w *refWorld)) {
	t.Helper()
	if isRace || testing.Short() {
		worlds /= 10
	}
	for seed := range uint64(worlds) {
		if test(t, newRefWorld(seed)); t.Failed() {
			require.FailNow(t, fmt.Sprint("seed ", seed))
		}
	}
}

// assertRows compares what two answers say about rows and subjects, and shows the cells
// of those that differ.
func assertRows(t *testing.T, w *refWorld, want, got map[string]string) {
	t.Helper()
	for _, e := range w.exports {
		for _, f := range e {
			for _, row := range f.rows {
				for i := dsr.NoSubject; i < len(w.subjects); i++ {
					at := fmt.Sprint(row[len(row)-1], " for ", i)
					if want[at] != got[at] {
						t.Errorf("%s\nwant %q\ngot  %q\n%q\n%+v", at, want[at], got[at], row, w.subjects[max(i, 0)])
					}
				}
			}
		}
	}
}

func TestFilterAnswersAsThePlainReferenceDoes(t *testing.T) {
	t.Parallel()
	words := map[string]int{} // how often each was said
	forEachRefWorld(t, 2000, func(t *testing.T, w *refWorld) {
		want, got := refFilter(t, w), realAnswer(t, w)
		assertRows(t, w, want.Rows, got.Rows)
		for _, said := range want.Rows {
			for word := range strings.SplitSeq(said, ", ") {
				words[word]++
			}
		}
		want.Rows, got.Rows = nil, nil
		assert.Equal(t, want, got)
	})
	for rule := dsr.RuleOwner; rule <= dsr.RuleDecision; rule++ {
		assert.Greater(t, words[rule.String()], 10, rule)
	}
	for _, word := range []string{refUndetermined, refNear, refAlias, refDangling} {
		assert.Greater(t, words[word], 10, word)
	}
}
