package anonymize_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// dialects are all ways in which the generator writes its exports.
var dialects = []struct {
	name string
	o    csvschematest.Options
}{
	{"real", csvschematest.Options{}},
	{"plain", csvschematest.Options{Dialect: csvschematest.Plain}},
	{"real with CR LF, mark and empty lines", csvschematest.Options{CRLF: true, ByteOrderMark: true, EmptyLines: true}},
	{"plain, shuffled, unknown columns, no final line end", csvschematest.Options{
		Dialect: csvschematest.Plain, ShuffledColumns: true, ExtraColumns: true, NoFinalLineEnd: true,
	}},
	{"real, shuffled, unknown columns", csvschematest.Options{ShuffledColumns: true, ExtraColumns: true}},
}

// eachSet runs the test on exports of several seeds in all dialects.
func eachSet(t *testing.T, test func(*testing.T, *csvschematest.Set)) {
	t.Helper()
	for _, d := range dialects {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%s/%d", d.name, seed), func(t *testing.T) {
				t.Parallel()
				test(t, csvschematest.New(seed, &d.o))
			})
		}
	}
}

// copyOf anonymizes a file.
func copyOf(t *testing.T, p *anonymize.Policy, now time.Time, role csvschema.Role, file []byte) ([]byte, anonymize.Stats) {
	t.Helper()
	var out bytes.Buffer
	stats, err := p.Copy(t.Context(), now, role, &out, bytes.NewReader(file))
	require.NoError(t, err)
	return out.Bytes(), stats
}

// requireSameLines shows the first line that differs, not two files.
func requireSameLines(t *testing.T, want, got []byte) {
	t.Helper()
	wantLines, gotLines := bytes.SplitAfter(want, []byte{'\n'}), bytes.SplitAfter(got, []byte{'\n'})
	for i := range min(len(wantLines), len(gotLines)) {
		require.Equal(t, string(wantLines[i]), string(gotLines[i]), "line %d", i+1)
	}
	require.Len(t, gotLines, len(wantLines))
}

// TestErasureChangesTheIdentifiersOfDueRowsAndNothingElse compares every file
// with what the generator says that it must become, byte by byte.
func TestErasureChangesTheIdentifiersOfDueRowsAndNothingElse(t *testing.T) {
	t.Parallel()
	eachSet(t, func(t *testing.T, set *csvschematest.Set) {
		changed := int64(0)
		for _, f := range set.Files {
			got, stats := copyOf(t, nil, set.Now, f.Role, f.Data)
			requireSameLines(t, f.Anonymized(set.Now, set.Retention), got)
			due, next := int64(0), time.Time{}
			for _, r := range f.Rows {
				if at := r.Deleted.Add(set.Retention); r.Due(set.Now, set.Retention) {
					due++
				} else if !r.Deleted.IsZero() && (next.IsZero() || at.Before(next)) {
					next = at
				}
			}
			assert.Equal(t, due, stats.Due)
			assert.True(t, next.Equal(stats.NextDue), "%v, not %v", stats.NextDue, next)
			assert.Equal(t, int64(len(f.Rows)), stats.Rows)
			assert.Equal(t, stats.Rows, stats.Due+stats.NotYetDue+stats.NotDeleted+stats.Unreadable)
			changed += stats.Changed
		}
		assert.Positive(t, changed)
	})
}

func TestErasureTwiceIsErasureOnce(t *testing.T) {
	t.Parallel()
	eachSet(t, func(t *testing.T, set *csvschematest.Set) {
		for _, f := range set.Files {
			csvschematest.AssertIdempotent(t, func(in []byte) ([]byte, error) {
				out, stats := copyOf(t, nil, set.Now, f.Role, in)
				if !bytes.Equal(in, f.Data) {
					assert.Zero(t, stats.Changed)
				}
				return out, nil
			}, f.Data)
		}
	})
}

