package tables_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// A row has the values of a row of a table as texts, by column; one that is null is not there.
type row map[string]string

// made is what Make made.
type made struct {
	*tables.Report
	rows map[tables.Table][]row
}

func (m *made) column(t tables.Table, name string) []string {
	var all []string
	for _, r := range m.rows[t] {
		all = append(all, r[name])
	}
	return all
}

func makeTables(t *testing.T, exports []csvschema.Export, o tables.Options) *made {
	t.Helper()
	m, err := tryMake(t, exports, o)
	require.NoError(t, err)
	return m
}

func tryMake(t *testing.T, exports []csvschema.Export, o tables.Options) (m *made, err error) {
	t.Helper()
	m = &made{rows: map[tables.Table][]row{}}
	m.Report, err = tables.Make(t.Context(), exports, o, func(_ context.Context, table tables.Table, batch arrow.RecordBatch) error {
		s := tables.Schema(table, arrow.Metadata{})
		if !assert.True(t, s.Equal(batch.Schema())) {
			return nil
		}
		for i := range int(batch.NumRows()) {
			r := row{}
			for j, f := range s.Fields() {
				switch column := batch.Column(j).(type) {
				case *array.Timestamp:
					if column.IsValid(i) {
						r[f.Name] = column.Value(i).ToTime(arrow.Microsecond).Format(time.RFC3339Nano)
					}
				default:
					if column.IsValid(i) {
						r[f.Name] = strings.Clone(column.ValueStr(i)) // the batch is not valid for long
					}
				}
				if _, ok := r[f.Name]; !ok {
					assert.True(t, f.Nullable, f.Name)
				}
			}
			m.rows[table] = append(m.rows[table], r)
		}
		return nil
	})
	return m, err
}

// anonymized returns exports as a policy leaves them.
func anonymized(t *testing.T, policy *anonymize.Policy, at time.Time, exports []csvschema.Export) []csvschema.Export {
	t.Helper()
	plan, err := policy.Plan(t.Context(), at, exports)
	require.NoError(t, err)
	after := make([]csvschema.Export, len(exports))
	for i := range exports {
		after[i].Made = exports[i].Made
	}
	for _, f := range plan.Report().Files {
		var text bytes.Buffer
		_, err := plan.Apply(t.Context(), f.FileID, &text)
		require.NoError(t, err)
		e := &after[f.Export-1]
		if f.Role == csvschema.Disks {
			e.Disks = append(e.Disks, source.FromBytes(text.Bytes()))
		} else {
			e.VirtualMachines = append(e.VirtualMachines, source.FromBytes(text.Bytes()))
		}
	}
	return after
}

// dueBy returns Options.Due by a plan over exports.
func dueBy(t *testing.T, policy *anonymize.Policy, at time.Time, exports []csvschema.Export) func(csvschema.Key) bool {
	t.Helper()
	plan, err := policy.Plan(t.Context(), at, exports)
	require.NoError(t, err)
	return func(key csvschema.Key) bool { return plan.Keeping(key).Fate == fate.GoesNow }
}

// dated gives exports their dates, of which some are equal and some unknown.
func dated(exports []csvschema.Export, now time.Time, seed uint64) []csvschema.Export {
	exports = slices.Clone(exports)
	for i := range exports {
		switch (uint64(i) + seed) % 4 {
		case 0:
			exports[i].Made = time.Time{}
		case 1, 2:
			exports[i].Made = now.Add(-20 * 24 * time.Hour)
		default:
			exports[i].Made = now.Add(-time.Duration(i) * 24 * time.Hour)
		}
	}
	return exports
}

func policies(t *testing.T) map[string]*anonymize.Policy {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte{7}, identity.MinSecretKeyBytes))
	require.NoError(t, err)
	all := map[string]*anonymize.Policy{}
	for kind := identity.ConstantReplacement; kind <= identity.PseudonymReplacement; kind++ {
		for _, names := range []bool{false, true} {
			all[fmt.Sprintf("%v, names %v", kind, names)] = &anonymize.Policy{Replacement: kind, Key: key, Names: names}
		}
	}
	return all
}

