package anonymize_test

import (
	"bytes"
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
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. These tests know nothing of what must become of a row. They change exports in a
// way that must not matter, and hold that each row becomes the same. Every row has a Tag,
// by which it is found again.

// A tagged is a file with the tags of its rows in the column Tag.
type tagged struct {
	role csvschema.Role
	made time.Time
	rows [][]string // the header first
}

// taggedFiles returns the files of exports, one after the other, each in an export of its
// own: a plan does not care.
func taggedFiles(t *testing.T, exports []csvschema.Export) (files []tagged) {
	t.Helper()
	n := 0
	for _, e := range exports {
		for i, sources := range [][]csvschema.Source{e.VirtualMachines, e.Disks} {
			role := []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks}[i]
			for _, s := range sources {
				f := tagged{role, e.Made, parsed(t, bytes.TrimPrefix(textOf(t, s), []byte("\uFEFF")))}
				f.rows[0] = append(f.rows[0], "Tag")
				for i := range f.rows[1:] {
					n++
					f.rows[i+1] = append(f.rows[i+1], fmt.Sprintf("tag-q%dq", n))
				}
				files = append(files, f)
			}
		}
	}
	return files
}

func exportsOf(files []tagged) (exports []csvschema.Export) {
	for _, f := range files {
		e := exportOf(f.role, quoted(f.rows))
		e.Made = f.made
		exports = append(exports, e)
	}
	return exports
}

func cloned(files []tagged) []tagged {
	files = slices.Clone(files)
	for i := range files {
		files[i].rows = slices.Clone(files[i].rows)
		for j := range files[i].rows {
			files[i].rows[j] = slices.Clone(files[i].rows[j])
		}
	}
	return files
}

// randomToken matches what is another in every run.
var randomToken = regexp.MustCompile(`(?i)t-[0-9a-f]{32}|616e6f6e-796d-81[0-9a-f]{2}-[0-9a-f]{4}-[0-9a-f]{12}`)

// becomes plans, and returns what becomes of each row, by its tag and column.
func becomes(t *testing.T, p *anonymize.Policy, now time.Time, files []tagged) map[string]string {
	t.Helper()
	_, after := planOf(t, p, now, exportsOf(files)...)
	cells := map[string]string{}
	for _, f := range taggedFiles(t, after) {
		tag := slices.Index(f.rows[0], "Tag") // the first, which the file had
		for _, row := range f.rows[1:] {
			for i, name := range f.rows[0][:len(f.rows[0])-1] {
				cells[row[tag]+" "+name] = randomToken.ReplaceAllString(row[i], "T")
			}
		}
	}
	return cells
}

// isIDColumn reports whether letter case does not matter in a column.
func isIDColumn(name string) bool {
	return slices.Contains([]string{"LabUId", "ResourceUId", "SubscriptionId", "ResourceId"}, name)
}

// changes are what must not matter.
var changes = map[string]func(r *rand.Rand, files []tagged) []tagged{
	"order of rows": func(r *rand.Rand, files []tagged) []tagged {
		for _, f := range files {
			r.Shuffle(len(f.rows)-1, func(i, j int) { f.rows[i+1], f.rows[j+1] = f.rows[j+1], f.rows[i+1] })
		}
		return files
	},
	"order of columns": func(r *rand.Rand, files []tagged) []tagged {
		for _, f := range files {
			order := r.Perm(len(f.rows[0]))
			for i, row := range f.rows {
				f.rows[i] = make([]string, len(row))
				for to, from := range order {
					f.rows[i][to] = row[from]
				}
			}
		}
		return files
	},
	"order of exports": func(r *rand.Rand, files []tagged) []tagged {
		r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		return files
	},
	"case of IDs": func(r *rand.Rand, files []tagged) []tagged {
		for _, f := range files {
			for i, name := range f.rows[0] {
				for _, row := range f.rows[1:] {
					if isIDColumn(name) && r.IntN(2) == 0 {
						row[i] = strings.ToUpper(row[i])
					}
				}
			}
		}
		return files
	},
	"a file split in two": func(r *rand.Rand, files []tagged) (split []tagged) {
		for _, f := range files {
			cut := 1 + r.IntN(len(f.rows))
			second := f
			second.rows = append([][]string{f.rows[0]}, f.rows[cut:]...)
			f.rows = f.rows[:cut]
			split = append(split, f, second)
		}
		return split
	},
	"all in one file of a role and an instant": func(_ *rand.Rand, files []tagged) (joined []tagged) {
		for _, f := range files {
			i := slices.IndexFunc(joined, func(o tagged) bool {
				return o.role == f.role && o.made.Equal(f.made) && slices.Equal(o.rows[0], f.rows[0])
			})
			if i < 0 {
				joined = append(joined, f)
				continue
			}
			joined[i].rows = append(joined[i].rows, f.rows[1:]...)
		}
		return joined
	},
	"a stranger's rows": func(r *rand.Rand, files []tagged) []tagged {
		for k, f := range files {
			for range 1 + r.IntN(3) {
				row := make([]string, len(f.rows[0]))
				for i, name := range f.rows[0] {
					switch name {
					case "ResourceUId":
						row[i] = uid("stranger", r.IntN(3))
					case "LabUId":
						row[i] = uid("lab of strangers")
					case "ResourceOwner":
						row[i] = pick(r, []string{"stranger@fabrikam.com", "", "NULL"})
					case "ResourceId":
						row[i] = pick(r, []string{"/labs/s/virtualmachines/s", "/labs/s/virtualmachines/" + pick(r, f.rows[1:])[0]})
					case "DeletedDate":
						row[i] = pick(r, []string{"", "1/1/2017"})
					case "Tag":
						row[i] = "stranger"
					}
				}
				at := 1 + r.IntN(len(f.rows))
				f.rows = slices.Insert(f.rows, at, row)
			}
			files[k] = f
		}
		return files
	},
}