// TestLaterInstantOnlyAddsRows anonymizes at instants a day apart: what is gone
// stays gone, and to go on from an earlier result makes no difference.
func TestLaterInstantOnlyAddsRows(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(5, nil)
	for _, f := range set.Files {
		before, due := f.Data, int64(0)
		for day := -40; day <= 40; day += 4 {
			now := set.Now.AddDate(0, 0, day)
			direct, stats := copyOf(t, nil, now, f.Role, f.Data)
			onward, _ := copyOf(t, nil, now, f.Role, before)
			requireSameLines(t, direct, onward)
			require.GreaterOrEqual(t, stats.Due, due)
			before, due = onward, stats.Due
		}
		assert.Positive(t, due)
	}
}

// vm returns a virtual machines file with one row per owner, deleted on the given
// date, every field quoted; set changes cells.
func vm(deleted, owner string, set map[csvschema.Column]string) string {
	return export(csvschema.VirtualMachines, map[csvschema.Column]string{
		csvschema.SubscriptionId: "45d48c25-cbb7-4bd2-a7f5-5faacad04520",
		csvschema.LabUId:         "86545712-aadf-4172-bba2-5c738050417e",
		csvschema.ResourceId:     "/subscriptions/45d48c25-cbb7-4bd2-a7f5-5faacad04520/resourcegroups/rg/providers/microsoft.devtestlab/labs/lab/virtualmachines/box",
		csvschema.ResourceUId:    "0dd2f8ae-8267-47c5-8cda-484792e203ee",
		csvschema.Name:           "box",
		csvschema.CreatedTime:    "1/3/2017 11:17:09 PM",
		csvschema.DeletedDate:    deleted,
		csvschema.ResourceOwner:  owner,
		csvschema.Claimable:      "False",
	}, set)
}

func export(role csvschema.Role, cells, set map[csvschema.Column]string) string {
	var names, row []string
	for _, c := range role.Columns() {
		cell, ok := set[c]
		if !ok {
			cell = cells[c]
		}
		names = append(names, c.String())
		row = append(row, `"`+strings.ReplaceAll(cell, `"`, `""`)+`"`)
	}
	return strings.Join(names, ",") + "\n" + strings.Join(row, ",") + "\n"
}

// cellOf returns the cell of the only row of a file.
func cellOf(t *testing.T, role csvschema.Role, file []byte, c csvschema.Column) string {
	t.Helper()
	rec, err := csvschema.NewRecordReader(bytes.NewReader(file), role, &csvschema.RecordOptions{Required: []csvschema.Column{c}}).Read()
	require.NoError(t, err)
	return string(rec.Value(c))
}

func TestRowIsDueExactlyAfterTheRetention(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, test := range []struct {
		name    string
		policy  *anonymize.Policy
		deleted string
		dueAt   time.Time
	}{
		{"thirty days of 24 hours", nil, "2/4/2017 9:02:11 AM", time.Date(2017, 3, 6, 9, 2, 11, 0, time.UTC)},
		{"across the end of February of a leap year", nil, "2/4/2020", time.Date(2020, 3, 5, 0, 0, 0, 0, time.UTC)},
		{"elapsed time across the beginning of summer time", &anonymize.Policy{Zone: berlin}, "3/20/2017 12:00:00 PM", time.Date(2017, 4, 19, 13, 0, 0, 0, berlin)},
		{"an offset of the cell's own", &anonymize.Policy{Zone: berlin}, "2017-02-04T09:02:11.5-05:00", time.Date(2017, 3, 6, 14, 2, 11, 5e8, time.UTC)},
		{"another retention", &anonymize.Policy{Retention: time.Hour + time.Second}, "2/4/2017 9:02:11 AM", time.Date(2017, 2, 4, 10, 2, 12, 0, time.UTC)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := vm(test.deleted, "zoe@contoso.com", nil)
			early, stats := copyOf(t, test.policy, test.dueAt.Add(-1), csvschema.VirtualMachines, []byte(file))
			assert.Equal(t, file, string(early))
			assert.Equal(t, int64(1), stats.NotYetDue)
			assert.True(t, test.dueAt.Equal(stats.NextDue), "%v", stats.NextDue)
			due, stats := copyOf(t, test.policy, test.dueAt, csvschema.VirtualMachines, []byte(file))
			assert.Equal(t, identity.ReplacementAddress, cellOf(t, csvschema.VirtualMachines, due, csvschema.ResourceOwner))
			assert.Equal(t, int64(1), stats.Due)
			assert.True(t, stats.NextDue.IsZero())
		})
	}
}