func TestMonthsAndKeysAreTheSameBeforeAndAfterAnonymizing(t *testing.T) {
	t.Parallel()
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		set := csvschematest.New(seed, &csvschematest.Options{CRLF: seed%2 == 1, ShuffledColumns: seed%3 == 1})
		for name, policy := range policies(t) {
			t.Run(fmt.Sprintf("seed %d, %s", seed, name), func(t *testing.T) {
				t.Parallel()
				exports := dated(set.Exports(), set.Now, seed)
				before := makeTables(t, exports, tables.Options{At: set.Now, WithOwners: true})
				exports = anonymized(t, policy, set.Now, exports)
				after := makeTables(t, exports, tables.Options{
					At: set.Now, Due: dueBy(t, policy, set.Now, exports), Pseudonyms: policy.Replacement == identity.PseudonymReplacement,
				})
				assert.NotEmpty(t, before.rows[tables.Months])
				assert.Equal(t, before.rows[tables.Months], after.rows[tables.Months])
				assert.Equal(t, before.column(tables.Machines, tables.ResourceKey), after.column(tables.Machines, tables.ResourceKey))
				if !policy.Names { // the names of a disk are a part of its key
					assert.Equal(t, before.column(tables.Disks, tables.ResourceKey), after.column(tables.Disks, tables.ResourceKey))
				}
				assert.Zero(t, before.Machines.Hidden+before.Disks.Hidden)
				assert.Positive(t, after.Machines.Hidden)
			})
		}
	}
}

const (
	lab      = "36f675cc-81e7-4ef5-a8e2-5d940ed90475"
	resource = "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9"
)

// machines returns an export of machines with these cells. What they do not say is that of one
// machine.
func machines(t *testing.T, made time.Time, all ...map[csvschema.Column]string) csvschema.Export {
	t.Helper()
	var rows []csvschema.VirtualMachineRow
	for _, cells := range all {
		var r csvschema.VirtualMachineRow
		set := csvschema.CellsOf(&r)
		for c, text := range map[csvschema.Column]string{
			csvschema.SubscriptionId: "9531985d-5d9d-49f8-9818-e811892f902b", csvschema.LabUId: lab, csvschema.ResourceUId: resource,
			csvschema.Name: "build-01", csvschema.PricingTier: "Standard_D2s_v3", csvschema.ResourceStatus: "Active", csvschema.CreatedTime: "1/12/2026 10:02:31 AM",
		} {
			require.NoError(t, set.SetCell(c, text))
		}
		for c, text := range cells {
			require.NoError(t, set.SetCell(c, text))
		}
		rows = append(rows, r)
	}
	return csvschema.Export{VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows(rows))}, Made: made}
}

// inUTF16 returns exports whose files are UTF-16.
func inUTF16(t *testing.T, set *csvschematest.Set, exports []csvschema.Export) []csvschema.Export {
	t.Helper()
	all := make([]csvschema.Export, len(exports))
	for i := range exports {
		all[i].Made = exports[i].Made
	}
	for _, f := range set.Files {
		text := []byte{0xff, 0xfe}
		for _, unit := range utf16.Encode([]rune(strings.TrimPrefix(string(f.Data), "\ufeff"))) {
			text = append(text, byte(unit), byte(unit>>8))
		}
		e := &all[f.Export-1]
		if f.Role == csvschema.Disks {
			e.Disks = append(e.Disks, source.FromBytes(text))
		} else {
			e.VirtualMachines = append(e.VirtualMachines, source.FromBytes(text))
		}
	}
	return all
}

type cells = map[csvschema.Column]string

