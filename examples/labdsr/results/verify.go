package results

import (
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Verify is the object of the command verify.
type Verify struct {
	Outcome
	Inputs
	// At is the instant at which identifiers had to be gone.
	At time.Time `json:"at"`
	// Policy is the policy by which the files were verified.
	Policy anonymize.Terms `json:"policy"`
	Receipt
	// Request is the request that the receipt names. It is absent if there is none.
	Request string `json:"request,omitempty"`
	// ConfirmedBy is what confirms the receipt.
	ConfirmedBy []Confirmation `json:"confirmedBy"`
	// Digests says that the files were compared with the digests of the receipt.
	Digests bool `json:"digests"`
	// OK says that nothing failed.
	OK bool `json:"ok"`
	// Pairs is the number of files that were compared with those before.
	Pairs int `json:"pairs"`
	// Rows is the number of rows in them.
	Rows int64 `json:"rows"`
	// Changed is the number of rows that were changed.
	Changed int64 `json:"changed"`
	// Replaced is the number of identifiers and names that are gone.
	Replaced int64 `json:"replaced"`
	// Failed is the number of places that failed.
	Failed int64 `json:"failed"`
	// Failures are the first of them.
	Failures []Failure `json:"failures"`
}

// A Receipts is the object of the command receipts check.
type Receipts struct {
	Outcome
	// OK says that the receipts are one whole chain.
	OK bool `json:"ok"`
	// ConfirmedBy is what confirms the receipts.
	ConfirmedBy []Confirmation `json:"confirmedBy"`
	// Receipts are in the order of the chain. There are none if it is not whole.
	Receipts []ChainedReceipt `json:"receipts"`
	// Failed is the number of places that failed.
	Failed int64 `json:"failed"`
	// Failures are these places.
	Failures []Failure `json:"failures"`
}

// A ChainedReceipt is a receipt of a chain.
type ChainedReceipt struct {
	// Number is that in the chain, from 1.
	Number int `json:"number"`
	// File is its path.
	File string `json:"file"`
	// At is the instant of the run.
	At time.Time `json:"at"`
	// Action is what was done, such as "anonymize" or "access".
	Action string `json:"action"`
	// Request is the request that it names. It is absent if there is none.
	Request string `json:"request,omitempty"`
	// Counts are the counts that it holds, by name.
	Counts map[string]int64 `json:"counts"`
	// Head is the SHA-256 sum of the receipt.
	Head identity.Digest `json:"head"`
	// Earlier says that it is of an earlier instant than the receipt before it.
	Earlier bool `json:"earlier"`
}

// A Confirmation is what confirms a receipt.
type Confirmation string

// The confirmations.
const (
	ByKey       Confirmation = "key"       // it is sealed with the secret key
	BySignature Confirmation = "signature" // it is signed with the private half of the public key
	ByHead      Confirmation = "head"      // it is that of the head, which was kept elsewhere
)