func TestRowWithoutDeletedDateIsNeverDue(t *testing.T) {
	t.Parallel()
	for _, deleted := range []string{"", "1/1/0001 12:00:00 AM", "0001-01-01T00:00:00Z"} {
		file := vm(deleted, "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceStatus: "Inactive"})
		out, stats := copyOf(t, nil, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, file, string(out))
		assert.Equal(t, int64(1), stats.NotDeleted)
	}
}

var later = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

const objectID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

// TestEverySpellingGoesFromEveryColumn puts one identifier of a due row in many
// spellings into other cells of it.
func TestEverySpellingGoesFromEveryColumn(t *testing.T) {
	t.Parallel()
	const address, guid = identity.ReplacementAddress, identity.ReplacementObjectID
	lab := "/subscriptions/45d48c25-cbb7-4bd2-a7f5-5faacad04520/labs/lab"
	for _, test := range []struct {
		name        string
		owner       string
		column      csvschema.Column
		cell, want  string
		ownerBecome string
	}{
		{"upper case", "zoe@contoso.com", csvschema.Name, "ZOE@CONTOSO.COM", address, address},
		{"inside other text", "zoe@contoso.com", csvschema.CustomImageId, "image (zoe@contoso.com), v2", "image (" + address + "), v2", address},
		{"percent-encoded", "zoe@contoso.com", csvschema.Name, "zoe%40contoso.com", address, address},
		{"encoded letters", "zoe@contoso.com", csvschema.Name, "%7Aoe%40contoso%2ecom", address, address},
		{"composed", "jose\u0301@contoso.com", csvschema.LabName, "josé@contoso.com", address, address},
		{"somebody else's address", "zoe@contoso.com", csvschema.LabName, "bob@fabrikam.com", address, address},
		{"a longer address", "ann@contoso.com", csvschema.Name, "joann@contoso.com", address, address},
		{"guest", "zoe_contoso.com#EXT#@fabrikam.onmicrosoft.com", csvschema.Name, "Zoe_contoso.com#EXT#@fabrikam.onmicrosoft.com", address, address},
		{"environment of the owner", objectID, csvschema.EnvironmentId, lab + "/users/" + objectID + "/environments/e", lab + "/users/" + guid + "/environments/e", guid},
		{"environment of somebody else", "zoe@contoso.com", csvschema.EnvironmentId, lab + "/USERS/" + strings.ToUpper(objectID), lab + "/USERS/" + guid, address},
		{"user who is no object ID", "zoe@contoso.com", csvschema.EnvironmentId, lab + "/users/zoe smith/environments/e", lab + "/users/" + guid + "/environments/e", address},
		{"@me stays", "zoe@contoso.com", csvschema.EnvironmentId, lab + "/users/@me/environments/e", lab + "/users/@me/environments/e", address},
		{"object ID without hyphens", objectID, csvschema.Name, "x-" + strings.ReplaceAll(objectID, "-", ""), "x-" + guid, guid},
		{"object ID after a percent sign", objectID, csvschema.Name, "100%" + objectID + " of it", "100" + guid + " of it", guid},
		{"object ID in braces", "{" + objectID + "}", csvschema.Name, strings.ToUpper(objectID), guid, guid},
		{"bare GUIDs stay", "zoe@contoso.com", csvschema.Name, "11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-555555555555", address},
		{"owner of no known form", "zoe smith", csvschema.Name, "box of Zoe Smith", "box of " + guid, address},
		{"name derived from the owner stays", "zoe@contoso.com", csvschema.Name, "zoe042", "zoe042", address},
		{"anonymous already", "zoe@contoso.com", csvschema.Name, address, address, address},
		{"a date stays", "2017", csvschema.CreatedTime, "1/3/2017", "1/3/2017", address},
		{"quotes stay doubled", "zoe@contoso.com", csvschema.Name, `"zoe@contoso.com", "x"`, `"` + address + `", "x"`, address},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := vm("2/4/2017", test.owner, map[csvschema.Column]string{test.column: test.cell})
			out, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
			assert.Equal(t, test.want, cellOf(t, csvschema.VirtualMachines, out, test.column))
			assert.Equal(t, test.ownerBecome, cellOf(t, csvschema.VirtualMachines, out, csvschema.ResourceOwner))
			again, stats := copyOf(t, nil, later, csvschema.VirtualMachines, out)
			assert.Equal(t, string(out), string(again))
			assert.Zero(t, stats.Changed)
		})
	}
}