func TestContradictionsOfCopiesAreTold(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, time.May, n, 0, 0, 0, 0, time.UTC) }
	deleted := func(at string) cells { return cells{csvschema.DeletedDate: at, csvschema.ResourceStatus: "Inactive"} }
	for _, test := range []struct {
		name    string
		exports []csvschema.Export
		taken   int // number of the export
		want    []tables.ContradictionKind
	}{
		{"the same in both", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), cells{})}, 2, nil},
		{"deleted since", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), deleted("2026-05-01"))}, 2, nil},
		{"deleted since, and given first", []csvschema.Export{machines(t, day(2), deleted("2026-05-01")), machines(t, day(1), cells{})}, 1, nil},
		{"exists again", []csvschema.Export{machines(t, day(1), deleted("2026-05-01")), machines(t, day(2), cells{})}, 2, []tables.ContradictionKind{tables.ExistsAgain}},
		{"deleted twice", []csvschema.Export{machines(t, day(2), deleted("2026-05-01")), machines(t, day(1), deleted("2026-05-02"))}, 1, []tables.ContradictionKind{tables.DifferentDates}},
		{"created twice", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), cells{csvschema.CreatedTime: "2026-01-01"})}, 2, []tables.ContradictionKind{tables.DifferentCreation}},
		{"one instant in two spellings", []csvschema.Export{machines(t, day(1), cells{}), machines(t, day(2), cells{csvschema.CreatedTime: "2026-01-12T10:02:31Z"})}, 2, nil},
		{"two ResourceIds", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/a"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/b"})}, 2, []tables.ContradictionKind{tables.DifferentIDs}},
		{"one ResourceId in two spellings", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/a"}), machines(t, day(2), cells{csvschema.ResourceId: "/Subscriptions/S/A/"})}, 2, nil},
		{"one that was anonymized", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/ann@contoso.com"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/removed@anonymized.invalid"})}, 2, nil},
		{"one whose name was replaced", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/ann1"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/t-0123456789abcdef0123456789abcdef"})}, 2, nil},
		{"of two people", []csvschema.Export{machines(t, day(1), cells{csvschema.ResourceId: "/subscriptions/s/ann@contoso.com"}), machines(t, day(2), cells{csvschema.ResourceId: "/subscriptions/s/bob@contoso.com"})}, 2, nil},
		{"no date tells", []csvschema.Export{machines(t, time.Time{}, cells{csvschema.PricingTier: "a"}), machines(t, day(2), cells{})}, 2, []tables.ContradictionKind{tables.DifferentCopies}},
		{"no date tells, but the deletion", []csvschema.Export{machines(t, day(1), deleted("2026-04-01")), machines(t, day(1), cells{})}, 1, []tables.ContradictionKind{tables.DifferentCopies}},
		{"in one file", []csvschema.Export{machines(t, day(1), cells{csvschema.PricingTier: "a"}, cells{})}, 1, []tables.ContradictionKind{tables.DifferentCopies}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := makeTables(t, test.exports, tables.Options{At: day(10), WithOwners: true})
			require.Len(t, m.rows[tables.Machines], 1)
			assert.EqualValues(t, 1, m.Machines.Copies())
			var kinds []tables.ContradictionKind
			for _, c := range m.Contradictions {
				kinds = append(kinds, c.Kind)
				assert.Equal(t, csvschema.MachineKey(lab, resource), c.Key)
				assert.Equal(t, test.taken, c.Taken.Export)
				assert.NotEqual(t, c.Taken, c.Other)
				assert.Positive(t, c.Taken.Line)
				assert.EqualValues(t, 1, m.Found[c.Kind])
			}
			assert.Equal(t, test.want, kinds)
			if made := test.exports[test.taken-1].Made; !made.IsZero() {
				assert.Equal(t, made.Format(time.RFC3339), m.rows[tables.Machines][0][tables.ExportedAt])
			}
		})
	}
}

// TestACopyWithoutADateIsHeldAgainstTheNewest has three copies: no date tells the first from the
// third, which is newer than the second.
func TestACopyWithoutADateIsHeldAgainstTheNewest(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, time.May, n, 0, 0, 0, 0, time.UTC) }
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		all := []csvschema.Export{
			machines(t, time.Time{}, cells{csvschema.DeletedDate: "2026-04-01", csvschema.PricingTier: "undated"}),
			machines(t, day(1), cells{csvschema.DeletedDate: "2026-05-01"}),
			machines(t, day(2), cells{}),
		}
		m := makeTables(t, []csvschema.Export{all[order[0]], all[order[1]], all[order[2]]}, tables.Options{At: day(10)})
		assert.Equal(t, []string{"undated"}, m.column(tables.Machines, "PricingTier"), order)
	}
}

