package dsr_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

const (
	alice   = "alice@example.com"
	bob     = "bob@contoso.com"
	aliceID = "0a11ce00-0000-4000-8000-000000000001"
	bobID   = "00000b0b-0000-4000-8000-000000000002"
	oneLab  = "1ab00000-0000-4000-8000-000000000003"
	twoLab  = "1ab00000-0000-4000-8000-000000000004"
)

func subject(t testing.TB, texts ...string) dsr.Subject {
	t.Helper()
	s, err := dsr.ParseSubject(texts...)
	require.NoError(t, err)
	return s
}

// machine is a row of virtual machines. An empty lab means oneLab, "-" means none.
type machine struct {
	lab, id, compute, uid, owner, env, created, deleted, name string
}

// disk is a row of disks.
type disk struct {
	lab, id, uid, lease, created, deleted string
}

// export is an export with one file of each role, and without a disks file if it has
// no disks.
type export struct {
	machines []machine
	disks    []disk
}

func labOf(lab string) string {
	switch lab {
	case "":
		return oneLab
	case "-":
		return ""
	}
	return lab
}

func csvText(t testing.TB, rows [][]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	require.NoError(t, w.WriteAll(rows))
	return buf.Bytes()
}

func machinesText(t testing.TB, machines []machine) []byte {
	t.Helper()
	rows := [][]string{{"LabUId", "ResourceId", "ComputeResourceId", "ResourceUId", "ResourceOwner", "EnvironmentId", "CreatedTime", "DeletedDate", "Name"}}
	for _, m := range machines {
		rows = append(rows, []string{labOf(m.lab), m.id, m.compute, m.uid, m.owner, m.env, m.created, m.deleted, m.name})
	}
	return csvText(t, rows)
}

func disksText(t testing.TB, disks []disk) []byte {
	t.Helper()
	rows := [][]string{{"LabUId", "ResourceId", "ResourceUId", "LeasedByVmId", "CreatedTime", "DeletedDate"}}
	for _, d := range disks {
		rows = append(rows, []string{labOf(d.lab), d.id, d.uid, d.lease, d.created, d.deleted})
	}
	return csvText(t, rows)
}

func source(data []byte) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func sources(texts ...string) []csvschema.Source {
	var all []csvschema.Source
	for _, text := range texts {
		all = append(all, source([]byte(text)))
	}
	return all
}

func build(t testing.TB, exports ...export) []csvschema.Export {
	t.Helper()
	var built []csvschema.Export
	for _, e := range exports {
		b := csvschema.Export{VirtualMachines: []csvschema.Source{source(machinesText(t, e.machines))}}
		if len(e.disks) > 0 {
			b.Disks = []csvschema.Source{source(disksText(t, e.disks))}
		}
		built = append(built, b)
	}
	return built
}

func ignore(dsr.Match) error { return nil }

// verdicts runs a request and says in words what the row at a place is for each
// subject.
func verdicts(t *testing.T, exports []csvschema.Export, at place, subjects ...dsr.Subject) []string {
	t.Helper()
	answers, _ := run(t, exports, subjects, nil)
	var words []string
	for _, a := range answers {
		var all []string
		if rule, ok := a.theirs[at]; ok {
			all = append(all, rule.String())
		}
		for name, places := range map[string][]place{
			"undetermined": a.undetermined, "dangling": a.dangling, "near": a.near, "alias": a.aliases,
		} {
			for _, p := range places {
				if p == at {
					all = append(all, name)
				}
			}
		}
		if len(all) == 0 {
			all = []string{"not theirs"}
		}
		words = append(words, strings.Join(all, "+"))
	}
	return words
}

var errTest = errors.New("some failure")

// errStop ends a search early.
var errStop = errors.New("stopped")

// matches returns what Filter emits as a sequence. An error is yielded last.
func matches(ctx context.Context, exports []csvschema.Export, subjects []dsr.Subject, o *dsr.Options) iter.Seq2[dsr.Match, error] {
	return func(yield func(dsr.Match, error) bool) {
		_, err := dsr.Filter(ctx, exports, subjects, func(m dsr.Match) error {
			if !yield(m, nil) {
				return errStop
			}
			return nil
		}, o)
		if err != nil && !errors.Is(err, errStop) {
			yield(dsr.Match{}, err)
		}
	}
}

// place identifies a row.
type place struct {
	role              csvschema.Role
	export, file, row int
}

func placeOf(r *csvschematest.Row) place { return place{r.Role, r.Export, r.File, r.Number} }

func compare(a, b place) int {
	return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.export, b.export), cmp.Compare(a.file, b.file), cmp.Compare(a.row, b.row))
}

// answer is what a request says about one subject, in a form that can be compared.
type answer struct {
	theirs       map[place]dsr.Rule
	undetermined []place
	dangling     []place
	near         []place
	aliases      []place
	third        int64
}

func newAnswer() answer { return answer{theirs: map[place]dsr.Rule{}} }

func (a *answer) sort() {
	for _, places := range [][]place{a.undetermined, a.dangling, a.near, a.aliases} {
		slices.SortFunc(places, compare)
	}
}

func subjectsOf(t *testing.T, people []csvschematest.Person) []dsr.Subject {
	t.Helper()
	var subjects []dsr.Subject
	for _, p := range people {
		s, err := dsr.ParseSubject(p.Identifiers...)
		require.NoError(t, err)
		subjects = append(subjects, s)
	}
	return subjects
}

