package tables

import "github.com/apache/arrow-go/v18/arrow"

// Scripts returns the files beside the tables of a format, by name: what loads CSV into
// PostgreSQL and SQL Server, and Parquet into Power BI.
func Scripts(f Format, schemas map[Table]*arrow.Schema) map[string][]byte { return nil }