func TestContradictionsAreBoundedAndCounted(t *testing.T) {
	t.Parallel()
	exports := []csvschema.Export{machines(t, time.Time{}, cells{csvschema.PricingTier: "a"}, cells{csvschema.PricingTier: "b"}, cells{csvschema.PricingTier: "c"})}
	m := makeTables(t, exports, tables.Options{At: time.Now(), MaxContradictions: 1})
	assert.Len(t, m.Contradictions, 1)
	assert.EqualValues(t, 2, m.Found[tables.DifferentCopies])
}

// TestRowsOfNoResourceStay has rows whose IDs identify nothing. An export more does not change
// their keys.
func TestRowsOfNoResourceStay(t *testing.T) {
	t.Parallel()
	none := cells{csvschema.ResourceUId: "NULL"}
	other := cells{csvschema.LabUId: "", csvschema.CreatedTime: "2026-01-01"}
	later := time.Date(2026, time.May, 2, 0, 0, 0, 0, time.UTC)
	exports := []csvschema.Export{machines(t, later, none, other, none), machines(t, later.AddDate(0, 0, -1), none)}
	o := tables.Options{At: later}
	m := makeTables(t, exports, o)
	assert.EqualValues(t, 4, m.Machines.NoResource)
	assert.EqualValues(t, 4, m.Machines.Rows)
	keys := m.column(tables.Machines, tables.ResourceKey)
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(keys))), 4)
	more := makeTables(t, slices.Concat([]csvschema.Export{machines(t, later.AddDate(0, 1, 0), none, other)}, exports), o)
	assert.Equal(t, keys, more.column(tables.Machines, tables.ResourceKey)[:4])
	assert.EqualValues(t, 6, more.Machines.NoResource)
}

func TestKeysAreDigestsUnderThePublishedKey(t *testing.T) {
	t.Parallel()
	secret, err := identity.NewSecretKey([]byte("labdsr tables: a published key, of ResourceKey"))
	require.NoError(t, err)
	m := makeTables(t, []csvschema.Export{machines(t, time.Time{}, cells{csvschema.LabUId: "{" + strings.ToUpper(lab) + "}"})}, tables.Options{At: time.Now()})
	assert.Equal(t, csvschema.MachineKey(lab, resource).Digest(secret).String()[:32], m.rows[tables.Machines][0][tables.ResourceKey])
	assert.Equal(t, lab, m.rows[tables.Machines][0]["LabUId"])
}

const (
	machineHeader = "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,ResourceOwner,PricingTier,ResourceStatus,ComputeResourceId,Claimable,EnvironmentId,ExpirationDate,GalleryImageReferenceVersion,GalleryImageReferenceOffer,GalleryImageReferencePublisher,GalleryImageReferenceSku,GalleryImageReferenceOsType,CustomImageId"
	diskHeader    = "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,ResourceStatus,DiskBlobName,DiskSizeGB,DiskType,LeasedByVmId"
)

