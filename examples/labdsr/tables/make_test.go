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

// asked returns the policy with what a controller may have been asked for in a set: by its seed
// nothing, requests, holds, or both in a zone with two times a year.
func asked(t *testing.T, policy *anonymize.Policy, set *csvschematest.Set, seed uint64) *anonymize.Policy {
	t.Helper()
	p := *policy
	if seed%2 == 1 {
		p.DeleteStale = true
		for _, person := range set.People[:2] {
			for _, text := range person.Identifiers {
				identifier, err := identity.Parse(text)
				require.NoError(t, err)
				p.Requests = append(p.Requests, anonymize.Request{Kind: anonymize.Erase, Identifier: identifier, At: set.Now.AddDate(0, -1, 0), Existing: true})
			}
		}
	}
	if seed%4 >= 2 {
		for row := range set.Rows() {
			key := csvschema.MachineKey(row.Value(csvschema.LabUId), row.Value(csvschema.ResourceUId))
			if row.Role == csvschema.VirtualMachines && row.Number%5 == 0 && csvschema.Identifies(csvschema.ResourceUId, []byte(key.ResourceUId())) && csvschema.Identifies(csvschema.LabUId, []byte(key.LabUId())) {
				p.Holds = append(p.Holds, anonymize.Hold{Key: key, Reason: "a claim"})
			}
		}
	}
	if seed%4 == 3 {
		zone, err := time.LoadLocation("Europe/Berlin")
		require.NoError(t, err)
		p.Zone = zone
	}
	return &p
}

func TestMonthsAndKeysAreTheSameBeforeAndAfterAnonymizing(t *testing.T) {
	t.Parallel()
	seeds := uint64(20)
	if testing.Short() || isRace {
		seeds = 4
	}
	for seed := range seeds {
		set := csvschematest.New(seed, &csvschematest.Options{CRLF: seed%2 == 1, ShuffledColumns: seed%3 == 1})
		for name, policy := range policies(t) {
			t.Run(fmt.Sprintf("seed %d, %s", seed, name), func(t *testing.T) {
				t.Parallel()
				policy := asked(t, policy, set, seed)
				exports := dated(set.Exports(), set.Now, seed)
				before := makeTables(t, exports, tables.Options{At: set.Now, Zone: policy.Zone, WithOwners: true})
				exports = anonymized(t, policy, set.Now, exports)
				after := makeTables(t, exports, tables.Options{
					At: set.Now, Zone: policy.Zone, Due: dueBy(t, policy, set.Now, exports), Pseudonyms: policy.Replacement == identity.PseudonymReplacement,
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
