package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// TestTimeGrowsInProportion has many rows, and lists with as many lines about them.
func TestTimeGrowsInProportion(t *testing.T) { //nolint:paralleltest // measures time
	const lab = "36f675cc-81e7-4ef5-a8e2-5d940ed90475"
	machine := func(i int) string { return fmt.Sprintf("0f21ddb6-6cad-4a26-8d11-%012x", i) }
	repeat := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
			b.WriteByte('\n')
		}
		return b.String()
	}
	const (
		machines = "LabUId,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,ResourceOwner,ResourceStatus\n"
		disks    = "LabUId,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,LeasedByVmId,DiskBlobName\n"
		holds    = "LabUId,ResourceUId,reason,until\n"
		reviews  = "role,LabUId,ResourceUId,input,line,reason,choices,decision\n"
	)
	for _, test := range []struct {
		name, flag                  string
		n                           int
		machine, disk, header, line func(i int) string
	}{
		{
			"holds on one machine", "--holds", 250,
			func(i int) string {
				return fmt.Sprintf("%s,/m,%s,m,1/3/2024,1/4/2024,ann@contoso.com,", lab, machine(0))
			},
			func(i int) string { return fmt.Sprintf("%s,/d%d,%s,d,1/3/2024,1/4/2024,,b", lab, i, machine(0)) },
			func(int) string { return holds },
			func(i int) string { return fmt.Sprintf("%s,%s,claim %d,", lab, machine(0), i) },
		},
		{
			"holds on all machines", "--holds", 500,
			func(i int) string {
				return fmt.Sprintf("%s,/m,%s,m,1/3/2024,1/4/2024,ann@contoso.com,", lab, machine(i))
			},
			func(i int) string { return fmt.Sprintf("%s,/d%d,%s,d,1/3/2024,1/4/2024,,b", lab, i, machine(i)) },
			func(int) string { return holds },
			func(i int) string { return fmt.Sprintf("%s,%s,claim %d,", lab, machine(i), i) },
		},
		{
			"requests of one person, and rows that contradict themselves", "--erase", 250,
			func(i int) string {
				return fmt.Sprintf("%s,/m%d,NULL,m,1/3/2024,1/4/2024,ann@contoso.com,Active", lab, i)
			},
			func(int) string { return "" },
			func(int) string { return "" },
			func(i int) string { return fmt.Sprintf("ann@contoso.com,2024-05-%02d", 1+i%28) },
		},
		{
			"requests of many people", "--erase", 500,
			func(i int) string {
				return fmt.Sprintf("%s,/m%d,%s,m,1/3/2024,1/4/2024,p%d@contoso.com,Active", lab, i, machine(i), i)
			},
			func(int) string { return "" },
			func(int) string { return "" },
			func(i int) string { return fmt.Sprintf("p%d@contoso.com", i) },
		},
		{
			"decisions", "--decisions", 1000,
			func(i int) string {
				return fmt.Sprintf("%s,/m%d,%s,m,1/3/2024,1/4/2024,ann@contoso.com,Active", lab, i, machine(i))
			},
			func(int) string { return "" },
			func(int) string { return reviews },
			func(i int) string {
				return fmt.Sprintf("virtualmachines,%s,%s,x,%d,a date of deletion although it is active,exists,exists", lab, machine(i), i+2)
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) { //nolint:paralleltest // measures time
			csvschematest.AssertLinear(t, test.n, func(size int) func() {
				dir := t.TempDir()
				vm, disk, list := filepath.Join(dir, "vm.csv"), filepath.Join(dir, "disks.csv"), filepath.Join(t.TempDir(), "list.csv")
				require.NoError(t, os.WriteFile(vm, []byte(machines+repeat(size, test.machine)), 0o600))
				require.NoError(t, os.WriteFile(disk, []byte(disks+repeat(size, test.disk)), 0o600))
				require.NoError(t, os.WriteFile(list, []byte(test.header(0)+repeat(size, test.line)), 0o600))
				return func() {
					stdout, stderr := null(t), null(t)
					status := run(context.Background(), []string{"plan", "--virtualmachines", dir, "--at", "2026-07-01T09:00:00Z", test.flag, list}, io.MultiReader(), stdout, stderr)
					require.Contains(t, []int{statusDone, statusUndecided}, status)
				}
			})
		})
	}
}

// null returns a file that keeps nothing.
func null(t *testing.T) *os.File {
	t.Helper()
	file, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return file
}