func TestEmptyOwnerStaysEmpty(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{"", " ", "\u200b"} {
		file := vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.EnvironmentId: "/labs/l/users/" + objectID})
		out, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, owner, cellOf(t, csvschema.VirtualMachines, out, csvschema.ResourceOwner))
		assert.Equal(t, int64(1), stats.UserSegments)
		assert.Zero(t, stats.Owners)
	}
}

func TestDisksLoseAddressesAndUsers(t *testing.T) {
	t.Parallel()
	file := export(csvschema.Disks, map[csvschema.Column]string{
		csvschema.LabUId:       "86545712-aadf-4172-bba2-5c738050417e",
		csvschema.ResourceId:   "/labs/lab/users/" + objectID + "/disks/d",
		csvschema.ResourceUId:  "0dd2f8ae-8267-47c5-8cda-484792e203ee",
		csvschema.DeletedDate:  "2/4/2017",
		csvschema.DiskBlobName: objectID + "-zoe@contoso.com.vhd",
		csvschema.LeasedByVmId: "/labs/lab/virtualmachines/box",
	}, nil)
	out, stats := copyOf(t, nil, later, csvschema.Disks, []byte(file))
	assert.Equal(t, "/labs/lab/users/"+identity.ReplacementObjectID+"/disks/d", cellOf(t, csvschema.Disks, out, csvschema.ResourceId))
	assert.Equal(t, identity.ReplacementAddress, cellOf(t, csvschema.Disks, out, csvschema.DiskBlobName))
	assert.Equal(t, "/labs/lab/virtualmachines/box", cellOf(t, csvschema.Disks, out, csvschema.LeasedByVmId))
	assert.Equal(t, int64(1), stats.UserSegments)
}

func TestValuesThatTheServiceAnonymizedStay(t *testing.T) {
	t.Parallel()
	p := &anonymize.Policy{Anonymous: func(value string) bool { return strings.HasPrefix(value, "deleted-user") }}
	for _, owner := range []string{"deleted-user-17", "deleted-user-17@service.example.com"} {
		file := vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.LabName: "lab of deleted-user@service.example.com"})
		out, stats := copyOf(t, p, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, file, string(out))
		assert.Equal(t, int64(2), stats.Anonymous)
		assert.Zero(t, stats.Changed)
	}
}

// TestAnonymousValuesStayNextToOthers has rows in which some identifiers have to
// go and others went before.
func TestAnonymousValuesStayNextToOthers(t *testing.T) {
	t.Parallel()
	p := &anonymize.Policy{Anonymous: func(value string) bool { return value == "gone@service.example.com" }}
	token := "t-0123456789abcdef0123456789abcdef@anonymized.invalid"
	for _, stays := range []string{token, "gone@service.example.com", "/labs/l/users/616e6f6e-796d-8123-8abc-0123456789ab"} {
		file := vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.LabName: stays})
		out, stats := copyOf(t, p, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, stays, cellOf(t, csvschema.VirtualMachines, out, csvschema.LabName))
		assert.Equal(t, identity.ReplacementAddress, cellOf(t, csvschema.VirtualMachines, out, csvschema.ResourceOwner))
		assert.Equal(t, int64(1), stats.Anonymous)
	}
}

