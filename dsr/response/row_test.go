package response_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

// No file of the package holds the address or path of anybody else, and the report
// counts what was hidden. GUIDs stay if nothing in the exports shows that they are
// somebody's; see [redact.Redactor].
func TestNobodyElseIsInThePackage(t *testing.T) {
	t.Parallel()
	hidden := int64(0)
	for seed := range min(uint64(seeds), 2) {
		set := csvschematest.New(seed, &csvschematest.Options{ExtraColumns: true})
		alice := set.People[0]
		var out bytes.Buffer
		report, err := response.Write(t.Context(), &out, set.Exports(), subjectOf(t, alice.Identifiers...), &response.Options{Controller: complete})
		require.NoError(t, err)
		hidden += report.Hidden[0].Places()
		for name, text := range entriesOf(t, out.Bytes()) {
			text = strings.ToLower(text)
			for _, other := range set.People[1:] {
				for _, id := range other.Identifiers {
					id = strings.ToLower(id)
					switch {
					case slices.ContainsFunc(alice.Identifiers, func(hers string) bool { return strings.Contains(strings.ToLower(hers), id) }):
					case strings.Contains(id, "@"):
						assert.NotContains(t, text, id, name)
						assert.NotContains(t, text, strings.ReplaceAll(id, "@", "%40"), name)
					default:
						assert.NotContains(t, text, "/users/"+id, name)
					}
				}
			}
		}
	}
	assert.Greater(t, hidden, int64(10))
}

func TestWhatIsHiddenIsSaidAndCanBeShown(t *testing.T) {
	t.Parallel()
	exports := exportOf(map[csvschema.Column]string{csvschema.Name: "box of bob@example.com", csvschema.CustomImageId: "/images/by bob@example.com"})
	alice := subjectOf(t, "alice@example.com")
	_, entries := written(t, exports, alice, nil)
	for name, text := range entries {
		assert.NotContains(t, text, "bob", name)
	}
	assert.Contains(t, entries["index.html"], "In 2 places something that names other people was hidden, to protect them (Article 15(4) GDPR). It reads “[hidden]”.")
	assert.Contains(t, entries["index.html"], "box of [hidden]")
	assert.Contains(t, entries["data.json"], `"hidden": 2`)

	var out strings.Builder
	report, err := response.Write(t.Context(), &out, exports, alice, nil)
	require.NoError(t, err)
	hidden := report.Hidden[0]
	require.Len(t, hidden.Candidates, 1)
	_, entries = written(t, exports, alice, &response.Options{Shown: shows(&redact.Shown{Cells: []redact.Cell{hidden.Candidates[0].Cell}})})
	assert.Contains(t, entries["index.html"], "box of bob@example.com", "the cell that the controller shows")
	assert.NotContains(t, entries["index.html"], "by bob@example.com", "and no other")
	_, entries = written(t, exports, alice, &response.Options{Shown: shows(&redact.Shown{Identifiers: []identity.Identifier{hidden.Candidates[0].Identifier}})})
	assert.NotContains(t, entries["index.html"], "[hidden]")
}

// shows returns a function that returns this for every subject.
func shows(shown *redact.Shown) func(int) *redact.Shown {
	return func(int) *redact.Shown { return shown }
}

// The names of unknown columns come from the file, so they may name people.
func TestAHeaderThatNamesSomebodyIsHidden(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"", "\ufeff"} {
		text := mark + "LabUId,ResourceUId,ResourceId,ResourceOwner,\"Cost, of bob@example.com\",Team\r\nl,r,i,alice@example.com,7,red\r\n"
		_, entries := written(t, []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(text))}}}, subjectOf(t, "alice@example.com"), nil)
		for name, text := range entries {
			assert.NotContains(t, text, "bob", name)
		}
		assert.Equal(t, mark+"LabUId,ResourceUId,ResourceId,ResourceOwner,[hidden],Team\r\nl,r,i,alice@example.com,7,red\r\n", entries["machine/export1-virtualmachines1.csv"])
		assert.Equal(t, []string{"[hidden]", "Team"}, table(t, entries["virtualmachines.csv"])[0][23:])
	}
}

