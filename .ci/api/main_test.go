package main

import (
	"bytes"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const source = `package p
import "io"
const Limit = 3
var ErrGone error
type hidden struct{ Inner int }
func (hidden) Promoted() {}
type Kind uint8
func (k *Kind) Set(text string) error { return nil }
type Options[T any] struct {
	hidden
	io.Reader
	Size int ` + "`json:\"size\"`" + `
	Emit func() T
	private int
}
type Row interface{ A | B }
type A struct{}
type B struct{}
type Text = string
func Copy[T Row](w io.Writer, rows ...T) (n int, err error) { return 0, nil }
func private() {}
`

// listed returns the list of a package with this source.
func listed(t *testing.T, source string) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", source, 0)
	require.NoError(t, err)
	p, err := (&types.Config{Importer: importer.Default()}).Check("p", files, []*ast.File{file}, nil)
	require.NoError(t, err)
	return list(p)
}

func TestEveryExportedNameIsListed(t *testing.T) {
	assert.Equal(t, []string{
		"p: const Limit untyped int = 3",
		"p: field Options.Emit func() T",
		"p: field Options.Reader io.Reader, embedded",
		"p: field Options.Size int `json:\"size\"`",
		"p: func Copy[T Row](io.Writer, ...T) (int, error)",
		"p: method (*Kind) Set(string) error",
		"p: method (Options) Promoted()",
		"p: method (Options) Read([]byte) (int, error)",
		"p: type A struct",
		"p: type B struct",
		"p: type Kind uint8",
		"p: type Options[T any] struct, not comparable",
		"p: type Row interface{A | B}",
		"p: type Text = string",
		"p: var ErrGone error",
	}, listed(t, source))
}

func TestAChangeOfTheAPIIsSeen(t *testing.T) {
	want := listed(t, source)
	for _, test := range []struct {
		name, old, new string
		lines          []string
	}{
		{"the name of a parameter is no part of it", "Set(text string)", "Set(s string)", nil},
		{"nor is what is not exported", "func private() {}", "func other() {}", nil},
		{"a name that is gone", "var ErrGone error", "", []string{"- p: var ErrGone error"}},
		{"a name that is new", "func private() {}", "func Public() {}", []string{"+ p: func Public()"}},
		{"a method that is gone", "func (hidden) Promoted() {}", "", []string{"- p: method (Options) Promoted()"}},
		{"another receiver", "(k *Kind) Set", "(k Kind) Set", []string{"- p: method (*Kind) Set(string) error", "+ p: method (Kind) Set(string) error"}},
		{"another value", "Limit = 3", "Limit = 4", []string{"- p: const Limit untyped int = 3", "+ p: const Limit untyped int = 4"}},
		{"another result", "(n int, err error)", "(n int64, err error)", []string{
			"- p: func Copy[T Row](io.Writer, ...T) (int, error)", "+ p: func Copy[T Row](io.Writer, ...T) (int64, error)",
		}},
		{"comparable no longer", "type A struct{}", "type A struct{ x []int }", []string{"- p: type A struct", "+ p: type A struct, not comparable"}},
		{"another tag", "json:\"size\"", "json:\"bytes\"", []string{"- p: field Options.Size int `json:\"size\"`", "+ p: field Options.Size int `json:\"bytes\"`"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NotEqual(t, test.old, test.new)
			assert.Equal(t, test.lines, diff(want, listed(t, strings.Replace(source, test.old, test.new, 1))))
		})
	}
}

// TestAListThatLacksANameFails works on a copy of the list of the module.
func TestAListThatLacksANameFails(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile(".ci/api/api.txt")
	require.NoError(t, err)
	const name = "csvschema: var ErrHeaderAgain error\n"
	require.Contains(t, string(text), name)
	file := filepath.Join(t.TempDir(), "api.txt")
	for _, test := range []struct {
		name, list, want string
	}{
		{"the same", string(text), ""},
		{"removed from the module", string(text) + "csvschema: var ErrOld error\n", "- csvschema: var ErrOld error\n"},
		{"added to the module", strings.Replace(string(text), name, "", 1), "+ " + name},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(file, []byte(test.list), 0o600))
			var out bytes.Buffer
			err := run(&out, file, false)
			assert.Equal(t, test.want, out.String())
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "CHANGELOG.md")
			require.NoError(t, run(&out, file, true))
			require.NoError(t, run(&out, file, false))
		})
	}
	require.Error(t, run(&bytes.Buffer{}, filepath.Join(t.TempDir(), "missing"), false))
}
