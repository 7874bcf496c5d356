package azure_test

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// large is the size of an export that does not fit into the memory that tests allow.
func large() int64 {
	if testing.Short() || isRace {
		return 32 << 20
	}
	return 256 << 20
}

// largeBlob uploads an export of one file.
func largeBlob(t testing.TB, s *azuretest.Server) (*container.Client, *csvschematest.Large) {
	t.Helper()
	c := s.Container(t)
	export := csvschematest.NewLarge(1, large(), nil)
	_, err := c.NewBlockBlobClient("lab/virtualmachines.csv").UploadStream(t.Context(), export.Reader(csvschema.VirtualMachines), nil)
	require.NoError(t, err)
	return c, export
}

// TestLargeBlob reads and replaces a blob that is much larger than the memory that this may
// take, and compares reading with a plain download, five times by turns. It is not parallel.
// What a plan and its verification hold besides grows with the rows; see [anonymize.Plan].
func TestLargeBlob(t *testing.T) {
	s := azuretest.Run(t)
	c, export := largeBlob(t, s)
	opened := open(t, s, c, "")
	b := blobsOf(t, opened)[0]
	require.Equal(t, export.Size(csvschema.VirtualMachines), b.Size)
	var plain, ours []time.Duration
	var reading uint64
	for range 5 {
		begun := time.Now()
		response, err := c.NewBlobClient(b.Name).DownloadStream(t.Context(), nil)
		require.NoError(t, err)
		n, err := io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, b.Size, n)
		plain = append(plain, time.Since(begun))

		begun = time.Now()
		reading = max(reading, csvschematest.PeakHeap(func() {
			r, err := opened.Source(b).Open(t.Context())
			require.NoError(t, err)
			n, err := io.Copy(io.Discard, r)
			require.NoError(t, err)
			require.NoError(t, r.Close())
			assert.Equal(t, b.Size, n)
		}))
		ours = append(ours, time.Since(begun))
	}
	writing := csvschematest.PeakHeap(func() {
		_, err := opened.Replace(t.Context(), b, func(w io.Writer) error {
			_, err := io.Copy(w, export.Reader(csvschema.VirtualMachines))
			return err
		})
		require.NoError(t, err)
	})
	const most = 64 << 20
	assert.Less(t, reading, uint64(most))
	assert.Less(t, writing, uint64(most))
	mib := float64(b.Size) / (1 << 20)
	ratio := slices.Min(ours).Seconds() / slices.Min(plain).Seconds()
	t.Logf("%.0f MiB: %.0f MiB/s, plain download %.0f MiB/s, ratio of times %.2f; at most %d MiB of heap to read it, %d MiB to replace it",
		mib, mib/slices.Min(ours).Seconds(), mib/slices.Min(plain).Seconds(), ratio, reading>>20, writing>>20)
	if !isRace {
		assert.Less(t, ratio, 2.0, "much slower than a plain download")
	}
}
