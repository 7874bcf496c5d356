package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// Under the race detector a process waits for a second at its end, unless it is told
// not to. Tests run some hundred.
const raceVariable, raceOptions = "GORACE", "atexit_sleep_ms=0"

// With this variable a run checks its result against the schemas, also without --json. One
// that is not accepted ends with a status of its own.
const (
	checkVariable   = "LABDSR_CHECK"
	statusUnchecked = 70
)

func TestMain(m *testing.M) {
	_ = os.Setenv(raceVariable, raceOptions)
	testscript.Main(withServer{m}, map[string]func(){"labdsr": func() {
		if os.Getenv(checkVariable) == "" {
			os.Exit(execute())
		}
		silence()
		a := newApp(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		useFakeLabs(a)
		status := a.run(context.Background(), os.Args[1:])
		if err := checkResult(a, status); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = statusUnchecked
		}
		os.Exit(status)
	}})
}

// A withServer stops the storage server after all tests.
type withServer struct{ *testing.M }

func (m withServer) Run() int { return azuretest.Main(m.M) }

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Cmds: commands, Setup: setup, RequireExplicitExec: true, RequireUniqueNames: true,
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		UpdateScripts: os.Getenv("UPDATE") != "",
	})
}

// setup gives each script the exports of the quickstart, in exports.
func setup(env *testscript.Env) error {
	env.Setenv("NO_COLOR", "1")
	env.Setenv(raceVariable, raceOptions)
	env.Setenv(checkVariable, "1")
	return os.CopyFS(filepath.Join(env.WorkDir, "exports"), os.DirFS("../quickstart/exports"))
}

// commands are what scripts can do besides the built-in commands.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"status":   status,
	"generate": generate,
	"replace":  replace,
	"modes":    modes,
	"full":     full,
	"pack":     pack,
	"utf16":    utf16,
	"keypair":  keypair,
	"head":     head,
}

var (
	address  = regexp.MustCompile(`[\pL\d.+'-]+@[\pL\d-]+\.[\pL\d.]+`)
	objectID = "6f0c2f3e"
)

// status runs labdsr and expects that exit status. Whatever comes out of it, no
// identifier may be in it.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program argument…")
	}
	err := ts.Exec(args[1], args[2:]...)
	have := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		have = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(have) != args[0] {
		ts.Fatalf("exit status %d, want %s", have, args[0])
	}
	if args[1] == "labdsr" && slices.Contains(args, "--json") {
		ts.Check(checkObject([]byte(ts.ReadFile("stdout"))))
		ts.Check(accept("", []byte(ts.ReadFile("stdout"))))
	}
	output := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, found := range address.FindAllString(output, -1) {
		if !strings.HasSuffix(found, "anonymized.invalid") {
			ts.Fatalf("an address was printed: %s", found)
		}
	}
	if strings.Contains(strings.ToLower(output), objectID) {
		ts.Fatalf("an object ID was printed")
	}
}

// generate writes the exports of the generator, one folder for each.
func generate(ts *testscript.TestScript, _ bool, args []string) {
	set := csvschematest.New(1, &csvschematest.Options{UnreadableDates: slices.Contains(args, "-unreadable")})
	for _, f := range set.Files {
		dir := filepath.Join(ts.MkAbs(args[0]), fmt.Sprintf("export%d", f.Export))
		ts.Check(os.MkdirAll(dir, 0o700))
		ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.csv", f.Role, f.Number)), f.Data, 0o600))
	}
}

// replace replaces the first occurrence of a text in a file.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: replace old new file")
	}
	have := ts.ReadFile(args[2])
	unescape := strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t")
	old, with := unescape.Replace(args[0]), unescape.Replace(args[1])
	if !strings.Contains(have, old) {
		ts.Fatalf("%s does not hold %q", args[2], old)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Replace(have, old, with, 1)), 0o600))
}

// keypair writes an Ed25519 key and its public half, as openssl does.
func keypair(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: keypair private public")
	}
	ts.Check(writeKeyPair(ts.MkAbs(args[0]), ts.MkAbs(args[1])))
}

func writeKeyPair(privatePath, publicPath string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	for _, half := range []struct {
		path, kind string
		marshal    func() ([]byte, error)
	}{
		{privatePath, "PRIVATE KEY", func() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(private) }},
		{publicPath, "PUBLIC KEY", func() ([]byte, error) { return x509.MarshalPKIXPublicKey(public) }},
	} {
		der, err := half.marshal()
		if err != nil {
			return err
		}
		if err := os.WriteFile(half.path, pem.EncodeToMemory(&pem.Block{Type: half.kind, Bytes: der}), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// head sets a variable to the head of a receipt.
func head(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: head variable receipt")
	}
	ts.Setenv(args[0], receipt.Head([]byte(ts.ReadFile(args[1]))).String())
}

// modes checks that nobody else can read a file, or a folder and all that is in it.
func modes(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(arg), func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if want := os.FileMode(0o600); !d.IsDir() && info.Mode() != want || d.IsDir() && info.Mode().Perm() != 0o700 {
				return fmt.Errorf("%s has mode %v", path, info.Mode())
			}
			return nil
		}))
	}
}

// programFor returns the path of a labdsr: this test under that name, see TestMain.
func programFor(t *testing.T) string {
	t.Helper()
	test, err := os.Executable()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "labdsr")
	require.NoError(t, os.Symlink(test, path))
	return path
}
