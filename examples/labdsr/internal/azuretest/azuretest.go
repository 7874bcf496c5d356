// Package azuretest runs a storage server for tests: Azurite, which Microsoft makes.
package azuretest

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/require"
)

// Absent is in the message of each test that is skipped because there is no Azurite.
const Absent = "Azurite absent"

// A Server is an Azurite that runs until the tests of a package are over.
type Server struct {
	URL     string // of the account, without a slash at the end
	Account string
	Key     string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
}

// server is the one of this test process.
var server struct {
	once sync.Once
	at   *Server
	err  error
}

// Main runs the tests of a package and stops the server. TestMain calls it and exits with
// what it returns.
func Main(m *testing.M) int {
	defer stop()
	return m.Run()
}

func stop() {
	if server.at != nil {
		_ = server.at.process.Process.Kill() // or it has ended
		<-server.at.ended
	}
}

// Run returns the server, which it starts when it is first asked for. It skips the test if
// there is no Azurite.
func Run(t testing.TB) *Server {
	t.Helper()
	program := find()
	if program == "" {
		t.Skipf("%s: run npm --prefix .ci/azurite ci, or set AZURITE to the path of azurite-blob", Absent)
	}
	server.once.Do(func() { server.at, server.err = start(program) })
	require.NoError(t, server.err)
	return server.at
}

// find returns the path of Azurite, or "".
func find() string {
	if program := os.Getenv("AZURITE"); program != "" {
		return program
	}
	_, here, _, _ := runtime.Caller(0)
	program := filepath.Join(filepath.Dir(here), "..", "..", "..", "..", ".ci", "azurite", "node_modules", ".bin", "azurite-blob")
	if _, err := os.Stat(program); err != nil {
		return ""
	}
	return program
}

// endsWithParent makes Node.js end when its standard input does.
const endsWithParent = "--import=data:text/javascript,process.stdin.resume().on('end',()=>process.exit())"

// start starts a server on a port that is free.
func start(program string) (*Server, error) {
	key := make([]byte, 64)
	_, _ = rand.Read(key) // it never fails
	s := &Server{Account: "labdsrtest", Key: base64.StdEncoding.EncodeToString(key)}
	var err error
	for range 3 { // somebody else may take the port
		if err = s.start(program); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func (s *Server) start(program string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	host := l.Addr().String()
	_, port, _ := net.SplitHostPort(host)
	if err := l.Close(); err != nil {
		return err
	}
	s.process = exec.Command(program, "--blobHost", "127.0.0.1", "--blobPort", port, "--silent", "--disableTelemetry",
		"--skipApiVersionCheck", "--inMemoryPersistence")
	s.process.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+s.Account+":"+s.Key, "NODE_OPTIONS="+endsWithParent)
	if _, err := s.process.StdinPipe(); err != nil { // it is closed when this process ends, even by a signal
		return err
	}
	s.process.Dir = os.TempDir()
	if err := s.process.Start(); err != nil {
		return err
	}
	s.URL = "http://" + host + "/" + s.Account
	ended, process := make(chan struct{}), s.process
	s.ended = ended
	go func() { _ = process.Wait(); close(ended) }()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if c, err := net.Dial("tcp", host); err == nil {
			return c.Close()
		}
		select {
		case <-ended:
			return errors.New("Azurite ended when it was started") //nolint:staticcheck // a name
		case <-time.After(50 * time.Millisecond):
		}
	}
	_ = s.process.Process.Kill()
	return errors.New("Azurite does not listen") //nolint:staticcheck // a name
}

// At returns the server as it is reached by another address, such as that of a proxy.
func (s *Server) At(host string) *Server {
	return &Server{URL: "http://" + host + "/" + s.Account, Account: s.Account, Key: s.Key}
}

// ConnectionString returns the connection string of the account.
func (s *Server) ConnectionString() string {
	return fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s;", s.Account, s.Key, s.URL)
}

// Container makes a container of a name that no other test has, and returns it.
func (s *Server) Container(t testing.TB) *container.Client {
	t.Helper()
	name := "t-" + strings.ToLower(rand.Text())
	c, err := container.NewClientFromConnectionString(s.ConnectionString(), name, nil)
	require.NoError(t, err)
	_, err = c.Create(t.Context(), nil)
	require.NoError(t, err)
	return c
}

// Put writes a blob.
func Put(t testing.TB, c *container.Client, name, text string) {
	t.Helper()
	_, err := c.NewBlockBlobClient(name).UploadBuffer(t.Context(), []byte(text), nil)
	require.NoError(t, err)
}

// Get returns the bytes of a blob.
func Get(t testing.TB, c *container.Client, name string) string {
	t.Helper()
	p, err := c.NewBlobClient(name).GetProperties(t.Context(), nil)
	require.NoError(t, err)
	data := make([]byte, *p.ContentLength)
	if len(data) > 0 {
		_, err = c.NewBlobClient(name).DownloadBuffer(t.Context(), data, nil)
		require.NoError(t, err)
	}
	return string(data)
}

// SAS returns a SAS of a container.
func (s *Server) SAS(t testing.TB, c *container.Client, may sas.ContainerPermissions, until time.Time) string {
	t.Helper()
	address, err := c.GetSASURL(may, until, &container.GetSASURLOptions{StartTime: new(time.Now().Add(-time.Hour))})
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.RawQuery
}

// Impatient are bounds of retries for tests.
var Impatient = policy.RetryOptions{MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: 2 * time.Second}