func TestUnreadableDateFailsOrIsKeptAndListed(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"31/12/2017", "soon", " ", "2/30/2017"} {
		file := vm(date, "zoe@contoso.com", nil)
		_, err := (*anonymize.Policy)(nil).Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, strings.NewReader(file))
		require.ErrorIs(t, err, csvschema.ErrValue)
		var place *csvschema.Error
		require.ErrorAs(t, err, &place)
		assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Line: 2, Column: csvschema.DeletedDate, Err: csvschema.ErrValue}, *place)
		out, stats := copyOf(t, &anonymize.Policy{KeepUnreadableDates: true}, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, file, string(out))
		assert.Equal(t, []int64{2}, stats.UnreadableLines)
		assert.Equal(t, int64(1), stats.Unreadable)
	}
}

func TestUnreadableDatesOfManyRowsAreListedInOrder(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, &csvschematest.Options{UnreadableDates: true})
	kept := 0
	for _, f := range set.Files {
		var want []int64
		for _, r := range f.Rows {
			if r.Unreadable {
				want = append(want, r.Line)
			}
		}
		kept += len(want)
		out, stats := copyOf(t, &anonymize.Policy{KeepUnreadableDates: true}, set.Now, f.Role, f.Data)
		assert.Equal(t, want, stats.UnreadableLines)
		requireSameLines(t, f.Anonymized(set.Now, set.Retention), out)
	}
	assert.Positive(t, kept)
}

func TestDerivedNamesAreCounted(t *testing.T) {
	t.Parallel()
	compute := "/subscriptions/s/resourceGroups/Lab-%s-496132/providers/Microsoft.Compute/virtualMachines/%[1]s"
	for _, test := range []struct {
		owner, name string
		want        int64
	}{
		{"alice@contoso.com", "alice042", 1},
		{"Alice@contoso.com", "ALICE", 1},
		{"alice@contoso.com", "alice-box", 1},
		{"alice@contoso.com", "box-alice", 1},
		{"alice.smith@contoso.com", "alicesmith001", 1},
		{"alice.smith@contoso.com", "alice.smith", 1},
		{"alice@contoso.com", "alicia", 0},
		{"alice@contoso.com", "malice", 0},
		{"alice@contoso.com", "alicette1", 0},
		{"al@contoso.com", "al001", 0},
		{"alice", "alice001", 0},
	} {
		file := vm("2/4/2017", test.owner, map[csvschema.Column]string{csvschema.Name: test.name})
		_, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, test.want, stats.DerivedNames, "%s %s", test.owner, test.name)
		file = vm("2/4/2017", test.owner, map[csvschema.Column]string{csvschema.ComputeResourceId: fmt.Sprintf(compute, test.name)})
		_, stats = copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, test.want, stats.DerivedNames, "%s %s", test.owner, test.name)
	}
}

func TestUnknownColumnsAreAnonymizedAndNumbered(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(3, &csvschematest.Options{ExtraColumns: true, ShuffledColumns: true})
	for _, f := range set.Files {
		_, stats := copyOf(t, nil, set.Now, f.Role, f.Data)
		assert.Len(t, stats.UnknownColumns, 2)
	}
}

func TestUTF16ComesOutAsUTF8(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "zoë@contoso.com", nil)
	encoded := []byte("\xFF\xFE")
	for _, r := range file { // all in the basic plane
		encoded = append(encoded, byte(r), byte(r>>8))
	}
	want, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
	got, _ := copyOf(t, nil, later, csvschema.VirtualMachines, encoded)
	assert.Equal(t, string(want), string(got))
}

