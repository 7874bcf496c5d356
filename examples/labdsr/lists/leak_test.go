package lists_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// canary is in every file that fails, and in no error.
const canary = "canary"

// now is the instant of requests that have none of their own.
var now = time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)

// file writes a file that nobody else may read, and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// hidesCanary checks an error and all that it wraps.
func hidesCanary(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s"} {
			assert.NotContains(t, strings.ToLower(fmt.Sprintf(verb, err)), canary)
		}
	}
}

// readers are all that read a list.
var readers = map[string]func(path string) error{
	"identifiers": func(path string) error { _, err := lists.Identifiers(path); return err },
	"people":      func(path string) error { _, err := lists.People(path); return err },
	"requests":    func(path string) error { _, err := lists.Requests(path, anonymize.Erase, now); return err },
	"removals":    func(path string) error { _, err := lists.Requests(path, anonymize.Removed, now); return err },
	"holds":       func(path string) error { _, err := lists.Holds(path); return err },
	"controller":  func(path string) error { _, err := lists.Controller(path); return err },
	"holidays":    func(path string) error { _, err := lists.Holidays([]string{path}); return err },
	"key":         func(path string) error { _, err := lists.Key(path); return err },
}

func TestErrorsOfListsHoldNothingThatWasRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ reader, text, want string }{
		{"identifiers", "ann@example.com\n\ncanary\n", "line 3: neither"},
		{"identifiers", "removed@anonymized.invalid\n", "line 1: a replacement"},
		{"identifiers", " \n\t\n", "no identifier"},
		{"requests", "canary\n", "line 1: neither"},
		{"requests", "ann@example.com,canary\n", "line 1: neither a day"},
		{"removals", "canary@example.com\n", "line 1: no instant"},
		{"removals", "canary@example.com,1.5.2026\n", "line 1: neither a day"},
		{"holds", "canary\n", "line 1: this is no list of holds"},
		{"holds", "LabUId,ResourceUId,reason,until\ncanary,canary\n", "line 2: no CSV"},
		{"holds", "LabUId,ResourceUId,reason,until\n\n", "no hold in this file"},
		{"holds", "LabUId,ResourceUId,reason,until\nlab,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,of canary@example.com,\n", "line 2, column reason: names a person"},
		{"holds", "\"LabUId,ResourceUId\",reason,until\ncanary,canary,canary\n", "line 1: this is no list of holds"},
		{"holds", "LabUId,ResourceUId,reason,until\ncanary,\"canary\"x,,\n", "no CSV"},
		{"holds", "LabUId,ResourceUId,reason,until\n\n\"canary\n", "line 3: no CSV"},
		{"holds", "LabUId,ResourceUId,reason,until\nca\"nary,,,\n", "line 2: no CSV"},
		{"holds", "LabUId,ResourceUId,reason,until\ncanary,,canary,\n", "line 2: LabUId and ResourceUId are needed"},
		{"holds", "LabUId,ResourceUId,reason,until\nlab,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,canary,canary\n", "line 2, column until: neither a day"},
		{"holds", "LabUId,ResourceUId,reason,until\nlab,canary,canary,\n", "line 2: this LabUId or ResourceUId identifies no resource"},
		{"holds", "LabUId,ResourceUId,reason,until\nlab,00000000-0000-0000-0000-000000000000,canary,\n", "line 2: this LabUId or ResourceUId identifies no resource"},
		{"controller", "name: Contoso\ncanary: canary\n", "line 2: cannot be understood"},
		{"controller", "elsewhere: canary\n", "line 1: cannot be understood"},
		{"controller", "portability: canary\n", "line 1: cannot be understood"},
		{"controller", "name: 'canary\n", "cannot be understood"},
		{"controller", "name: &a canary\nelsewhere: [*a, *a]\n", "holds an alias"},
		{"controller", "", "holds nothing"},
		{"holidays", "2026-12-25 Christmas\ncanary\n", "list: line 2: not a single date"},
		{"key", "canary\n", "the key is too short"},
	} {
		t.Run(test.reader+" "+test.want, func(t *testing.T) {
			t.Parallel()
			err := readers[test.reader](file(t, test.text))
			require.ErrorContains(t, err, test.want)
			hidesCanary(t, err)
		})
	}
}

func TestListsAreTextOfASmallSize(t *testing.T) {
	t.Parallel()
	large := file(t, "")
	require.NoError(t, os.Truncate(large, 16<<20+1))
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, reader(large), "much too large")
			require.ErrorIs(t, reader(filepath.Join(t.TempDir(), "none")), os.ErrNotExist)
			if name == "key" {
				return // any bytes
			}
			err := reader(file(t, "canary\xff"))
			require.ErrorContains(t, err, "neither UTF-8 nor UTF-16")
			hidesCanary(t, err)
		})
	}
}

func TestListsHaveALimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"identifiers": 1 << 20, "requests": 4 << 20, "controller": 256 << 10, "holds": 16 << 20} {
		err := readers[name](file(t, strings.Repeat("\n", limit)))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "much too large", name)
		err = readers[name](file(t, strings.Repeat("\n", limit+1)))
		require.ErrorContains(t, err, "much too large", name)
		assert.Contains(t, fault.Hint(err), fmt.Sprintf("%d KiB", limit>>10))
	}
}

// TestDevicesWithoutAnEnd reads a file whose size the system does not know.
func TestDevicesWithoutAnEnd(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no /dev/zero")
	}
	for name, reader := range readers {
		want := "much too large"
		if name == "key" {
			want = "other people of this machine may read the key"
		}
		require.ErrorContains(t, reader("/dev/zero"), want, name)
	}
	_, err := lists.IdentifiersIn("standard input", zeros{})
	assert.ErrorContains(t, err, "standard input: is much too large")
}

// zeros is a file without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestControllerTakesLittleMemory reads files that are small, or whose aliases are.
func TestControllerTakesLittleMemory(t *testing.T) { //nolint:paralleltest // measures memory
	var bomb strings.Builder
	bomb.WriteString("name: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := range 8 {
		fmt.Fprintf(&bomb, "k%d: &a%d [%s*a%d]\n", i, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 8), i)
	}
	for name, text := range map[string]string{
		"aliases":  bomb.String(),
		"elements": "elsewhere: [" + strings.Repeat("x,", 120<<10) + "]\n",
		"large":    "elsewhere: [" + strings.Repeat("x,", 6<<20) + "]\n",
	} {
		path := file(t, text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = lists.Controller(path)
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20), name)
	}
	_, err := lists.Controller(file(t, bomb.String()))
	require.Error(t, err)
}
