package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// canaries are texts that must not be where a runner, a log or an error can have them.
func canaries(t *testing.T) (texts []string, files tree) {
	t.Helper()
	const subject, objectID, other = "canary.subject@contoso.com", "0a11ce00-0000-4000-8000-00000000ca9a", "canary.other@contoso.com"
	const inLab, held = "canary.lab@contoso.com", "0a11ce00-0000-4000-8000-00000000ca9b"
	files = labs(t, 2)
	for name, text := range files {
		text = strings.ReplaceAll(text, "alice.archer@contoso.com", subject)
		files[name] = strings.ReplaceAll(text, "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", objectID)
		if strings.HasPrefix(name, "lab0001/") { // a cell may hold anything
			files[name] = strings.ReplaceAll(files[name], labUID(1), inLab)
			files[name] = strings.ReplaceAll(files[name], "Windows 10", other)
			files[name] = strings.ReplaceAll(files[name], deleted, held)
		}
	}
	return []string{subject, objectID, other, inLab, "canary.key", "canary.sas", held, "canary.claim", "canary.owner"}, files
}

// canaryJob returns a job with all canaries.
func canaryJob(t *testing.T, action string) (*job, []string) {
	t.Helper()
	texts, files := canaries(t)
	j := newTestJob(t, action, files)
	require.NoError(t, os.WriteFile(j.Subjects, []byte(texts[0]+" "+texts[1]+"\n"), 0o600))
	require.NoError(t, os.WriteFile(j.Key, []byte("canary.key of receipts, which is long enough"), 0o600))
	if action == anonymizing {
		hold(t, j, texts[3]+","+texts[6]+",canary.claim,", texts[3]+","+texts[6]+",canary.claim,2026-01-01")
		j.Erase = []string{listFile(t, j, "erase", texts[0]+"\n"+texts[1]+"\nowner:Canary.Owner\n")}
		j.Removed = []string{listFile(t, j, "removed", texts[2]+",2026-05-01\n")}
	}
	j.Credentials = j.Key + ".sas"
	require.NoError(t, os.WriteFile(j.Credentials, []byte("sv=2026&sig=canary.sas"), 0o600))
	return j, texts
}

// holdsNone asserts that a text holds no canary, in any of the spellings of encodings.
func holdsNone(t *testing.T, what string, text []byte, canaries []string) {
	t.Helper()
	lower := strings.ToLower(string(text))
	for i, canary := range canaries {
		for _, spelling := range []string{
			canary, strings.ReplaceAll(canary, "-", ""), strings.ReplaceAll(canary, "@", "%40"), fmt.Sprintf("%x", canary),
		} {
			assert.NotContains(t, lower, strings.ToLower(spelling), "%s: canary %d", what, i+1)
		}
	}
}

var base64Text = regexp.MustCompile(`[A-Za-z0-9+/]{8,}=*`)

// decoded returns a text and what is in it as base64, however deep: DoFns are JSON in
// base64 in a message in base64.
func decoded(t *testing.T, text string) []byte {
	t.Helper()
	all := []byte(text)
	for _, part := range base64Text.FindAllString(text, -1) {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
			if inner, err := encoding.DecodeString(part); err == nil {
				all = append(append(all, '\n'), decoded(t, string(inner))...)
				break
			}
		}
	}
	return all
}