func TestWhatCannotBeReadIsAnErrorWithItsPlace(t *testing.T) {
	t.Parallel()
	const canary = "carol.canary@contoso.com"
	machine := func(at int, cell string) []byte {
		cells := make([]string, 23)
		cells[at] = cell
		return []byte(machineHeader + "\n" + strings.Repeat(",", 22) + "\n" + strings.Join(cells, ",") + "\n")
	}
	for _, test := range []struct {
		name     string
		machines []byte
		disks    []byte
		want     csvschema.Error
		keep     bool // KeepUnreadableDates reads it
	}{
		{name: "created", machines: machine(8, canary), want: csvschema.Error{Line: 3, Column: csvschema.CreatedTime, Err: csvschema.ErrValue}, keep: true},
		{name: "deleted", machines: machine(9, canary), want: csvschema.Error{Line: 3, Column: csvschema.DeletedDate, Err: csvschema.ErrValue}, keep: true},
		{name: "expires", machines: machine(16, canary), want: csvschema.Error{Line: 3, Column: csvschema.ExpirationDate, Err: csvschema.ErrValue}, keep: true},
		{name: "claimable", machines: machine(14, canary), want: csvschema.Error{Line: 3, Column: csvschema.Claimable, Err: csvschema.ErrValue}},
		{name: "size", disks: []byte(diskHeader + "\n" + strings.Repeat(",", 12) + canary + ",,\n"), want: csvschema.Error{Line: 2, Column: csvschema.DiskSizeGB, Err: csvschema.ErrValue}},
		{name: "large size", disks: []byte(diskHeader + "\n" + strings.Repeat(",", 12) + "9223372036854775808,,\n"), want: csvschema.Error{Line: 2, Column: csvschema.DiskSizeGB, Err: csvschema.ErrValue}},
		{name: "unknown column", machines: []byte(machineHeader + "," + canary + "\n"), want: csvschema.Error{Line: 1, Number: 24, Err: csvschema.ErrUnknownColumn}},
		{name: "missing column", machines: []byte("LabUId,ResourceUId\n" + canary + ",\n"), want: csvschema.Error{Line: 1, Column: csvschema.SubscriptionId, Err: csvschema.ErrMissingColumn}},
		{name: "fields", machines: []byte(machineHeader + "\n" + canary + "\n"), want: csvschema.Error{Line: 2, Err: csvschema.ErrFieldCount}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var e csvschema.Export
			test.want.FileID = csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}
			if test.machines != nil {
				e.VirtualMachines = []csvschema.Source{source.FromBytes(test.machines)}
			} else {
				test.want.Role = csvschema.Disks
				e.Disks = []csvschema.Source{source.FromBytes(test.disks)}
			}
			_, err := tryMake(t, []csvschema.Export{e}, tables.Options{At: time.Now()})
			csvschematest.AssertNoLeak(t, err, canary)
			var got *csvschema.Error
			require.ErrorAs(t, err, &got)
			got.Hint = ""
			assert.Equal(t, test.want, *got)
			m, err := tryMake(t, []csvschema.Export{e}, tables.Options{At: time.Now(), KeepUnreadableDates: true})
			if !test.keep {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.EqualValues(t, 1, m.Machines.Unreadable)
			assert.EqualValues(t, 2, m.Machines.Rows)
		})
	}
}

func TestValuesHaveTheirTypes(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	exports := []csvschema.Export{machines(t, time.Time{}, cells{
		csvschema.CreatedTime: "1/3/2017 11:17:09 PM", csvschema.DeletedDate: "2017-07-03T23:17:09.1234567Z", csvschema.ExpirationDate: "01/01/0001 00:00:00",
		csvschema.Claimable: "FALSE", csvschema.LabName: " ", csvschema.CustomImageId: "",
	})}
	m := makeTables(t, exports, tables.Options{At: time.Now(), Zone: zone, WithOwners: true})
	r := m.rows[tables.Machines][0]
	assert.Equal(t, "2017-01-03T22:17:09Z", r["CreatedTime"])
	assert.Equal(t, "2017-07-03T23:17:09.123456Z", r["DeletedDate"])
	assert.EqualValues(t, 1, m.Machines.Cut)
	assert.Equal(t, "false", r["Claimable"])
	assert.Equal(t, " ", r["LabName"])
	for _, null := range []string{"ExpirationDate", "CustomImageId", "ResourceOwner", tables.ExportedAt} {
		assert.NotContains(t, r, null)
	}
}

func TestAnErrorOfAWriterEndsTheTables(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, table := range tables.All {
		set := csvschematest.New(1, nil)
		_, err := tables.Make(t.Context(), set.Exports(), tables.Options{At: set.Now}, func(_ context.Context, one tables.Table, _ arrow.RecordBatch) error {
			if one == table {
				return full
			}
			return nil
		})
		require.ErrorIs(t, err, full, table)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tables.Make(ctx, csvschematest.New(1, nil).Exports(), tables.Options{At: time.Now()}, nil)
	require.ErrorIs(t, err, context.Canceled)
	_, err = tables.Make(t.Context(), csvschematest.New(1, nil).Exports(), tables.Options{}, nil)
	require.Error(t, err, "no instant")
}
