package results

// A Copies is the object of the command copies.
type Copies struct {
	Outcome
	CopiesFound
}

// A CopiesFound is what was found of copies of blobs that may hold what was erased from these.
type CopiesFound struct {
	// Blobs are the blobs that have copies, and those that are gone and have some.
	Blobs []BlobCopies `json:"copies"`
	// Deleted is how many copies were deleted, also those that the account still keeps.
	Deleted int64 `json:"deletedCopies"`
	// Kept is how many of them can be restored until the account's retention ends.
	Kept int64 `json:"keptCopies"`
	// Notes say in words what the account keeps in spite of deleting, and what cannot be told.
	Notes []string `json:"notes"`
}

// A BlobCopies is how many copies of a blob there were, and what became of them.
type BlobCopies struct {
	// File is the URL of the blob.
	File string `json:"file"`
	// Snapshots is the number of snapshots.
	Snapshots int64 `json:"snapshots"`
	// Versions is the number of earlier versions.
	Versions int64 `json:"versions"`
	// SoftDeleted is the number of copies that were deleted before and can be restored.
	SoftDeleted int64 `json:"softDeleted"`
	// Deleted is how many of all were deleted by this run.
	Deleted int64 `json:"deleted"`
	// Failed is how many could not be deleted.
	Failed int64 `json:"failed"`
	// Why is why the first of them could not, in words. It is absent if there is none.
	Why string `json:"why,omitempty"`
}
