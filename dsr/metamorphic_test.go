package dsr_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// caseMatters matches the beginnings of escapes, also percent-encoded ones.
var caseMatters = regexp.MustCompile(`(?i)[\\&]|%5c|%26|_x`)

// A world that says the same in another way gets the same answer.
func TestTheAnswerDoesNotDependOnHowTheSameIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(w *refWorld, r *rand.Rand)
	}{
		{"order of rows", func(w *refWorld, r *rand.Rand) {
			forEachRefFile(w, func(f *refFile) {
				r.Shuffle(len(f.rows), func(i, j int) { f.rows[i], f.rows[j] = f.rows[j], f.rows[i] })
			})
		}},
		{"order of columns", func(w *refWorld, r *rand.Rand) {
			forEachRefFile(w, func(f *refFile) {
				r.Shuffle(len(f.header), func(i, j int) {
					for _, row := range append(f.rows, f.header) {
						row[i], row[j] = row[j], row[i]
					}
				})
			})
		}},
		{"order of exports and of their files", func(w *refWorld, r *rand.Rand) {
			r.Shuffle(len(w.exports), func(i, j int) { w.exports[i], w.exports[j] = w.exports[j], w.exports[i] })
			for _, e := range w.exports {
				r.Shuffle(len(e), func(i, j int) { e[i], e[j] = e[j], e[i] })
			}
		}},
		{"case of identifiers and IDs", func(w *refWorld, _ *rand.Rand) {
			forEachRefFile(w, func(f *refFile) {
				for c, name := range f.header {
					for _, row := range f.rows {
						isText := strings.HasSuffix(name, "Id") || name == "ResourceOwner"
						if isText && !caseMatters.MatchString(row[c]) {
							row[c] = strings.Map(func(r rune) rune {
								if r < 0x80 {
									return []rune(strings.ToUpper(string(r)))[0]
								}
								return r
							}, row[c])
						}
					}
				}
			})
		}},
		{"a file in two", func(w *refWorld, r *rand.Rand) {
			for i, e := range w.exports {
				for _, f := range e {
					at := r.IntN(len(f.rows) + 1)
					w.exports[i] = append(w.exports[i], refFile{f.role, f.header, f.rows[at:]})
					for j := range w.exports[i] {
						if own := &w.exports[i][j]; own.role == f.role && slices.EqualFunc(own.rows, f.rows, slices.Equal) && j < len(e) {
							own.rows = own.rows[:at]
							break
						}
					}
				}
			}
		}},
		{"more of the same machines and disks", func(w *refWorld, _ *rand.Rand) {
			forEachRefFile(w, func(f *refFile) {
				for _, row := range f.rows {
					row = slices.Clone(row)
					row[slices.Index(f.header, "Row")] += " again"
					f.rows = append(f.rows, row)
				}
			})
		}},
		{"rows of strangers", func(w *refWorld, r *rand.Rand) {
			n := 0
			forEachRefFile(w, func(f *refFile) {
				for range 1 + r.IntN(3) {
					n++
					cells := map[string]string{
						"LabUId": oneLab, "ResourceUId": fmt.Sprintf("57a60000-0000-4000-8000-%012d", n), "ResourceId": users + fmt.Sprintf("57a60000-0000-4000-9000-%012d/vm%d", n, n),
						"ResourceOwner": fmt.Sprintf("stranger%d@example.org", n), "LeasedByVmId": users + fmt.Sprintf("57a60000-0000-4000-9000-%012d/vm%d", n+1, n+1), "Row": fmt.Sprint("stranger", n),
					}
					var row []string
					for _, name := range f.header {
						row = append(row, cells[name])
					}
					f.rows = slices.Insert(f.rows, r.IntN(len(f.rows)+1), row)
				}
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			said := 0
			seed := uint64(0)
			forEachRefWorld(t, 150, func(t *testing.T, w *refWorld) {
				seed++
				changed := w.clone()
				c.change(changed, rand.New(rand.NewPCG(seed, 3)))
				want, got := realAnswer(t, w), realAnswer(t, changed)
				for at := range got.Rows { // rows that were added
					if strings.Contains(at, " again") {
						if plain := strings.Replace(at, " again", "", 1); w.decides == 0 {
							assert.Equal(t, got.Rows[plain], got.Rows[at], at)
						}
						delete(got.Rows, at)
					}
				}
				for at := range got.Rows {
					if strings.HasPrefix(at, "stranger") {
						assert.Equal(t, refDangling, got.Rows[at])
						delete(got.Rows, at)
					}
				}
				assertRows(t, w, want.Rows, got.Rows)
				assert.Len(t, got.Rows, len(want.Rows))
				if !strings.HasPrefix(c.name, "more") && !strings.HasPrefix(c.name, "rows of") {
					assert.Equal(t, want, got)
				}
				said += len(want.Rows)
			})
			assert.Greater(t, said, 10)
		})
	}
}

func forEachRefFile(w *refWorld, do func(f *refFile)) {
	for _, e := range w.exports {
		for i := range e {
			do(&e[i])
		}
	}
}

// Where no disk is asked, whose a machine is does not depend on the export that it is in.
func TestMachinesMayBeInAnyExport(t *testing.T) {
	t.Parallel()
	forEachRefWorld(t, 150, func(t *testing.T, w *refWorld) {
		apart := w.clone()
		apart.exports = nil
		var all []refFile
		for _, e := range w.exports {
			for _, f := range e {
				if f.role == csvschema.Disks {
					continue
				}
				all = append(all, f)
				for _, row := range f.rows {
					apart.exports = append(apart.exports, []refFile{{f.role, f.header, [][]string{row}}})
				}
			}
		}
		if len(apart.exports) == 0 {
			return
		}
		w.exports = [][]refFile{all}
		assert.Equal(t, realAnswer(t, w), realAnswer(t, apart))
	})
}

// rulesIn returns of what is said about a row the rules. Names stay after anonymizing, and
// another row may make one a finding.
func rulesIn(words string) string {
	var rules []string
	for word := range strings.SplitSeq(words, ", ") {
		if word != refNear && word != refAlias {
			rules = append(rules, word)
		}
	}
	return strings.Join(rules, ", ")
}

// Anonymizing looks at one row at a time, so that it does not matter whether a person's
// rows are chosen before or after; and what is not due is found as before.
func TestFilteringAndAnonymizingCommute(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 2, 2, 6, 0, 0, 0, time.UTC) // thirty days after some of the dates
	anonymized := func(f refFile) refFile {
		policy := &anonymize.Policy{KeepUnreadableDates: true}
		var out bytes.Buffer
		_, err := policy.Copy(t.Context(), now, f.role, &out, bytes.NewReader(f.text(t)))
		require.NoError(t, err)
		records, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		return refFile{f.role, records[0], records[1:]}
	}
	due, later := 0, 0
	forEachRefWorld(t, 300, func(t *testing.T, w *refWorld) {
		w.decides = 0
		for i, s := range w.subjects {
			w.subjects[i] = slices.DeleteFunc(s, func(id refID) bool { return id.verbatim })
		}
		w.subjects = slices.DeleteFunc(w.subjects, func(s refSubject) bool { return len(s) == 0 })
		if len(w.subjects) == 0 {
			return
		}
		var files []refFile
		for _, e := range w.exports {
			for _, f := range e {
				if f.role == csvschema.VirtualMachines && len(f.header) > 5 {
					files = append(files, f)
				}
			}
		}
		if len(files) == 0 {
			return
		}
		w.exports = [][]refFile{files}
		after := w.clone()
		isDue := map[string]bool{}
		for i, f := range files {
			after.exports[0][i] = anonymized(f)
			for _, row := range f.rows {
				deleted, unreadable := refDate(row[5])
				isDue[row[11]] = !unreadable && !deleted.IsZero() && !now.Before(deleted.Add(30*24*time.Hour))
			}
		}
		before, found := realAnswer(t, w), realAnswer(t, after)
		for subject := range w.subjects {
			for i, f := range files {
				chosen := refFile{f.role, f.header, nil}
				var want [][]string
				for j, row := range f.rows {
					at := fmt.Sprint(row[11], " for ", subject)
					if words := rulesIn(before.Rows[at]); words != "" {
						chosen.rows = append(chosen.rows, row)
						want = append(want, after.exports[0][i].rows[j])
						if isDue[row[11]] {
							due++
							assert.Empty(t, rulesIn(found.Rows[at]), row)
						} else {
							later++
							assert.Equal(t, words, rulesIn(found.Rows[at]))
							assert.Equal(t, row, after.exports[0][i].rows[j])
						}
					}
				}
				if got := anonymized(chosen).rows; len(got)+len(want) > 0 {
					assert.Equal(t, want, got)
				}
			}
		}
	})
	if !testing.Short() && !isRace {
		assert.Greater(t, due, 100)
		assert.Greater(t, later, 100)
	}
}
