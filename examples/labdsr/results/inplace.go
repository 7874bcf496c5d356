package results

// An InPlace is the object of the command anonymize, with --in-place.
type InPlace struct {
	Plan
	// DryRun says that nothing was to be written.
	DryRun bool `json:"dryRun"`
	// Blobs say what became of each blob, in the order of the inputs.
	Blobs []ReplacedBlob `json:"blobs"`
	// With --delete-copies.
	CopiesFound
	Receipt
}

// A ReplacedBlob says what became of a blob.
type ReplacedBlob struct {
	// File is its URL.
	File string `json:"file"`
	// Outcome is what became of it.
	Outcome BlobOutcome `json:"outcome"`
	// Changed is the number of its rows in which something was replaced, or is to be.
	Changed int64 `json:"changed"`
	// Why is why it was left, in words. It is absent if it was not.
	Why string `json:"why,omitempty"`
}

// A BlobOutcome is what became of a blob.
type BlobOutcome string

// The outcomes.
const (
	BlobUnchanged BlobOutcome = "unchanged" // nothing in it is due, and it was not written
	BlobDue       BlobOutcome = "due"       // of --dry-run: it would be replaced
	BlobReplaced  BlobOutcome = "replaced"  // by what was verified, which was read back
	BlobLeft      BlobOutcome = "left"      // as somebody else made it meanwhile
	BlobFailed    BlobOutcome = "failed"    // it could not be replaced, or the service did not say whether it was
)
