package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// anonymizedAtOnce returns what the library writes over all files of a folder at once. Add
// adds to the policy what the job has in lists.
func anonymizedAtOnce(t *testing.T, j *job, add func(*anonymize.Policy)) (tree, anonymize.Stats, *anonymize.Report) {
	t.Helper()
	found, err := source.Find(t.Context(), os.DirFS(j.Roots[0]), nil)
	require.NoError(t, err)
	policy, err := j.policy()
	require.NoError(t, err)
	add(policy)
	plan, err := policy.Plan(t.Context(), j.At, found.Exports)
	require.NoError(t, err)
	files := tree{}
	var total anonymize.Stats
	for _, f := range found.Files {
		var text bytes.Buffer
		stats, err := plan.Apply(t.Context(), f.FileID, &text)
		require.NoError(t, err)
		total.Add(stats)
		files[f.Path] = text.String()
	}
	return files, total, plan.Report()
}

// A drawn is lists that were drawn for a set.
type drawn struct {
	holds    []anonymize.Hold // of the machines and disks in them
	requests []anonymize.Request
}

func (d *drawn) add(p *anonymize.Policy) { p.Holds, p.Requests = d.holds, d.requests }

// drawRequests writes a list of requests of each kind, for identifiers of some people of a
// set, and of somebody of whom nothing is held.
func drawRequests(t *testing.T, r *rand.Rand, set *csvschematest.Set, j *job, d *drawn) {
	t.Helper()
	ids := []string{"nobody.at.all@example.com"}
	for _, person := range set.People {
		for _, id := range person.Identifiers {
			if r.IntN(2) == 0 {
				ids = append(ids, id)
			}
		}
	}
	j.EraseExisting = r.IntN(2) == 0
	for _, kind := range []anonymize.RequestKind{anonymize.Erase, anonymize.Removed} {
		var text strings.Builder
		for _, id := range ids {
			one := anonymize.Request{Kind: kind, At: set.Now.AddDate(0, 0, r.IntN(90)-60).UTC().Truncate(time.Second), Existing: j.EraseExisting && kind == anonymize.Erase}
			var err error
			one.Identifier, err = identity.Parse(id)
			require.NoError(t, err)
			d.requests = append(d.requests, one)
			text.WriteString(id + "," + one.At.Format(time.RFC3339) + "\n")
		}
		if kind == anonymize.Erase {
			j.Erase = append(j.Erase, listFile(t, j, kind.String(), text.String()))
		} else {
			j.Removed = append(j.Removed, listFile(t, j, kind.String(), text.String()))
		}
	}
}

// requestsAtOnce returns what the library says of requests, as a report has it.
func requestsAtOnce(report *anonymize.Report) (all []requestOutcome) {
	for i, q := range report.Requests {
		one := requestOutcome{Request: i + 1, Kind: q.Kind}
		for _, answer := range q.Answers {
			if one.Rows == nil {
				one.Rows = map[fate.Fate]int64{}
			}
			one.Rows[answer.Fate] += answer.Rows
		}
		all = append(all, one)
	}
	return all
}

// drawHolds writes two lists of holds on resources of a set: some machines and disks, those
// with a ResourceId of another one among them.
func drawHolds(t *testing.T, r *rand.Rand, set *csvschematest.Set, j *job, d *drawn) {
	t.Helper()
	keys := map[csvschema.Key]bool{} // of all rows
	byID := map[string]map[string]bool{}
	for _, f := range set.Files {
		file := csvschema.NewFile(csvschema.FileID{Role: f.Role}, f.Source(), csvschema.FileOptions{})
		require.NoError(t, csvschema.ForEachChunk(t.Context(), file, csvschema.Pass[int]{
			Work: (*csvschema.Chunk).Len,
			Emit: func(c *csvschema.Chunk, n int) error {
				for i := range n {
					rec := c.Record(i)
					keys[rec.Key()] = true
					id := strings.ToLower(string(rec.Value(csvschema.ResourceId)))
					if byID[id] == nil {
						byID[id] = map[string]bool{}
					}
					byID[id][rec.Key().ResourceUId()] = true
				}
				return nil
			},
		}))
	}
	shared := map[string]bool{} // ResourceUIds with a ResourceId that another one has
	for _, all := range byID {
		if len(all) > 1 {
			maps.Copy(shared, all)
		}
	}
	ids := map[[2]string]bool{}
	for key := range keys {
		if key.Hash() != (csvschema.KeyHash{}) { // else no hold can name it
			ids[[2]string{key.LabUId(), key.ResourceUId()}] = true
		}
	}
	lines := make([]string, 2)
	sharedHeld := 0
	for _, id := range slices.SortedFunc(maps.Keys(ids), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }) {
		if r.IntN(3) > 0 {
			continue
		}
		if shared[id[1]] {
			sharedHeld++
		}
		var until time.Time
		for range 1 + r.IntN(2) { // the longer one counts
			text := ""
			switch r.IntN(4) {
			case 0:
				until = set.Now.Add(time.Hour).UTC().Truncate(time.Second)
				text = until.Format(time.RFC3339)
			case 1:
				until = set.Now.Add(-time.Hour).UTC().Truncate(time.Second)
				text = until.Format(time.RFC3339)
			default:
				until = time.Time{}
			}
			lines[r.IntN(2)] += fmt.Sprintf("%s,{%s},claim %d,%s\n", strings.ToUpper(id[0]), id[1], len(d.holds), text)
			for key := range keys {
				if key.LabUId() == id[0] && key.ResourceUId() == id[1] {
					d.holds = append(d.holds, anonymize.Hold{Key: key, Until: until})
				}
			}
		}
	}
	require.NotEmpty(t, d.holds)
	assert.Positive(t, sharedHeld)
	for i, text := range lines {
		if text != "" {
			list := listFile(t, j, fmt.Sprintf("holds%d.csv", i), "LabUId,ResourceUId,reason,until\n"+text)
			j.Holds = append(j.Holds, list)
		}
	}
}