func TestWorkersDoNotChangeTheResult(t *testing.T) {
	t.Parallel()
	large := csvschematest.NewLarge(1, 4<<20, nil)
	var want bytes.Buffer
	stats, err := (&anonymize.Policy{Workers: 1}).Copy(t.Context(), later, csvschema.VirtualMachines, &want, large.Reader(csvschema.VirtualMachines))
	require.NoError(t, err)
	require.Positive(t, stats.Changed)
	var got bytes.Buffer
	parallel, err := (&anonymize.Policy{Workers: 4}).Copy(t.Context(), later, csvschema.VirtualMachines, &got, large.Reader(csvschema.VirtualMachines))
	require.NoError(t, err)
	assert.Equal(t, stats, parallel)
	assert.True(t, bytes.Equal(want.Bytes(), got.Bytes()))
}

// TestTimesThatMakeNoSenseAreRefused has a negative retention, a number of days that is one
// of nanoseconds, and an instant that somebody forgot.
func TestTimesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		retention time.Duration
		now       time.Time
	}{{-1, later}, {30, later}, {time.Hour - 1, later}, {0, time.Time{}}} {
		p := &anonymize.Policy{Retention: test.retention}
		_, err := p.Copy(t.Context(), test.now, csvschema.Disks, io.Discard, strings.NewReader(""))
		require.ErrorIs(t, err, anonymize.ErrPolicy)
		_, err = p.Rows(test.now, nil, nil)
		require.ErrorIs(t, err, anonymize.ErrPolicy)
		_, err = p.Plan(t.Context(), test.now, nil)
		require.ErrorIs(t, err, anonymize.ErrPolicy)
	}
	_, err := (&anonymize.Policy{Retention: time.Hour}).Rows(later, nil, nil)
	require.NoError(t, err)
}

func TestFailuresOfReaderAndWriterReachTheCaller(t *testing.T) {
	t.Parallel()
	broken := errors.New("device gone")
	file := vm("2/4/2017", "zoe@contoso.com", nil)
	var p anonymize.Policy
	_, err := p.Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	for _, room := range []int{0, 10, len(file) - 1} {
		_, err = p.Copy(t.Context(), later, csvschema.VirtualMachines, &smallWriter{room: room, err: broken}, strings.NewReader(file))
		require.ErrorIs(t, err, broken)
		_, err = p.Copy(t.Context(), later, csvschema.VirtualMachines, &smallWriter{room: room}, strings.NewReader(file))
		require.ErrorIs(t, err, io.ErrShortWrite)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.Copy(ctx, later, csvschema.VirtualMachines, io.Discard, strings.NewReader(file))
	require.ErrorIs(t, err, context.Canceled)
}

// A smallWriter has little room; then it fails, or writes short.
type smallWriter struct {
	room int
	err  error
}

func (w *smallWriter) Write(p []byte) (int, error) {
	if len(p) <= w.room {
		w.room -= len(p)
		return len(p), nil
	}
	n := w.room
	w.room = 0
	return n, w.err
}

// TestMissingColumnsAreRefused leaves out each column without which a row cannot
// be anonymized or named, and the other kind of file.
func TestMissingColumnsAreRefused(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "zoe@contoso.com", nil)
	var p anonymize.Policy
	for _, c := range []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.DeletedDate, csvschema.ResourceOwner} {
		_, err := p.Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, strings.NewReader(strings.Replace(file, ","+c.String()+",", ",Other,", 1)))
		require.ErrorIs(t, err, csvschema.ErrMissingColumn, c)
		var place *csvschema.Error
		require.ErrorAs(t, err, &place)
		assert.Equal(t, c, place.Column)
	}
	var out bytes.Buffer
	_, err := p.Copy(t.Context(), later, csvschema.VirtualMachines, &out, strings.NewReader(strings.NewReplacer("\n", "\r", `"`, "").Replace(file)))
	require.ErrorIs(t, err, csvschema.ErrNoHeader, "lines that end in CR alone")
	_, err = p.Copy(t.Context(), later, csvschema.Disks, &out, strings.NewReader(file))
	require.ErrorIs(t, err, csvschema.ErrWrongRole)
	assert.Zero(t, out.Len(), "nothing was written")
}
