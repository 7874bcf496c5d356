package tables_test

import (
	"cmp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// monthsOf computes the months of a table of machines that was made with owners: month by month,
// and machine by machine.
func monthsOf(t *testing.T, m *made, at time.Time) (rows []row) {
	t.Helper()
	type key struct{ lab, tier, status, month string }
	type sum struct{ machines, noEnd, milli int64 }
	sums := map[key]*sum{}
	parse := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		instant, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		return instant.UTC()
	}
	for _, r := range m.rows[tables.Machines] {
		created, deleted, made := parse(r["CreatedTime"]), parse(r["DeletedDate"]), parse(r[tables.ExportedAt])
		if created.IsZero() || !created.Before(at) {
			continue
		}
		end, known := at, true
		switch {
		case !deleted.IsZero():
			end, known = deleted, deleted.After(created)
		case !made.IsZero():
			end = made
		}
		if end.After(at) {
			end = at
		}
		for month := time.Date(created.Year(), created.Month(), 1, 0, 0, 0, 0, time.UTC); ; month = month.AddDate(0, 1, 0) {
			next := month.AddDate(0, 1, 0)
			isFirst := !created.Before(month)
			if !isFirst && (!known || !month.Before(end)) {
				break
			}
			k := key{r["LabUId"], r["PricingTier"], r["ResourceStatus"], month.Format("2006-01-02")}
			if sums[k] == nil {
				sums[k] = &sum{}
			}
			sums[k].machines++
			from, to := max(created.UnixMilli(), month.UnixMilli()), min(end.UnixMilli(), next.UnixMilli())
			switch {
			case !known:
				sums[k].noEnd++
			case to > from:
				sums[k].milli += to - from
			}
		}
	}
	for k, s := range sums {
		rows = append(rows, row{
			"LabUId": k.lab, "PricingTier": k.tier, "ResourceStatus": k.status, tables.Month: k.month,
			tables.MachineCount: strconv.FormatInt(s.machines, 10), tables.MachinesNoEnd: strconv.FormatInt(s.noEnd, 10),
			tables.MachineHours: strconv.FormatFloat(float64(s.milli)/3_600_000, 'g', -1, 64),
		})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a["LabUId"], b["LabUId"]), cmp.Compare(a["PricingTier"], b["PricingTier"]),
			cmp.Compare(a["ResourceStatus"], b["ResourceStatus"]), cmp.Compare(a[tables.Month], b[tables.Month]))
	})
	return rows
}

func TestMonthsAddUpMachines(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		set := csvschematest.New(seed, nil)
		m := makeTables(t, dated(set.Exports(), set.Now, seed), tables.Options{At: set.Now, WithOwners: true})
		assert.Equal(t, monthsOf(t, m, set.Now), m.rows[tables.Months], "seed %d", seed)
	}
}

func TestMachinesExistFromCreationToTheirEnd(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 11, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name             string
		created, deleted string
		made             time.Time
		want             [][4]string // month, machines, hours, without an end
		noMonth, notYet  int64
		untilAt          int64
	}{
		{name: "deleted in its month", created: "2026-01-10 00:00:00", deleted: "2026-01-11 12:00:00", want: [][4]string{{"2026-01-01", "1", "36", "0"}}},
		{name: "deleted two months later", created: "2025-12-31 23:00:00", deleted: "2026-02-01 02:00:00", want: [][4]string{
			{"2025-12-01", "1", "1", "0"}, {"2026-01-01", "1", "744", "0"}, {"2026-02-01", "1", "2", "0"},
		}},
		{name: "deleted when a month begins", created: "2026-01-31 23:00:00", deleted: "2026-02-01 00:00:00", want: [][4]string{{"2026-01-01", "1", "1", "0"}}},
		{name: "deleted when it was created", created: "2026-01-10 00:00:00", deleted: "2026-01-10 00:00:00", want: [][4]string{{"2026-01-01", "1", "0", "1"}}},
		{name: "deleted before it was created", created: "2026-01-10 00:00:00", deleted: "2025-01-10 00:00:00", want: [][4]string{{"2026-01-01", "1", "0", "1"}}},
		{name: "exists, in an export without a date", created: "2026-03-11 00:00:00", want: [][4]string{{"2026-03-01", "1", "12", "0"}}, untilAt: 1},
		{name: "exists, in an export with a date", created: "2026-03-01 00:00:00", made: at.Add(-24 * time.Hour), want: [][4]string{{"2026-03-01", "1", "228", "0"}}},
		{name: "exists, in an export of a later date", created: "2026-03-11 00:00:00", made: at.Add(24 * time.Hour), want: [][4]string{{"2026-03-01", "1", "12", "0"}}},
		{name: "exists, in an export that is older than it", created: "2026-03-11 00:00:00", made: at.AddDate(0, -1, 0), want: [][4]string{{"2026-03-01", "1", "0", "0"}}},
		{name: "deleted later", created: "2026-03-11 00:00:00", deleted: "9999-12-31 23:59:59", want: [][4]string{{"2026-03-01", "1", "12", "0"}}},
		{name: "created later", created: "2026-03-11 12:00:00", notYet: 1},
		{name: "without a date of creation", deleted: "2026-03-11 12:00:00", noMonth: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			exports := []csvschema.Export{machines(t, test.made, cells{csvschema.CreatedTime: test.created, csvschema.DeletedDate: test.deleted})}
			m := makeTables(t, exports, tables.Options{At: at})
			var got [][4]string
			for _, r := range m.rows[tables.Months] {
				got = append(got, [4]string{r[tables.Month], r[tables.MachineCount], r[tables.MachineHours], r[tables.MachinesNoEnd]})
				assert.Equal(t, "Standard_D2s_v3", r["PricingTier"])
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.noMonth, m.NoMonth)
			assert.Equal(t, test.notYet, m.NotYet)
			assert.Equal(t, test.untilAt, m.UntilAt)
			assert.EqualValues(t, len(test.want), m.Months)
		})
	}
}

func TestAMachineOfManyYearsIsAddedUpToTheInstant(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	m := makeTables(t, []csvschema.Export{machines(t, time.Time{}, cells{csvschema.CreatedTime: "1900-01-01", csvschema.DeletedDate: "9999-12-31"})}, tables.Options{At: at})
	assert.EqualValues(t, 126*12+2, m.Months)
	assert.Len(t, m.rows[tables.Months], 126*12+2)
}