func TestAnonymizedLikeAllFilesAtOnce(t *testing.T) {
	units, parts := 0, int64(0)
	for seed := range seeds() {
		for _, with := range []string{"nothing", "holds", "requests", "holds and requests"} {
			t.Run(fmt.Sprintf("seed %d %s with %s", seed, layoutOf(seed), with), func(t *testing.T) {
				set := csvschematest.New(seed, options(seed))
				j := newTestJob(t, anonymizing, layouts[layoutOf(seed)](set))
				j.At = set.Now
				r := rand.New(rand.NewPCG(seed, 0))
				var d drawn
				if strings.Contains(with, "holds") {
					drawHolds(t, r, set, j, &d)
				}
				if strings.Contains(with, "requests") {
					drawRequests(t, r, set, j, &d)
				}
				want, total, planned := anonymizedAtOnce(t, j, d.add)
				got := mustRun(t, j)
				assert.Equal(t, want, treeAt(t, path.Join(j.Out, exportsFolder)))
				for name, n := range total.All() {
					assert.Equal(t, n, got.Counts[name], name)
				}
				for kind, n := range planned.Rows {
					code, _ := kind.MarshalText()
					assert.Equal(t, n, got.Counts["findings."+string(code)], kind)
				}
				assert.Equal(t, len(d.holds) > 0, got.Counts["held"] > 0)
				assert.Equal(t, requestsAtOnce(planned), got.Requests)
				parts += got.Counts["parts"]
				assert.Positive(t, got.Counts["changed"])
				assert.Equal(t, got.Counts["rows"], got.Counts["verified.rows"])
				assert.Len(t, want, got.Files)
				units += got.Units
				checkReceipts(t, j, got, len(want))
				assert.NoDirExists(t, path.Join(j.Out, unfinished))
			})
		}
	}
	assert.Greater(t, units, 8*int(seeds()), "labs are apart")
	assert.Positive(t, parts, "requests are carried out")
}

// checkReceipts checks that each unit has one, and that they are of so many files.
func checkReceipts(t *testing.T, j *job, got *report, files int) {
	t.Helper()
	receipts := treeAt(t, path.Join(j.Out, receiptsFolder))
	assert.Len(t, receipts, got.Units)
	key, err := j.key()
	require.NoError(t, err)
	outputs := 0
	for name, sealed := range receipts {
		r, err := receipt.Open([]byte(sealed), receipt.MACKey(key))
		require.NoError(t, err, name)
		outputs += len(r.Outputs)
		assert.Equal(t, receipt.Head([]byte(sealed)).String(), got.Receipts[name[:len(name)-len(".json")]])
	}
	assert.Equal(t, files, outputs)
}

func TestAnotherFileIsNotOverwritten(t *testing.T) {
	files := labs(t, 2)
	j := newTestJob(t, anonymizing, files)
	name := slices.Max(slices.Collect(maps.Keys(files))) // virtual machines, which are written first
	tree{exportsFolder + "/" + name: "of somebody else"}.write(t, j.Out)
	needsRunner(t)
	failed, err := j.run(t.Context(), "prism", &bytes.Buffer{})
	require.NoError(t, err)
	assert.True(t, failed)
	got, err := j.readReport(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, got.Failed)
	assert.Equal(t, 1, got.FilesOther)
	require.Len(t, got.Failures, 2)
	assert.Equal(t, errOther.Error(), got.Failures[0].Error)
	assert.Equal(t, "of somebody else", treeAt(t, j.Out)[exportsFolder+"/"+name])
	assert.Len(t, treeAt(t, path.Join(j.Out, receiptsFolder)), 1, "of the other lab alone")
}

func TestAReceiptOfAnotherInstantIsNotTakenForThatOfTheRun(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	units, _ := unitsOf(t, j)
	assert.Empty(t, worked(t, j, units[0]).Failures)
	before := treeAt(t, j.Out)
	j.At = j.At.Add(time.Second) // the files are the same
	done := worked(t, j, units[0])
	require.Len(t, done.Failures, 1)
	assert.Equal(t, errOther.Error(), done.Failures[0].Error)
	assert.Equal(t, before, treeAt(t, j.Out))
}
