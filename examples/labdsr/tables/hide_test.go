package tables_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestTablesWithoutOwnersNameNobody looks for everybody whom the exports name.
func TestTablesWithoutOwnersNameNobody(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		set := csvschematest.New(seed, nil)
		var people, addresses []string
		for r := range set.Rows() {
			for _, id := range r.Identifiers {
				if one, err := identity.Parse(id.Text); err == nil {
					people = append(people, one.Reveal())
					if !one.IsObjectID() {
						addresses = append(addresses, one.Reveal())
					}
				}
			}
		}
		slices.Sort(people)
		people = slices.Compact(people)
		for name, policy := range policies(t) {
			t.Run(fmt.Sprintf("seed %d, %s", seed, name), func(t *testing.T) {
				t.Parallel()
				exports := anonymized(t, policy, set.Now, dated(set.Exports(), set.Now, seed))
				m := makeTables(t, exports, tables.Options{
					At: set.Now, Due: dueBy(t, policy, set.Now, exports), Pseudonyms: policy.Replacement == identity.PseudonymReplacement,
				})
				text := m.text(func(row) bool { return true })
				csvschematest.AssertNoIdentifiers(t, []byte(text), addresses...)
				assert.NotRegexp(t, "p-[0-9a-f]{32}@", text)
				for digits := range new(identity.Finder).GUIDs([]byte(text)) {
					assert.NotEqual(t, identity.PseudonymReplacement, identity.ReplacementKindOf(digits[:]))
				}
				// An object ID that nothing else in a row gives away stays, as anonymizing leaves it, in
				// rows that are due, and only there.
				csvschematest.AssertNoIdentifiers(t, []byte(m.text(func(r row) bool { return r[csvschema.Name.String()] == "" })), people...)
				assert.Regexp(t, policyMark[policy.Replacement], text, "what was due is there")
			})
		}
	}
}

func TestNothingIsDueUnlessSomebodySaysSo(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	m := makeTables(t, set.Exports(), tables.Options{At: set.Now})
	for _, table := range []tables.Table{tables.Machines, tables.Disks} {
		for _, c := range []csvschema.Column{csvschema.ResourceOwner, csvschema.Name, csvschema.ResourceId, csvschema.EnvironmentId, csvschema.DiskBlobName} {
			for _, text := range m.column(table, c.String()) {
				assert.Empty(t, text, "%v %v", table, c)
			}
		}
		assert.NotEmpty(t, m.column(table, csvschema.LabUId.String()))
	}
	tiers := 0
	for _, r := range m.rows[tables.Machines] {
		if r[csvschema.PricingTier.String()] != "" {
			tiers++
		}
	}
	assert.Greater(t, tiers, len(m.rows[tables.Machines])/2, "what names nobody stays")
}

// policyMark is what a kind of replacement leaves in tables without owners.
var policyMark = map[identity.ReplacementKind]string{
	identity.ConstantReplacement: identity.ReplacementAddress, identity.TokenReplacement: "t-[0-9a-f]{32}@", identity.PseudonymReplacement: "Inactive",
}

// text returns all values of some rows of all tables.
func (m *made) text(has func(row) bool) string {
	var b strings.Builder
	for _, table := range tables.All {
		for _, r := range m.rows[table] {
			if !has(r) {
				continue
			}
			for _, f := range tables.Schema(table, arrow.Metadata{}).Fields() {
				fmt.Fprintf(&b, "%q,", r[f.Name])
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
