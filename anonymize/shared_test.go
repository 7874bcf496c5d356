package anonymize_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A hostile is a case of the exports with hostile strings: which files, and what
// must become of their rows.
type hostile struct {
	Inputs []struct{ ID, Virtualmachines, Disks string }
	Checks []struct {
		ID, Op string
		At     time.Time
		Expect []struct {
			Level, Want string
			Rows, Lose  []string
			Columns     []string
			MayChange   []string `json:"may_change"`
		}
	}
}

// TestHostileExportsBecomeWhatTheyMust anonymizes exports with hostile names and owners, and holds
// the result to the expectations in the same folder.
func TestHostileExportsBecomeWhatTheyMust(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "exports")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("shared data absent: no hostile exports next to the project")
	}
	require.NoError(t, err)
	checked := map[string]int{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name(), "expect.json"))
		require.NoError(t, err)
		var c hostile
		require.NoError(t, json.Unmarshal(text, &c))
		for _, check := range c.Checks {
			if check.Op != "anonymize" {
				continue
			}
			before, after := map[string][][]string{}, map[string][][]string{}
			for _, in := range c.Inputs {
				for kind, file := range map[string]string{"vm": in.Virtualmachines, "disk": in.Disks} {
					role := map[string]csvschema.Role{"vm": csvschema.VirtualMachines, "disk": csvschema.Disks}[kind]
					text, err := os.ReadFile(filepath.Join(dir, entry.Name(), file))
					require.NoError(t, err)
					out, _ := copyOf(t, nil, check.At, role, text)
					again, stats := copyOf(t, nil, check.At, role, out)
					assert.Equal(t, string(out), string(again))
					assert.Zero(t, stats.Changed)
					before[in.ID+"/"+kind], after[in.ID+"/"+kind] = parsed(t, text), parsed(t, out)
				}
			}
			row := func(files map[string][][]string, id string) []string {
				i := strings.LastIndexByte(id, '/')
				n, err := strconv.Atoi(id[i+1:])
				require.NoError(t, err)
				return files[id[:i]][n]
			}
			for _, e := range check.Expect {
				for _, id := range e.Rows {
					was, is := row(before, id), row(after, id)
					header := before[id[:strings.LastIndexByte(id, '/')]][0]
					switch e.Want {
					case "untouched":
						assert.Equal(t, was, is, id)
					case "anonymized":
						for _, lost := range e.Lose {
							assert.NotContains(t, strings.ToLower(strings.Join(is, "\n")), strings.ToLower(lost), id)
						}
						assert.NotEmpty(t, is[slices.Index(header, "ResourceOwner")], id)
					case "kept_columns":
						for _, c := range e.Columns {
							assert.Equal(t, was[slices.Index(header, c)], is[slices.Index(header, c)], id)
						}
					case "other_columns_kept":
						for i, c := range header {
							if c != "ResourceOwner" && c != "EnvironmentId" && !slices.Contains(e.MayChange, c) {
								assert.Equal(t, was[i], is[i], "%s %s", id, c)
							}
						}
					case "no_derived_value": // the replacement is a constant
						assert.Contains(t, []string{identity.ReplacementAddress, identity.ReplacementObjectID}, is[slices.Index(header, "ResourceOwner")])
					default:
						require.Failf(t, "unknown expectation", "%s", e.Want)
					}
					checked[e.Want]++
				}
			}
		}
	}
	assert.Positive(t, checked["anonymized"])
	assert.Greater(t, checked["untouched"], 100)
}

func parsed(t testing.TB, file []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	require.NoError(t, err)
	return rows
}

// uid returns the same GUID for the same name, and another for another.
func uid(name ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, name...))
	digits := hex.EncodeToString(sum[:])
	return digits[:8] + "-" + digits[8:12] + "-4" + digits[12:15] + "-8" + digits[15:18] + "-" + digits[18:30]
}

const nilUID = "00000000-0000-0000-0000-000000000000"
