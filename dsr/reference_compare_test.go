package dsr_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// forEachRefWorld calls test with so many random worlds.
func forEachRefWorld(t *testing.T, worlds int, test func(t *testing.T, w *refWorld)) {
	t.Helper()
	switch {
	case isRace:
		worlds /= 20
	case testing.Short():
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

// The rows of everybody are redacted for each subject, not only the subject's own.
func TestRowsAreRedactedAsThePlainReferenceDoes(t *testing.T) {
	t.Parallel()
	hidden := 0
	forEachRefWorld(t, 1000, func(t *testing.T, w *refWorld) {
		for i, s := range w.realSubjects(t) {
			redactor, err := redact.New(s, nil)
			require.NoError(t, err)
			for _, e := range w.exports {
				for _, f := range e {
					plain := refHider{w.subjects[i], f.header}
					rr := csvschema.NewRecordReader(bytes.NewReader(f.text(t)), f.role, &csvschema.RecordOptions{Required: []csvschema.Column{}})
					for _, row := range f.rows {
						rec, err := rr.Read()
						require.NoError(t, err)
						redacted := redactor.Record(rec)
						var got []string
						for c := range row {
							got = append(got, string(redacted.Cell(c)))
						}
						want := plain.redact(row)
						for c := range row {
							if want[c] != got[c] {
								t.Errorf("%s of %q\nfor  %+v\nwas  %q\nwant %q\ngot  %q", f.header[c], row, w.subjects[i], row[c], want[c], got[c])
							}
						}
						if !slices.Equal(want, row) {
							hidden++
						}
					}
				}
			}
		}
	})
	assert.Greater(t, hidden, 100)
}
