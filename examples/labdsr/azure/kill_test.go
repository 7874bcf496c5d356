package azure_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// The process that is killed is this test program again. These variables say what it does.
const (
	urlVariable        = "LABDSR_TEST_URL"
	connectionVariable = "LABDSR_TEST_CONNECTION"
)

// TestMain runs the tests, or is the process that is killed.
func TestMain(m *testing.M) {
	url := os.Getenv(urlVariable)
	if url == "" {
		os.Exit(azuretest.Main(m))
	}
	azure.SetBlockBytes(8 << 10) // so that there are several
	if err := anonymizeInPlace(url, os.Getenv(connectionVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// anonymizeInPlace anonymizes the blobs of a container.
func anonymizeInPlace(url, connection string) error {
	ctx := context.Background()
	c, err := azure.Open(url, azure.Credentials{ConnectionString: connection}, &azure.ClientOptions{Retry: azuretest.Impatient})
	if err != nil {
		return err
	}
	found, err := c.Sources(ctx, nil)
	if err != nil {
		return err
	}
	_, err = c.Anonymize(ctx, nil, now, found)
	return err
}

// TestKilledRunLeavesWholeBlobs kills runs over 40 blobs at random moments.
func TestKilledRunLeavesWholeBlobs(t *testing.T) {
	t.Parallel()
	rounds := 100
	if testing.Short() || isRace {
		rounds = 10
	}
	s := azuretest.Run(t)
	files := labFiles(40)
	for name := range files {
		if !strings.Contains(name, "virtualmachines") {
			delete(files, name)
		}
	}
	wanted := anonymized(t, folderOf(t, files), nil)
	c := s.Container(t)
	opened := open(t, s, c, "")
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), urlVariable+"="+s.URL+"/"+nameOf(c), connectionVariable+"="+s.ConnectionString())
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		return cmd
	}
	upload(t, c, files)
	begun := time.Now()
	require.NoError(t, start().Wait())
	lasts := time.Since(begun)

	mixed, completed, replaced := 0, 0, len(files)
	deadline, isLimited := t.Deadline()
	for round := 0; round < rounds || mixed == 0 && round < 5*rounds; round++ {
		if isLimited && round >= 10 && time.Until(deadline) < 4*time.Minute {
			rounds = round // this machine has other things to do
			break
		}
		if replaced > len(files)/2 {
			upload(t, c, files)
		}
		cmd := start()
		time.Sleep(rand.N(lasts + lasts/4))
		_ = cmd.Process.Kill() // or it is done
		if cmd.Wait() == nil {
			completed++
			lasts -= lasts / 10 // the machine is faster than at first
		} else {
			lasts += lasts / 50
		}
		replaced = 0
		is := download(t, opened)
		require.Len(t, is, len(files))
		for name, data := range is {
			isNew := bytes.Equal(data, wanted[name])
			require.True(t, isNew || bytes.Equal(data, files[name]), "round %d left half a blob", round)
			if isNew {
				replaced++
			}
		}
		if replaced > 0 && replaced < len(files) {
			mixed++
		}
	}
	t.Logf("%d blobs: %d of %d rounds ended between two blobs, %d were completed", len(files), mixed, rounds, completed)
	assert.Positive(t, mixed, "no run was killed in the middle")

	// The next run finishes, and the one after it has nothing to do.
	require.NoError(t, start().Wait())
	before := blobsOf(t, opened)
	for name, data := range download(t, opened) {
		assert.True(t, bytes.Equal(data, wanted[name]), name)
	}
	require.NoError(t, start().Wait())
	assert.Equal(t, before, blobsOf(t, opened))
}