func TestResourcesAreOneForEachKey(t *testing.T) {
	t.Parallel()
	const uid = csvschema.ResourceUId
	for name, test := range map[string]struct {
		machines []map[csvschema.Column]string
		want     string
	}{
		"one key":                  {[]map[csvschema.Column]string{{}, {uid: "00000000-0000-0000-0000-000000000001"}}, "1 virtual machine"},
		"two keys":                 {[]map[csvschema.Column]string{{}, {}}, "2 virtual machines"},
		"no ID in any":             {[]map[csvschema.Column]string{{uid: "NULL"}, {uid: "NULL"}, {uid: ""}}, "3 virtual machines"},
		"no ID, the rows repeated": {[]map[csvschema.Column]string{{uid: "NULL", csvschema.Name: "a"}, {uid: "NULL", csvschema.Name: "a"}}, "2 virtual machines"},
	} {
		_, entries := written(t, exportOf(test.machines...), subjectOf(t, "alice@example.com"), nil)
		assert.Contains(t, entries["index.html"], "Found as yours: "+test.want+" and", name)
	}
}

func TestAResourceExistsFromItsFirstDateToItsLast(t *testing.T) {
	t.Parallel()
	row := func(created, deleted string) map[csvschema.Column]string {
		return map[csvschema.Column]string{
			csvschema.ResourceUId: "00000000-0000-0000-0000-000000000001", csvschema.CreatedTime: created, csvschema.DeletedDate: deleted,
		}
	}
	a, b, c := row("1/5/2020", "3/1/2020"), row("1/2/2020", "2/1/2020"), row("", "")
	for _, rows := range [][]map[csvschema.Column]string{{a, b, c}, {b, a, c}, {c, b, a}, {a, c, b}} {
		_, entries := written(t, exportOf(rows...), subjectOf(t, "alice@example.com"), nil)
		assert.Contains(t, entries["index.html"], ": 2 January 2020 – 1 March 2020</title>")
	}
}

func TestRowsWithAnotherColumnAreNoCopies(t *testing.T) {
	t.Parallel()
	export := func(column string) csvschema.Export {
		return csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte("LabUId,ResourceUId,ResourceId,ResourceOwner," + column + "\nl,r,i,alice@example.com,7\n"))}}
	}
	for other, want := range map[string]int{"Cost": 1, "Team": 2} {
		_, entries := written(t, []csvschema.Export{export("Cost"), export(other)}, subjectOf(t, "alice@example.com"), nil)
		assert.Equal(t, want, strings.Count(entries["index.html"], `<div class="record">`), other)
	}
}

func TestThePageShowsControlCharactersAndDaysOfTheZone(t *testing.T) {
	t.Parallel()
	exports := exportOf(map[csvschema.Column]string{csvschema.PricingTier: "a\x01b\x7fc"})
	exports[0].Made = time.Date(2026, 5, 3, 23, 30, 0, 0, time.UTC)
	_, entries := written(t, exports, subjectOf(t, "alice@example.com"), &response.Options{
		Filter: dsr.Options{Zone: time.FixedZone("", 2*60*60)},
		Keep: func(csvschema.Key) fate.Keeping {
			return fate.Keeping{Fate: fate.GoesLater, At: time.Date(2026, 6, 6, 22, 0, 0, 0, time.UTC)}
		},
	})
	assert.Contains(t, entries["index.html"], "a␁b\uFFFDc")
	assert.Contains(t, entries["index.html"], "4 May 2026")
	assert.NotContains(t, entries["index.html"], "3 May 2026")
	assert.Contains(t, entries["index.html"], "7 June 2026")
}

func TestThereIsNoTimelineOfCenturies(t *testing.T) {
	t.Parallel()
	for last, want := range map[string]bool{"1/1/2050": true, "1/1/2051": false} {
		exports := exportOf(map[csvschema.Column]string{csvschema.CreatedTime: "1/1/1950", csvschema.Name: "a\uFEFFb"}, map[csvschema.Column]string{csvschema.CreatedTime: last})
		_, entries := written(t, exports, subjectOf(t, "alice@example.com"), nil)
		assert.Equal(t, want, strings.Contains(entries["index.html"], `id="timeline"`), last)
		assert.Contains(t, entries["index.html"], "a\uFFFDb")
	}
}