// TestNothingThatBeamHasNamesAnybody looks at all that Beam encodes and shows: the graph,
// with the fields of all steps, each element, and what a run prints with all of its logs.
func TestNothingThatBeamHasNamesAnybody(t *testing.T) {
	for _, action := range []string{anonymizing, access} {
		t.Run(action, func(t *testing.T) {
			j, texts := canaryJob(t, action)
			require.NoError(t, j.begin())

			edges, _, err := j.pipeline().Build()
			require.NoError(t, err)
			environment, err := graphx.CreateEnvironment(t.Context(), graphx.URNEnvProcess, func(context.Context) string { return `{"command":"x"}` })
			require.NoError(t, err)
			graph, err := graphx.Marshal(edges, &graphx.Options{Environment: environment})
			require.NoError(t, err)
			text, err := proto.Marshal(graph)
			require.NoError(t, err)
			holdsNone(t, "graph", text, texts)
			text, err = protojson.Marshal(graph)
			require.NoError(t, err)
			holdsNone(t, "graph", decoded(t, string(text)), texts)
			assert.Contains(t, string(decoded(t, string(text))), j.Subjects, "what is decoded is the graph")

			seen := 0
			encoded := func(element []byte, err error) {
				require.NoError(t, err)
				seen++
				holdsNone(t, "element", element, texts)
			}
			units, failed := unitsOf(t, j)
			require.Len(t, units, 2)
			for _, o := range failed {
				encoded(encodeOutcome(o))
			}
			for _, u := range units {
				encoded(encodeUnit(u))
				for _, f := range u.files() {
					encoded(encodeFile(f))
					require.NoError(t, (&looker{Job: *j}).ProcessElement(t.Context(), f, func(l looked) { encoded(encodeLooked(l)) }))
				}
				done := worked(t, j, u)
				assert.Empty(t, done.Failures)
				encoded(encodeOutcome(done))
			}
			assert.Equal(t, 13, seen)

			needsRunner(t)
			again, texts := canaryJob(t, action)
			c := program(t, arguments(again, "--storage-credentials", again.Credentials, "--log", "debug")...)
			said, err := c.CombinedOutput()
			require.NoError(t, err, string(said))
			assert.Contains(t, string(said), "level=DEBUG")
			assert.Contains(t, string(said), "2 labs in 2 units")
			holdsNone(t, "logs", said, texts)
			text, err = json.Marshal(treeAt(t, again.Out+"/"+runsFolder))
			require.NoError(t, err)
			holdsNone(t, "report", text, texts)
		})
	}
}

// TestErrorsNameNobody damages a file at each of its lines in turn.
func TestErrorsNameNobody(t *testing.T) {
	for _, action := range []string{anonymizing, access} {
		for _, damage := range []string{"\"", "\x00", "\n", ",", "\"canary.other@contoso.com"} {
			j, texts := canaryJob(t, action)
			units, _ := unitsOf(t, j)
			for _, f := range units[0].files() {
				name := j.Roots[0] + "/" + f.Path
				whole, err := os.ReadFile(name)
				require.NoError(t, err)
				lines := bytes.SplitAfter(whole, []byte("\n"))
				for i := range min(4, len(lines)) {
					broken := bytes.Join(append(append(append([][]byte{}, lines[:i]...), []byte(damage)), lines[i:]...), nil)
					require.NoError(t, os.WriteFile(name, broken, 0o600))
					units, failed := unitsOf(t, j)
					for _, u := range units {
						failed = append(failed, worked(t, j, u))
					}
					for _, o := range failed {
						text, err := encodeOutcome(o)
						require.NoError(t, err)
						holdsNone(t, "outcome", text, texts)
					}
				}
				require.NoError(t, os.WriteFile(name, whole, 0o600))
			}
		}
	}
}

func TestPathsAreShownWithoutWhoTheyName(t *testing.T) {
	j := &job{Roots: []string{"one", "two"}}
	f := file{Root: 2, Path: "exports/alice@contoso.com/users/0a11ce00-0000-4000-8000-00000000ca9a/virtualmachines.csv"}
	assert.Equal(t, "2/exports/[hidden]/users/[hidden]/virtualmachines.csv", j.shown(f))
	assert.Equal(t, "2/"+f.Path, j.name(f))
	j.Roots = j.Roots[:1]
	assert.Equal(t, f.Path, j.name(f))
	assert.Equal(t, "plain.csv", j.shown(file{Path: "pl\u200bain.csv"}))
}
