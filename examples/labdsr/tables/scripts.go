package tables

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"text/template"
	"unicode"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/labdsr/labdsr/csvschema"
)

//go:embed scripts
var scriptFiles embed.FS

// loaders are the scripts of a format: what loads its tables elsewhere.
var loaders = map[Format][]string{
	CSV:     {"load_postgresql.sql", "load_sqlserver.sql"},
	Parquet: {"tables.pq"},
}

// Scripts returns the files beside the tables of a format, by name, for the tables that
// are written: load_postgresql.sql and load_sqlserver.sql, which load CSV into new or
// existing tables, and tables.pq, a query of Power BI that loads Parquet. The metadata of
// the tables are comments in them. The database of SQLite needs none.
func Scripts(f Format, schemas map[Table]*arrow.Schema) map[string][]byte {
	var all []scriptTable
	for _, t := range All {
		if s := schemas[t]; s != nil {
			table := newScriptTable(t, s)
			table.Machines = schemas[Machines] != nil
			all = append(all, table)
		}
	}
	scripts := map[string][]byte{}
	for _, name := range loaders[f] {
		var out bytes.Buffer
		if err := scriptTemplates.ExecuteTemplate(&out, name, all); err != nil {
			panic(err) // the templates are ours, and a buffer takes everything
		}
		scripts[name] = out.Bytes()
	}
	return scripts
}

var scriptTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"id":      quoted,
	"bracket": func(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" },
	"literal": func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" },
	"last":    func(i int, all []scriptColumn) bool { return i == len(all)-1 },
}).ParseFS(scriptFiles, "scripts/*"))

// A scriptTable is a table as the templates see it.
type scriptTable struct {
	Name     string
	Machines bool     // the table of machines is there, too
	Metadata []string // key: value
	Columns  []scriptColumn
}

func newScriptTable(t Table, s *arrow.Schema) scriptTable {
	all, err := kinds(s)
	if err != nil {
		panic(err) // the schemas are ours
	}
	table := scriptTable{Name: t.String()}
	metadata := s.Metadata()
	for i, key := range metadata.Keys() {
		table.Metadata = append(table.Metadata, oneLine(key+": "+metadata.Values()[i]))
	}
	for i, f := range s.Fields() {
		table.Columns = append(table.Columns, scriptColumn{
			Name: f.Name, Key: IsKey(f), Null: f.Nullable, Description: oneLine(Description(f)), kind: all[i],
		})
	}
	return table
}

// New and Staging are the names of the tables that take the rows of a file, in PostgreSQL
// and in SQL Server.
func (t scriptTable) New() string     { return t.Name + "_new" }
func (t scriptTable) Staging() string { return "#" + t.New() }

// About returns what the table is, in a line for each of its metadata.
func (t scriptTable) About() string { return strings.Join(t.Metadata, "\n") }

// AboutInALine is the same in one line, as sqlcmd takes some lines of a text for commands.
func (t scriptTable) AboutInALine() string { return strings.Join(t.Metadata, "; ") }

// IsMonths reports whether the table is that of months.
func (t scriptTable) IsMonths() bool { return t.Name == Months.String() }

// Has reports whether the table has a column.
func (t scriptTable) Has(column string) bool {
	for _, c := range t.Columns {
		if c.Name == column {
			return true
		}
	}
	return false
}

// Keys returns the columns that tell the rows apart, and Values the others.
func (t scriptTable) Keys() []scriptColumn   { return t.columns(true) }
func (t scriptTable) Values() []scriptColumn { return t.columns(false) }

func (t scriptTable) columns(isKey bool) (all []scriptColumn) {
	for _, c := range t.Columns {
		if c.Key == isKey {
			all = append(all, c)
		}
	}
	return all
}

// A scriptColumn is a column as the templates see it.
type scriptColumn struct {
	Name, Description string
	Key, Null         bool
	kind              kind
}

// IsText reports whether the column holds text, and IsInstant whether it holds instants.
func (c scriptColumn) IsText() bool    { return c.kind == text }
func (c scriptColumn) IsInstant() bool { return c.kind == instant }

// PostgreSQL returns the type of the column in PostgreSQL.
func (c scriptColumn) PostgreSQL() string {
	return map[kind]string{
		text: "text", boolean: "boolean", integer: "bigint", float: "double precision", date: "date", instant: "timestamp with time zone",
	}[c.kind]
}

// M returns the type of the column in Power Query.
func (c scriptColumn) M() string {
	name := map[kind]string{
		text: "text", boolean: "logical", integer: "Int64.Type", float: "number", date: "date", instant: "datetime",
	}[c.kind]
	if c.kind == integer {
		return name
	}
	if c.Null {
		return "type nullable " + name
	}
	return "type " + name
}

// SQLServer returns the type of the column in SQL Server, which needs the size of a text.
// What is a key of some table is compared as it is written, in all tables, so that they can
// be joined. By default letter case would not matter, and two keys would be one.
func (c scriptColumn) SQLServer() string {
	name := map[kind]string{
		boolean: "bit", integer: "bigint", float: "float", date: "date", instant: "datetime2(6)",
	}[c.kind]
	if c.kind == text {
		name = fmt.Sprintf("nvarchar(%d)", textSize(c.Name))
		if c.isKeySomewhere() {
			name += " COLLATE Latin1_General_100_BIN2"
		}
	}
	return name
}

func (c scriptColumn) isKeySomewhere() bool {
	months, ok := Schema(Months, arrow.Metadata{}).FieldsByName(c.Name)
	return c.Key || ok && IsKey(months[0])
}

// textSize returns how many UTF-16 units a text may have. The sizes are generous against
// the limits that Azure documents for its names, and those of keys fit into an index,
// which takes 900 bytes. What is longer is an error of the load, which then loads nothing.
func textSize(column string) int {
	switch column {
	case ResourceKey:
		return 32
	case csvschema.SubscriptionId.String(), csvschema.LabUId.String(), csvschema.ResourceUId.String(),
		csvschema.ResourceStatus.String(), csvschema.DiskType.String(), csvschema.GalleryImageReferenceOsType.String():
		return 64
	case csvschema.PricingTier.String(), csvschema.LabName.String(), csvschema.ResourceGroupName.String():
		return 128
	case csvschema.Name.String(), csvschema.GalleryImageReferenceVersion.String(), csvschema.GalleryImageReferenceOffer.String(),
		csvschema.GalleryImageReferencePublisher.String(), csvschema.GalleryImageReferenceSku.String():
		return 256
	case csvschema.ResourceOwner.String(), csvschema.DiskBlobName.String():
		return 1024
	}
	return 2048 // IDs of resources
}

// oneLine returns a text that is a comment of one line in each of the scripts.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	return strings.ReplaceAll(text, "$(", "$ (") // sqlcmd replaces variables in comments, too
}
