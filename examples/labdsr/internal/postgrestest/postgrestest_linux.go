// Package postgrestest runs a PostgreSQL server for tests, from the packages of Debian.
package postgrestest

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Absent is in the message of each test that is skipped because there is no PostgreSQL.
const Absent = "PostgreSQL absent"

// A Server is a PostgreSQL that runs until the test is over. It listens on no port, and
// on a socket in a folder that only its user and root can enter.
type Server struct {
	programs string // folder
	socket   string // folder
}

// Run starts a server with an empty database. It skips the test if there is no PostgreSQL.
func Run(t testing.TB) *Server {
	t.Helper()
	programs := find()
	if programs == "" {
		t.Skipf("%s: run apt-get install postgresql", Absent)
	}
	dir, err := os.MkdirTemp("", "labdsr-postgres-") //nolint:usetesting // its user can enter it, and the name of a socket is short
	require.NoError(t, err)
	s := &Server{programs: programs, socket: dir}
	attributes := owner(t, dir)
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(programs, "initdb"), "--pgdata", data, "--username", "labdsr", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attributes, dir
	output, err := initdb.CombinedOutput()
	require.NoError(t, err, "%s", output)

	// The shell stops the server when its standard input ends, as it does when this process ends.
	server := exec.Command("sh", "-c", `"$@" & read -r _; kill -INT $!; wait $!`, "sh",
		filepath.Join(programs, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = attributes, dir
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	stdin, err := server.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = server.Wait() // by a signal
		require.NoError(t, os.RemoveAll(dir))
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if s.command("pg_isready").Run() == nil {
			return s
		}
		require.True(t, time.Now().Before(deadline), "PostgreSQL does not start")
	}
}

// find returns the folder of the programs of the newest PostgreSQL, or "".
func find() string {
	all, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is ours
	newest, program := 0, ""
	for _, path := range all {
		dir := filepath.Dir(path)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > newest {
			newest, program = version, dir
		}
	}
	return program
}

// owner gives the folder to the user that runs the server, which refuses to run as root.
func owner(t testing.TB, dir string) *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	require.NoError(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, int(uid), int(gid)))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func (s *Server) command(program string, arguments ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.programs, program), arguments...)
	c.Env = append(os.Environ(), "PGHOST="+s.socket, "PGUSER=labdsr", "PGDATABASE=postgres")
	return c
}

// RunScript runs a script by psql, as its user would, in the folder of the script. It
// returns what psql printed, and an error if it failed.
func (s *Server) RunScript(script string) (string, error) {
	c := s.command("psql", "--no-psqlrc", "-f", filepath.Base(script))
	c.Dir = filepath.Dir(script)
	output, err := c.CombinedOutput()
	return string(output), err
}

// Query returns the rows of a query as text. Null is <null>.
func (s *Server) Query(t testing.TB, query string) [][]string {
	t.Helper()
	c := s.command("psql", "--no-psqlrc", "--csv", "--quiet", "--tuples-only", "--pset", "null=<null>", "-c", "SET timezone = 'UTC'", "-c", query)
	output, err := c.Output()
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(output)).ReadAll()
	require.NoError(t, err)
	return rows
}
