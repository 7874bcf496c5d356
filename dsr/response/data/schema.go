package data

import (
	"bytes"
	_ "embed" // for the schema
)

// Schema returns the JSON Schema (draft 2020-12) of data.json. It is made from the types of
// this package, and has their comments.
func Schema() []byte { return bytes.Clone(schema) }

//go:embed schema.json
var schema []byte
