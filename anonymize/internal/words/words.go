// Package words knows the words for nothing that databases and spreadsheets write.
package words

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema/identity"
)

var nulls = map[string]bool{
	"null": true, "dbnull": true, "nil": true, "none": true, "n/a": true, "#n/a": true, "na": true, "nan": true, `\n`: true,
	"undefined": true, "unknown": true, "empty": true, "-": true, "--": true, "–": true, "—": true, identity.NilObjectID: true,
}

// IsNull reports whether a text in normal form is a word for nothing. Brackets may be
// around it.
func IsNull(normal []byte) bool { return nulls[string(bytes.Trim(normal, "()<>[]"))] }
