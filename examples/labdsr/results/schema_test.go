package results_test

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/results"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

var update = flag.Bool("update", false, "rewrite schemas")

// A schema has the keywords of the schemas.
type schema struct {
	Schema               string             `json:"$schema,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Ref                  string             `json:"$ref,omitempty"`
	OneOf                []*schema          `json:"oneOf,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Format               string             `json:"format,omitempty"`
	Pattern              string             `json:"pattern,omitempty"`
	Enum                 []any              `json:"enum,omitempty"`
	Minimum              *int               `json:"minimum,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties any                `json:"additionalProperties,omitempty"` // false, or a schema
	Defs                 map[string]*schema `json:"$defs,omitempty"`
}

// objects are the types of the objects, with their commands and exit statuses.
var objects = []struct {
	of       reflect.Type
	command  string
	statuses []any
}{
	{reflect.TypeFor[results.Access](), "access", []any{0, 3}},
	{reflect.TypeFor[results.People](), "access", []any{0, 3}},
	{reflect.TypeFor[results.Anonymize](), "anonymize", []any{0, 3}},
	{reflect.TypeFor[results.InPlace](), "anonymize", []any{0, 1, 3}},
	{reflect.TypeFor[results.Copies](), "copies", []any{0, 1}},
	{reflect.TypeFor[results.Deadline](), "deadline", []any{0}},
	{reflect.TypeFor[results.Export](), "export", []any{0, 1}},
	{reflect.TypeFor[results.Filter](), "filter", []any{0, 3}},
	{reflect.TypeFor[results.Man](), "man", []any{0}},
	{reflect.TypeFor[results.Plan](), "plan", []any{0, 3}},
	{reflect.TypeFor[results.Receipts](), "receipts check", []any{0, 4}},
	{reflect.TypeFor[results.Tables](), "tables", []any{0}},
	{reflect.TypeFor[results.Verify](), "verify", []any{0, 4}},
}

// TestSchemasAreThoseOfTheTypes makes the schemas of the types and their comments.
func TestSchemasAreThoseOfTheTypes(t *testing.T) {
	t.Parallel()
	comments, codes := commentsOf(t)
	for _, kind := range []struct {
		of string
		by encoding.TextMarshaler
	}{{"FindingKind", anonymize.FindingKind(0)}, {"FailureKind", verify.FailureKind(0)}, {"ContradictionKind", tables.ContradictionKind(0)}} {
		codes[kind.of] = append(codes[kind.of], codesOf(reflect.TypeOf(kind.by))...)
	}
	codes["QuestionKind"] = append(codes["QuestionKind"], questionKinds...)
	all := ""
	for _, command := range append(results.Commands(), all) {
		m := maker{comments: comments, codes: codes, defs: map[string]*schema{}}
		root := &schema{Schema: "https://json-schema.org/draft/2020-12/schema", Title: "What labdsr writes with --json"}
		commands := []any{}
		for _, object := range objects {
			if command == all || command == object.command {
				m.addObject(root, object.of, []any{object.command}, object.statuses)
				commands = append(commands, object.command)
			}
		}
		if command == all {
			commands = nil // any: the wrong use of "completion bash" is an Error, too
		} else {
			root.Title, commands = "What labdsr "+command+" writes with --json", commands[:1]
		}
		m.addObject(root, reflect.TypeFor[results.Error](), commands, []any{1, 2, 4})
		root.Defs = m.defs
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		require.NoError(t, e.Encode(root))
		if *update {
			name := strings.ReplaceAll(cmp.Or(command, "labdsr"), " ", "-")
			require.NoError(t, os.WriteFile("schemas/"+name+".json", want.Bytes(), 0o644))
			continue
		}
		assert.Equal(t, want.String(), string(results.Schema(command)), "make it again with -update")
	}
	assert.Nil(t, results.Schema("unknown"))
}

// questionKinds are the codes of the findings that a person has to decide about.
var questionKinds = []any{
	"undetermined", "near-match", "alias-candidate",
	"active-with-date", "different-ids", "inactive-without-date", "unreadable-date", "near-request",
}

// addObject adds the type of an object to the schema of a command.
func (m *maker) addObject(root *schema, of reflect.Type, commands, statuses []any) {
	ref := m.schemaOf(of)
	root.OneOf = append(root.OneOf, ref)
	properties := m.defs[of.Name()].Properties
	properties["command"].Enum, properties["status"].Enum, properties["status"].Minimum = commands, statuses, nil
}

// A maker makes schemas of types.
type maker struct {
	comments map[string]string // of types and of fields, as in Row.Cells
	codes    map[string][]any  // of types that are strings
	defs     map[string]*schema
}

func (m *maker) schemaOf(t reflect.Type) *schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[deadline.Date]():
		return &schema{Type: "string", Format: "date"}
	case reflect.TypeFor[identity.Digest]():
		return &schema{Type: "string", Pattern: "^[0-9a-f]{64}$"}
	}
	switch t.Kind() { //nolint:exhaustive // these are all
	case reflect.String:
		return &schema{Type: "string", Enum: m.codes[t.Name()]}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Slice:
		return &schema{Type: "array", Items: m.schemaOf(t.Elem())}
	case reflect.Pointer:
		return m.schemaOf(t.Elem())
	case reflect.Map:
		s := &schema{Type: "object", AdditionalProperties: m.schemaOf(t.Elem())}
		if t.Key().Kind() != reflect.String { // an enumeration
			s.Properties, s.AdditionalProperties = map[string]*schema{}, false
			for _, code := range codesOf(t.Key()) {
				s.Properties[code.(string)] = m.schemaOf(t.Elem())
				s.Required = append(s.Required, code.(string))
			}
		}
		return s
	case reflect.Struct:
		if m.defs[t.Name()] == nil {
			s := &schema{Description: m.comments[t.Name()], Type: "object", Properties: map[string]*schema{}, AdditionalProperties: false}
			m.defs[t.Name()] = s
			m.addFields(s, t)
		}
		return &schema{Ref: "#/$defs/" + t.Name()}
	}
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return &schema{Type: "string", Enum: codesOf(t)}
	}
	if t.Kind() == reflect.Int || t.Kind() == reflect.Int64 {
		return &schema{Type: "integer", Minimum: new(0)}
	}
	panic(fmt.Sprint("no schema for ", t))
}

func (m *maker) addFields(s *schema, t reflect.Type) {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous {
			m.addFields(s, field.Type)
			continue
		}
		one := m.schemaOf(field.Type)
		one.Description = m.comments[t.Name()+"."+field.Name]
		s.Properties[name] = one
		if options == "" {
			s.Required = append(s.Required, name)
		}
	}
}

// codesOf returns the codes of the constants of a type.
func codesOf(t reflect.Type) (codes []any) {
	for i := 1; ; i++ {
		value := reflect.New(t).Elem()
		value.Set(reflect.ValueOf(i).Convert(t))
		text, _ := value.Interface().(encoding.TextMarshaler).MarshalText()
		if len(text) == 0 {
			return codes
		}
		codes = append(codes, string(text))
	}
}

var docLink = regexp.MustCompile(`\[([A-Za-z.]+)\]`)

// commentsOf returns the comments of the types that objects are made of, and of their fields,
// and the constants of each type.
func commentsOf(t *testing.T) (comments map[string]string, constants map[string][]any) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	comments, constants = map[string]string{}, map[string][]any{}
	for _, path := range append(paths, "../../../anonymize/terms.go") {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if all, ok := decl.(*ast.GenDecl); ok && !strings.HasSuffix(path, "_test.go") {
				addComments(comments, constants, all)
			}
		}
	}
	return comments, constants
}

func addComments(comments map[string]string, constants map[string][]any, all *ast.GenDecl) {
	words := func(doc *ast.CommentGroup) string {
		return docLink.ReplaceAllString(strings.Join(strings.Fields(doc.Text()), " "), "$1")
	}
	for _, spec := range all.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			if kind, ok := spec.Type.(*ast.Ident); ok && all.Tok == token.CONST {
				code, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				constants[kind.Name] = append(constants[kind.Name], code)
			}
		case *ast.TypeSpec:
			comments[spec.Name.Name] = words(all.Doc)
			if object, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range object.Fields.List {
					for _, name := range field.Names {
						comments[spec.Name.Name+"."+name.Name] = words(field.Doc) + words(field.Comment)
					}
				}
			}
		}
	}
}

// TestEveryFieldHasAComment finds fields that the schemas do not explain.
func TestEveryFieldHasAComment(t *testing.T) {
	t.Parallel()
	comments, _ := commentsOf(t)
	require.Greater(t, len(comments), 100)
	for name, text := range comments {
		if !strings.HasPrefix(name, "Terms.") {
			assert.NotEmpty(t, text, name)
		}
	}
}
