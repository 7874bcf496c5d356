package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cookbookFiles are what the commands of the cookbook find beside the exports.
var cookbookFiles = map[string]string{
	"alice.txt": "alice.archer@contoso.com\n6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11\n",
	"carol.txt": "carol.chen@contoso.com\n",
	"controller.yaml": "name: Contoso GmbH\npurposes: Labs.\ncategories: Use of machines.\nrecipients: Nobody else.\n" +
		"storage: 30 days.\nsource: Azure DevTest Labs.\nautomated: None.\ntransfers: None.\n",
	"key":          strings.Repeat("k", 32) + "\n",
	"holds.csv":    "LabUId,ResourceUId,reason,until\n36f675cc-81e7-4ef5-a8e2-5d940ed90475,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,claim 7,2027-01-01\n",
	"holidays.txt": "2026-09-03 A day off\n2026-11-03\n",
}

var (
	consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")
	randomHead   = regexp.MustCompile(`[0-9a-f]{64}`)
)

// TestCookbook runs all commands of the README, one after the other in the same folder.
func TestCookbook(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the cookbook is written for a Unix shell")
	}
	dir, labdsr := t.TempDir(), programFor(t)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "exports"), os.DirFS("../quickstart/exports")))
	for name, text := range cookbookFiles {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := 0
	have := consoleBlock.ReplaceAllStringFunc(string(readme), func(block string) string {
		blocks++
		var b strings.Builder
		b.WriteString("```console\n")
		for line := range strings.Lines(block) {
			command, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			c := exec.Command("sh", "-c", strings.TrimSpace(command))
			c.Dir = dir
			c.Env = append(os.Environ(), "PATH="+filepath.Dir(labdsr)+string(os.PathListSeparator)+os.Getenv("PATH"))
			output, _ := c.CombinedOutput() // the status is seen in what it says
			b.WriteString(line)
			b.Write(output)
		}
		b.WriteString("```")
		return randomHead.ReplaceAllString(b.String(), strings.Repeat("5e1f", 16))
	})
	assert.Equal(t, 11, blocks)
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile("README.md", []byte(have), 0o644))
		return
	}
	assert.Equal(t, string(readme), have)
}

var (
	otherBlock = regexp.MustCompile("(?s)```(?:sh|yaml|dockerfile)\n(.*?)```")
	labdsrLine = regexp.MustCompile(`(?m)^\s*(?:- run: )?labdsr (.*)$`)
	shellWord  = regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`)
)

// TestCommandsOfTheREADMEExist parses the commands of the blocks that [TestCookbook] does not
// run.
func TestCommandsOfTheREADMEExist(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	commands := map[string]int{}
	for _, block := range otherBlock.FindAllStringSubmatch(string(readme), -1) {
		for _, line := range labdsrLine.FindAllStringSubmatch(strings.ReplaceAll(block[1], "\\\n", " "), -1) {
			var args []string
			for _, word := range shellWord.FindAllStringSubmatch(line[1], -1) {
				args = append(args, word[1]+word[2]+word[3])
			}
			cmd, rest, err := newRoot(newApp(nil, nil, os.Stdout, os.Stderr)).Find(args)
			require.NoError(t, err, line[0])
			require.NoError(t, cmd.ParseFlags(rest), line[0])
			require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), line[0])
			require.NoError(t, checkURLs(cmd), line[0])
			commands[cmd.Name()]++
		}
	}
	for name, least := range map[string]int{"access": 2, "filter": 1, "plan": 1, "anonymize": 4, "copies": 3, "export": 3} {
		assert.GreaterOrEqual(t, commands[name], least, name)
	}
}