// run filters, checks what is true in every run, and returns the answer for each
// subject.
func run(t *testing.T, exports []csvschema.Export, subjects []dsr.Subject, o *dsr.Options) ([]answer, *dsr.Report) {
	t.Helper()
	answers := make([]answer, len(subjects))
	for i := range answers {
		answers[i] = newAnswer()
	}
	var last place
	lastSubject := 0
	report, err := dsr.Filter(t.Context(), exports, subjects, func(m dsr.Match) error {
		at := place{m.Key.Role(), m.Export, m.File, int(m.Row)}
		order := cmp.Or(compare(last, at), cmp.Compare(lastSubject, m.Subject))
		assert.True(t, last == place{} || order < 0, "matches come in order, each once")
		last, lastSubject = at, m.Subject
		assert.Equal(t, m.Record.Key(), m.Key)
		answers[m.Subject].theirs[at] = m.Rule
		return nil
	}, o)
	require.NoError(t, err)
	for _, f := range report.Findings {
		at := place{f.Role, f.Export, f.File, int(f.Row)}
		switch f.Kind {
		case dsr.Undetermined:
			answers[f.Subject].undetermined = append(answers[f.Subject].undetermined, at)
		case dsr.NearMatch:
			answers[f.Subject].near = append(answers[f.Subject].near, at)
		case dsr.AliasCandidate:
			answers[f.Subject].aliases = append(answers[f.Subject].aliases, at)
		case dsr.Dangling:
			assert.Equal(t, dsr.NoSubject, f.Subject)
			handedOut := 0
			for i := range answers {
				if _, theirs := answers[i].theirs[at]; theirs {
					handedOut++
				} else if !slices.Contains(answers[i].near, at) { // the path nearly names them
					answers[i].dangling = append(answers[i].dangling, at)
				}
			}
			assert.Less(t, handedOut, len(subjects), "a disk that every subject got does not dangle")
		}
	}
	for i := range answers {
		answers[i].sort()
		answers[i].third = report.Subjects[i].Disks.ThirdParties
		checkCounts(t, answers[i], report.Subjects[i], report.Scope)
	}
	return answers, report
}

// checkCounts checks that the report of a subject counts what was emitted and listed,
// and that its counts add up to the rows that were read.
func checkCounts(t *testing.T, a answer, s dsr.SubjectReport, scope dsr.Scope) {
	t.Helper()
	type key struct {
		role csvschema.Role
		rule dsr.Rule
	}
	handedOut := map[key]int64{}
	for at, rule := range a.theirs {
		handedOut[key{at.role, rule}]++
	}
	count := func(places []place, role csvschema.Role) (n int64) {
		for _, p := range places {
			if p.role == role {
				n++
			}
		}
		return n
	}
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		c := s.Role(role)
		var theirs int64
		for rule := dsr.RuleOwner; rule <= dsr.RuleResource; rule++ {
			assert.Equal(t, handedOut[key{role, rule}], c.ByRule(rule), "%v %v", role, rule)
			theirs += c.ByRule(rule)
		}
		assert.Equal(t, theirs, c.Theirs())
		assert.Equal(t, count(a.undetermined, role), c.Undetermined, role)
		assert.Equal(t, count(a.dangling, role), c.Dangling, role)
		assert.Equal(t, count(a.near, role), c.Near, role)
		assert.Equal(t, count(a.aliases, role), c.Aliases, role)
		assert.GreaterOrEqual(t, c.NotTheirs, int64(0))
		assert.Equal(t, c.Rows, c.Theirs()+c.Undetermined+c.Dangling+c.NotTheirs, "counts add up to the rows that were read")
	}
	assert.Equal(t, scope.VirtualMachines, s.VirtualMachines.Rows)
	assert.Equal(t, scope.Disks, s.Disks.Rows)
}

// variants are ways to write the same rows.
var variants = []csvschematest.Options{
	{},
	{Dialect: csvschematest.Plain, CRLF: true, ByteOrderMark: true, EmptyLines: true},
	{ShuffledColumns: true, ExtraColumns: true, NoFinalLineEnd: true},
	{UnreadableDates: true, Ordinary: 300},
}

// forEachSet calls test with sets of several seeds in all variants.
func forEachSet(t *testing.T, test func(t *testing.T, set *csvschematest.Set)) {
	t.Helper()
	for seed := range uint64(seeds) {
		for i, o := range variants {
			t.Run(fmt.Sprintf("seed %d, variant %d", seed, i), func(t *testing.T) {
				t.Parallel()
				test(t, csvschematest.New(seed, &o))
			})
		}
	}
}

// records returns the records of a text and its header, by the reader itself.
func records(t *testing.T, text []byte, role csvschema.Role) (raw []string, owners []string) {
	t.Helper()
	rr := csvschema.NewRecordReader(bytes.NewReader(text), role, &csvschema.RecordOptions{Required: []csvschema.Column{}})
	for {
		record, err := rr.Read()
		if err == io.EOF {
			return raw, owners
		}
		require.NoError(t, err)
		raw = append(raw, string(record.Raw()))
		owners = append(owners, identity.Normal(string(record.Value(csvschema.ResourceOwner))))
	}
}

func utf16LE(text string) []byte {
	var out []byte
	for _, r := range text {
		out = binary.LittleEndian.AppendUint16(out, uint16(r))
	}
	return out
}

// rowExports makes one export of rows. With nil disks it has no disks file.
func rowExports(machines []csvschema.VirtualMachineRow, disks []csvschema.DiskRow) []csvschema.Export {
	e := csvschema.Export{VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows(machines))}}
	if disks != nil {
		e.Disks = []csvschema.Source{csvschema.RowSource(csvschema.Rows(disks))}
	}
	return []csvschema.Export{e}
}

func date(t *testing.T, text string) csvschema.DateTime {
	t.Helper()
	d, err := csvschema.ParseDateTime(text)
	require.NoError(t, err)
	return d
}
