package data_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/response/data"
)

var update = flag.Bool("update", false, "rewrite schema.json")

// A schema has the keywords of the schema of data.json.
type schema struct {
	Schema               string             `json:"$schema,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Ref                  string             `json:"$ref,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Format               string             `json:"format,omitempty"`
	Const                string             `json:"const,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Minimum              *float64           `json:"minimum,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`
	Defs                 map[string]*schema `json:"$defs,omitempty"`
}

// TestSchemaIsThatOfTheTypes makes the schema of the types and their comments.
func TestSchemaIsThatOfTheTypes(t *testing.T) {
	t.Parallel()
	m := maker{comments: commentsOf(t, "answer.go"), defs: map[string]*schema{}}
	ref := m.schemaOf(reflect.TypeFor[data.Answer]())
	root := m.defs["Answer"]
	delete(m.defs, "Answer")
	require.Equal(t, "#/$defs/Answer", ref.Ref)
	root.Schema, root.Title, root.Defs = "https://json-schema.org/draft/2020-12/schema", "The data.json of a package for a person", m.defs
	root.Properties["format"].Const = data.Format
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(root))
	if *update {
		require.NoError(t, os.WriteFile("schema.json", want.Bytes(), 0o644))
		return
	}
	assert.Equal(t, want.String(), string(data.Schema()), "make it again with -update")
}

// A maker makes schemas of types.
type maker struct {
	comments map[string]string // of types and of fields, as in Row.Cells
	defs     map[string]*schema
}

func (m *maker) schemaOf(t reflect.Type) *schema {
	zero := 0.0
	switch {
	case t == reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}
	case t == reflect.TypeFor[data.Text]():
		return &schema{Type: "string"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return &schema{Type: "string", Enum: codesOf(t)}
	}
	switch t.Kind() { //nolint:exhaustive // these are all
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer", Minimum: &zero}
	case reflect.Slice:
		return &schema{Type: "array", Items: m.schemaOf(t.Elem())}
	case reflect.Struct:
		if m.defs[t.Name()] == nil {
			s := &schema{Description: m.comments[t.Name()], Type: "object", Properties: map[string]*schema{}, AdditionalProperties: new(bool)}
			m.defs[t.Name()] = s
			m.addFields(s, t)
		}
		return &schema{Ref: "#/$defs/" + t.Name()}
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
func codesOf(t reflect.Type) (codes []string) {
	for i := 1; ; i++ {
		value := reflect.New(t).Elem()
		value.SetUint(uint64(i))
		text, _ := value.Interface().(encoding.TextMarshaler).MarshalText()
		if len(text) == 0 {
			return codes
		}
		codes = append(codes, string(text))
	}
}

var docLink = regexp.MustCompile(`\[([A-Za-z.]+)\]`)

// commentsOf returns the comments of the types of a file, and of their fields.
func commentsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	require.NoError(t, err)
	all := map[string]string{}
	add := func(name string, doc *ast.CommentGroup) {
		text := strings.Join(strings.Fields(doc.Text()), " ")
		require.NotEmpty(t, text, name)
		all[name] = docLink.ReplaceAllString(text, "$1")
	}
	for _, decl := range file.Decls {
		types, ok := decl.(*ast.GenDecl)
		if !ok || types.Tok != token.TYPE {
			continue
		}
		name := types.Specs[0].(*ast.TypeSpec).Name.Name
		add(name, types.Doc)
		for _, field := range fieldsOf(types.Specs[0].(*ast.TypeSpec).Type) {
			for _, ident := range field.Names {
				add(name+"."+ident.Name, field.Doc)
			}
		}
	}
	return all
}

func fieldsOf(t ast.Expr) []*ast.Field {
	if s, ok := t.(*ast.StructType); ok {
		return s.Fields.List
	}
	return nil
}

// schemaOfData returns the schema as other programs read it.
func schemaOfData(t *testing.T) *schema {
	t.Helper()
	var s schema
	d := json.NewDecoder(bytes.NewReader(data.Schema()))
	d.DisallowUnknownFields() // accept would not look at other keywords
	require.NoError(t, d.Decode(&s))
	return &s
}

// accept returns why a schema does not accept a value, or "".
func (s *schema) accept(root *schema, value any, at string) string {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		return root.Defs[name].accept(root, value, at)
	}
	no := at + " is no " + s.Type
	switch s.Type {
	case "string":
		text, ok := value.(string)
		_, err := time.Parse(time.RFC3339Nano, text)
		if !ok || s.Format == "date-time" && err != nil || s.Const != "" && text != s.Const || s.Enum != nil && !slices.Contains(s.Enum, text) {
			return no
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return no
		}
	case "integer":
		if n, ok := value.(float64); !ok || n < *s.Minimum || n != float64(int64(n)) {
			return no
		}
	case "array":
		all, ok := value.([]any)
		if !ok {
			return no
		}
		for _, one := range all {
			if why := s.Items.accept(root, one, at+"[]"); why != "" {
				return why
			}
		}
	case "object":
		members, ok := value.(map[string]any)
		if !ok {
			return no
		}
		for _, name := range s.Required {
			if _, ok := members[name]; !ok {
				return at + " has no " + name
			}
		}
		for name, member := range members {
			if s.Properties[name] == nil {
				return at + " has " + name
			}
			if why := s.Properties[name].accept(root, member, at+"."+name); why != "" {
				return why
			}
		}
	default:
		return no
	}
	return ""
}
