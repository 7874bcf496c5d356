package main

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moduleRoot is the folder of README.md. It is absolute, because a test may change
// the working directory.
var moduleRoot = func() string {
	root, _ := filepath.Abs(filepath.Join("..", ".."))
	return root
}()

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot, "README.md"))
	require.NoError(t, err)
	return string(text)
}

func TestReadmeShowsWhatTheProgramPrints(t *testing.T) {
	t.Chdir(t.TempDir())
	printed := "```\n" + quickstart(t, "out") + "```\n"
	if !strings.Contains(readme(t), printed) {
		t.Errorf("README.md must show:\n%s", printed)
	}
}

// snippet matches a program in README.md and the output that is shown after it.
var snippet = regexp.MustCompile("(?s)```go\n(.*?)```\n\n```\n(.*?)```\n")

// TestReadmeProgramsPrintWhatItShows builds the programs in README.md as they are
// shown and runs them beside an export.
func TestReadmeProgramsPrintWhatItShows(t *testing.T) {
	t.Parallel()
	text := readme(t)
	programs := snippet.FindAllStringSubmatch(text, -1)
	require.Len(t, programs, 2)
	require.Equal(t, len(programs), strings.Count(text, "```go\n"), "each program must show its output")
	for i, name := range []string{"access", "clean"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, shown := programs[i][1], programs[i][2]
			formatted, err := format.Source([]byte(code))
			require.NoError(t, err)
			assert.Equal(t, string(formatted), code, "gofmt")
			stdout, stderr := runProgram(t, code)
			if name == "access" {
				assert.Equal(t, shown, stdout)
				assert.Empty(t, stderr)
				return
			}
			assert.Equal(t, shown, stderr)
			assert.Equal(t, 5, strings.Count(stdout, `"removed@anonymized.invalid"`))
		})
	}
}

// runProgram builds a program and runs it in a folder with the export of a lab. The
// file of its virtual machines is the standard input, too.
func runProgram(t *testing.T, code string) (stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	exports, err := fs.Sub(embedded, "exports/contoso-dev")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, exports))
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "program.exe")
	require.NoError(t, os.WriteFile(source, []byte(code), 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, source)
	build.Dir = moduleRoot
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))

	in, err := os.Open(filepath.Join(dir, "virtualmachines.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, in.Close()) }()
	var out, errs bytes.Buffer
	program := exec.CommandContext(t.Context(), binary)
	program.Dir, program.Stdin, program.Stdout, program.Stderr = dir, in, &out, &errs
	require.NoError(t, program.Run(), &errs)
	return out.String(), errs.String()
}
