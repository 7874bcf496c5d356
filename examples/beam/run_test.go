package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRootsAreApart(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "a"), 0o700))
	require.NoError(t, os.Symlink("a", filepath.Join(dir, "link")))
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, test := range []struct {
		roots []string
		out   string
		ok    bool
	}{
		{[]string{in("a")}, in("b"), true},
		{[]string{in("a")}, in("ab"), true},
		{[]string{in("a")}, in("a"), false},
		{[]string{in("a")}, in("a/out"), false},
		{[]string{in("a")}, in("link"), false},
		{[]string{in("a")}, in("link/new/out"), false},
		{[]string{in("link")}, in("link/out"), false},
		{[]string{in("a/in")}, in("a"), false},
		{[]string{in("a"), in("a/b")}, in("c"), false},
		{[]string{"https://x.blob.core.windows.net/c/"}, "https://x.blob.core.windows.net/c/out", false},
		{[]string{"https://x.blob.core.windows.net/c"}, "https://x.blob.core.windows.net/cc", true},
		{[]string{"https://x.blob.core.windows.net/c"}, "https://X.blob.core.windows.net/%63/out", false},
		{[]string{"https://x.blob.core.windows.net/c"}, in("c"), true},
		{[]string{"https://x.blob.core.windows.net/c?sig=canary"}, in("c"), false},
		{[]string{in("c")}, "https://x.blob.core.windows.net/c#canary", false},
		{[]string{"https://canary@x.blob.core.windows.net/c"}, in("c"), false},
		{[]string{"gs://labs"}, "gs://labs/out", false},
		{[]string{"s3://labs/in"}, "s3://labs", false},
		{[]string{"s3://labs/in/"}, "s3://labs/in", false},
		{[]string{"s3://labs/in"}, "s3://labs/in-out", true},
		{[]string{"s3://labs/a%62"}, "s3://labs/ab", true},
		{[]string{"gs://labs"}, "s3://labs", true},
		{[]string{"gs://labs", "gs://labs-b", "gs://labs/x"}, in("c"), false},
		{[]string{"s3://canary@labs"}, in("c"), false},
		{[]string{in("c")}, "s3://labs?canary", false},
	} {
		j := &job{Roots: test.roots, Out: test.out, Key: "key", Holds: []string{"holds"}, Erase: []string{"erase"}, Removed: []string{"x", "removed"}}
		err := j.checkRoots()
		assert.Equal(t, test.ok, err == nil, "%v %v: %v", test.roots, test.out, err)
		if err == nil {
			for _, path := range []string{j.Key, j.Holds[0], j.Erase[0], j.Removed[1]} {
				assert.True(t, filepath.IsAbs(path))
			}
		} else {
			assert.NotContains(t, err.Error(), "canary")
		}
	}
}

func TestURLsOfBuckets(t *testing.T) {
	for url, want := range map[string]string{
		"s3://labs":                        "s3://labs",
		"s3://labs/":                       "s3://labs",
		"gs://labs/a/b//":                  "gs://labs/a/b",
		"gs://my_labs.example.com":         "gs://my_labs.example.com",
		"s3://labs/a b/c%20d/e+f":          "s3://labs/a b/c%20d/e+f",
		"s3://labs/@/ü":                    "s3://labs/@/ü",
		"s3://":                            "",
		"s3:///labs":                       "",
		"s3://Labs":                        "",
		"s3://canary@labs/in":              "",
		"s3://canary:secret@labs":          "",
		"s3://labs:443/in":                 "",
		"s3://labs?region=canary":          "",
		"s3://labs/in?canary":              "",
		"gs://labs/in#canary":              "",
		"gs://labs//canary":                "",
		"gs://labs/canary/../in":           "",
		"gs://labs/./canary":               "",
		"gs://labs/canary\x01":             "",
		`gs://labs/canary\in`:              "",
		"S3://labs/canary":                 "",
		"GS://labs/canary":                 "",
		"minio://labs/canary":              "",
		"HTTPS://x.blob/canary":            "",
		"s3://labs/canary\xff":             "",
		"gs://" + strings.Repeat("a", 300): "",
	} {
		got, err := absolute(url)
		assert.Equal(t, want, got, url)
		assert.Equal(t, want == "", err != nil, url)
		if err != nil {
			assert.NotContains(t, err.Error(), "canary")
		}
	}
}

func TestTwoRoots(t *testing.T) {
	files := labs(t, 2)
	j := newTestJob(t, anonymizing, files)
	second := filepath.Join(filepath.Dir(j.Out), "second")
	files.write(t, second)
	j.Roots = append(j.Roots, second)
	got := mustRun(t, j)
	assert.Equal(t, 2, got.Units, "each lab is in both")
	assert.Equal(t, 8, got.Files)
	written := treeAt(t, filepath.Join(j.Out, exportsFolder))
	assert.Len(t, written, 8)
	for name, text := range treeAt(t, filepath.Join(j.Out, exportsFolder, "1")) {
		assert.Equal(t, text, written["2/"+name])
	}
}

func TestWhatIsSaidOfARun(t *testing.T) {
	var said bytes.Buffer
	(&report{Run: "r", Action: access, Units: 2, Labs: 3, LabsJoined: 2, Subjects: make([]subjectOutcome, 4), Failures: []failure{{"u", "a/b.csv", "damaged"}}}).print(&said)
	assert.Contains(t, said.String(), "3 labs in 2 units")
	assert.Contains(t, said.String(), "2 labs joined")
	assert.Contains(t, said.String(), "of 4 subjects")
	assert.Contains(t, said.String(), "failed: unit u: a/b.csv damaged")
	assert.Contains(t, said.String(), "report: runs/r.json")
	(&report{Action: anonymizing, Counts: map[string]int64{"held": 3, "findings.near-request": 2}}).print(&said)
	assert.Contains(t, said.String(), " 3 held;")
	assert.Contains(t, said.String(), "2 rows keep what is near an identifier that was asked for\n")
}