// requireNothingMatters holds each change to what becomes of the files without it.
func requireNothingMatters(t *testing.T, r *rand.Rand, p *anonymize.Policy, now time.Time, exports []csvschema.Export) {
	t.Helper()
	files := taggedFiles(t, exports)
	files = slices.DeleteFunc(files, func(f tagged) bool { return len(f.rows) < 2 })
	if len(files) == 0 {
		return
	}
	want := becomes(t, p, now, files)
	for name, change := range changes {
		got := becomes(t, p, now, change(r, cloned(files)))
		for place, cell := range want {
			other, ok := got[place]
			require.True(t, ok, "%s: %s", name, place)
			if column := place[strings.IndexByte(place, ' ')+1:]; name == "case of IDs" && isIDColumn(column) {
				cell, other = strings.ToLower(cell), strings.ToLower(other)
			}
			require.Equal(t, cell, other, "%s: %s", name, place)
		}
	}
}

// TestWhatDoesNotMatterChangesNothing has the worlds of the reference, machines and disks
// that are named after their owners, and generated exports.
func TestWhatDoesNotMatterChangesNothing(t *testing.T) {
	t.Parallel()
	t.Run("worlds", func(t *testing.T) {
		t.Parallel()
		for seed := range worlds(60) {
			w := newRefWorld(t, rolled(1000+seed))
			w.policy.KeepUnreadableDates = true
			requireNothingMatters(t, rand.New(rand.NewPCG(seed, 11)), w.policy, noon, w.exports)
		}
	})
	t.Run("names", func(t *testing.T) {
		t.Parallel()
		for seed := range worlds(60) {
			requireNothingMatters(t, rand.New(rand.NewPCG(seed, 12)), &anonymize.Policy{Names: true, Workers: 1}, later, namedExports(rolled(seed)))
		}
	})
	t.Run("generated", func(t *testing.T) {
		t.Parallel()
		for name, p := range replacements(t) {
			p.KeepUnreadableDates = true
			set := csvschematest.New(uint64(len(name)), &csvschematest.Options{ExtraColumns: true, UnreadableDates: true})
			requireNothingMatters(t, rand.New(rand.NewPCG(1, 13)), p, set.Now, dated(set, len(name)))
			if testing.Short() || isRace {
				break
			}
		}
	})
}

// TestAnEarlierRunMakesNoDifference plans at two instants one after the other, and at the
// second alone.
func TestAnEarlierRunMakesNoDifference(t *testing.T) {
	t.Parallel()
	for seed := range worlds(30) {
		w := newRefWorld(t, rolled(2000+seed))
		w.policy.KeepUnreadableDates = true
		if w.policy.Replacement == identity.TokenReplacement {
			w.policy.Replacement = identity.ConstantReplacement // tokens are others in each run
		}
		for _, step := range []time.Duration{1, time.Hour, 720 * time.Hour, 9000 * time.Hour} {
			_, first := planOf(t, w.policy, noon, w.exports...)
			_, chained := planOf(t, w.policy, noon.Add(step), first...)
			_, alone := planOf(t, w.policy, noon.Add(step), w.exports...)
			for i := range alone {
				requireSameText(t, alone[i].VirtualMachines, chained[i].VirtualMachines)
				requireSameText(t, alone[i].Disks, chained[i].Disks)
			}
		}
	}
}

// TestEveryRestoredCellIsFound gives back each cell that changed, one at a time.
func TestEveryRestoredCellIsFound(t *testing.T) {
	t.Parallel()
	restored := 0
	for seed := range worlds(60) {
		w := newRefWorld(t, rolled(3000+seed))
		w.policy.KeepUnreadableDates = true
		p, now, exports := w.policy, noon, w.exports
		if seed%2 == 1 {
			p, now, exports = &anonymize.Policy{Names: true}, later, namedExports(rolled(seed))
		}
		before := taggedFiles(t, exports)
		_, written := planOf(t, p, now, exportsOf(before)...)
		after := taggedFiles(t, written)
		for i, f := range after {
			for j, row := range f.rows {
				f.rows[j] = row[:len(row)-1] // the second tag
			}
			require.Equal(t, f.role, before[i].role)
		}
		for i, f := range before {
			for j, row := range f.rows {
				for k, cell := range row {
					if after[i].rows[j][k] == cell {
						continue
					}
					restored++
					tampered := cloned(after)
					tampered[i].rows[j][k] = cell
					v, err := verify.Exports(t.Context(), p, now, exportsOf(before), exportsOf(tampered))
					require.NoError(t, err)
					assert.False(t, v.OK(), "seed %d: %s", seed, f.rows[0][k])
				}
			}
		}
	}
	assert.Positive(t, restored)
}
