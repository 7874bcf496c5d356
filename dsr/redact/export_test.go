package redact

import "github.com/labdsr/labdsr/csvschema"

// RedactRow opens redactRow to tests.
func RedactRow[T csvschema.Row](r *Redactor, row T) (T, error) { return redactRow(r.state(), row, nil) }
