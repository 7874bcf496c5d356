package dsr_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// sharedExports is a folder beside the module and no part of it.
const sharedExports = "../../shared/data/exports"

// expectations are what expect.json says about a pair of exports.
type expectations struct {
	Inputs []struct{ ID, VirtualMachines, Disks string }
	Leaks  struct{ Values []string } `json:"error_text_must_not_contain"`
	UIDs   map[string]string         `json:"row_uids"`
	Checks []struct {
		ID, Op  string
		Subject struct {
			Emails    []string `json:"emails"`
			ObjectIDs []string `json:"object_ids"`
		}
		Outcome struct{ Want, Level string }
		Expect  []struct {
			Level string
			Want  json.RawMessage
			Rows  []string
		}
	}
}

func TestSharedExportsAreAnsweredAsExpected(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(sharedExports, "*", "expect.json"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("shared data absent: no exports beside the module")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var want expectations
		require.NoError(t, json.Unmarshal(data, &want))
		var exports []csvschema.Export
		for _, in := range want.Inputs {
			read := func(name string) []csvschema.Source {
				data, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
				require.NoError(t, err)
				return []csvschema.Source{source(data)}
			}
			exports = append(exports, csvschema.Export{VirtualMachines: read(in.VirtualMachines), Disks: read(in.Disks)})
		}
		for _, check := range want.Checks {
			if check.Op != "access" {
				continue
			}
			t.Run(filepath.Base(filepath.Dir(file))+"/"+check.ID, func(t *testing.T) {
				t.Parallel()
				require.Equal(t, "ok", check.Outcome.Want)
				s := subject(t, append(check.Subject.Emails, check.Subject.ObjectIDs...)...)
				handedOut := map[string]bool{} // by row
				_, err := dsr.Filter(t.Context(), exports, []dsr.Subject{s}, func(m dsr.Match) error {
					handedOut[rowName(want.Inputs[m.Export-1].ID, m)] = true
					assert.Equal(t, want.UIDs[rowName(want.Inputs[m.Export-1].ID, m)], m.Key.ResourceUId())
					return nil
				}, nil)
				require.NoError(t, err)
				checked := 0
				for _, e := range check.Expect {
					var kind string
					if e.Level != "required" || json.Unmarshal(e.Want, &kind) != nil || kind != "in" && kind != "out" {
						assert.NotEqual(t, "required", e.Level, "an unknown kind of expectation")
						continue
					}
					for _, row := range e.Rows {
						assert.Equal(t, kind == "in", handedOut[row], row)
						checked++
					}
				}
				assert.NotZero(t, checked)
			})
		}
		t.Run(filepath.Base(filepath.Dir(file))+"/errors", func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, want.Leaks.Values)
			for i := range exports {
				whole := contents(t, exports[i].VirtualMachines[0])
				for cut := len(whole); cut > 0; cut -= 4999 { // at any place
					for _, end := range []string{`"`, "x", "\n\"", "\xff"} {
						broken := append(bytes.Clone(whole[:cut]), end...)
						e := csvschema.Export{VirtualMachines: []csvschema.Source{source(broken)}, Disks: exports[i].Disks}
						_, err := dsr.Filter(t.Context(), []csvschema.Export{e}, []dsr.Subject{subject(t, alice)}, ignore, nil)
						if err != nil {
							csvschematest.AssertNoLeak(t, err, want.Leaks.Values...)
						}
					}
				}
			}
		})
	}
}

// rowName returns the name of a matched row in the expectations.
func rowName(input string, m dsr.Match) string {
	kind := map[csvschema.Role]string{csvschema.VirtualMachines: "vm", csvschema.Disks: "disk"}[m.Key.Role()]
	return fmt.Sprintf("%s/%s/%d", input, kind, m.Row)
}

func contents(t *testing.T, s csvschema.Source) []byte {
	t.Helper()
	r, err := s.Open(context.Background())
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	require.NoError(t, err)
	return b.Bytes()
}
