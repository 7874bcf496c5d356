package results

import (
	"embed"
	"slices"
	"strings"
)

//go:embed schemas
var schemas embed.FS

// Commands returns the commands that write an object, such as "access" and "receipts check".
func Commands() []string {
	return []string{"access", "anonymize", "copies", "deadline", "export", "filter", "man", "plan", "receipts check", "tables", "verify"}
}

// Schema returns the JSON Schema (draft 2020-12) of the objects that a command writes: that
// of its result, and [Error]. For "" it is that of the objects of all commands. It is nil for
// any other text. The schemas are made from the types of this package, and have their
// comments. An object has no members but those of its type.
func Schema(command string) []byte {
	name := "labdsr"
	if command != "" {
		if !slices.Contains(Commands(), command) {
			return nil
		}
		name = strings.ReplaceAll(command, " ", "-")
	}
	text, _ := schemas.ReadFile("schemas/" + name + ".json") // a test reads all
	return text
}
