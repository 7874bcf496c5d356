package results

import (
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// A Failure is a place that is not what it must be.
type Failure struct {
	// File is its path.
	File string `json:"file"`
	// Line is the number of the line, from 1. It is absent if the whole file failed.
	Line int64 `json:"line,omitempty"`
	// Column is the documented column. It is absent if there is none.
	Column csvschema.Column `json:"column,omitempty"`
	// Number is that of the column in the file, from 1. It is absent if there is none.
	Number int `json:"number,omitempty"`
	// Kind is what is wrong.
	Kind FailureKind `json:"kind"`
	// Other is the path of the other receipt that the failure is about. It is absent if it is
	// about none.
	Other string `json:"other,omitempty"`
	// Missing is the file of the receipt that is missing. It is absent for other failures.
	Missing *ReceiptFile `json:"missing,omitempty"`
}

// A ReceiptFile is a file as a receipt names it.
type ReceiptFile struct {
	// Export is the number of the export, from 1.
	Export int `json:"export"`
	// File is the number of the file among those of its kind in the export, from 1.
	File int `json:"file"`
	// Role is the kind of file.
	Role csvschema.Role `json:"role"`
}

// A FailureKind is the code of what is wrong: one of verify.FailureKind for a place in an
// output, or one of these.
type FailureKind string

// String returns what is wrong in words, and "" for any other value.
func (k FailureKind) String() string {
	for one := verify.HeaderChanged; one.String() != ""; one++ {
		if code, _ := one.MarshalText(); string(code) == string(k) {
			return one.String()
		}
	}
	return failureWords[k]
}

// What can be wrong with a file as a whole.
const (
	FileMissing    FailureKind = "file-missing"
	FileAdded      FailureKind = "file-added"
	FileOfSystem   FailureKind = "file-of-system" // added, of a name that macOS and Windows give
	FolderAdded    FailureKind = "folder-added"
	MarkerDiffers  FailureKind = "marker-differs" // the marker does not list these files, or not only these
	FileLink       FailureKind = "link"           // where only files may be
	FileSpecial    FailureKind = "special-file"
	FileUnreadable FailureKind = "file-unreadable"
	FileRewritten  FailureKind = "file-rewritten" // while it was verified
)

// What can be wrong with the files of a receipt.
const (
	InputDiffers  FailureKind = "input-differs"  // it is not that of the receipt
	OutputDiffers FailureKind = "output-differs" // it is not that of the receipt
	InputMissing  FailureKind = "input-missing"  // the receipt has it
	OutputMissing FailureKind = "output-missing" // the receipt has it
)

// What can be wrong with a chain of receipts.
const (
	NoReceipt       FailureKind = "no-receipt"       // or one that was changed
	NotSealed       FailureKind = "not-sealed"       // with the secret key
	NotSigned       FailureKind = "not-signed"       // with the private half of the public key
	NoReceipts      FailureKind = "no-receipts"      // nothing is there
	ReceiptTwice    FailureKind = "receipt-twice"    // the same as the other
	TwoBeginnings   FailureKind = "two-beginnings"   // it begins a chain, and so does the other
	Fork            FailureKind = "fork"             // it follows the same receipt as the other
	PreviousMissing FailureKind = "previous-missing" // the receipt before it
	NoChain         FailureKind = "no-chain"
	EndMissing      FailureKind = "end-missing"    // the chain ends with it, and not with the head
	AfterHead       FailureKind = "after-the-head" // it follows the receipt of the head
)

var failureWords = map[FailureKind]string{
	FileMissing:    "file missing",
	FileAdded:      "file added",
	FileOfSystem:   "file added; macOS or Windows leave one of that name where a folder is looked at",
	FolderAdded:    "folder added",
	MarkerDiffers:  "does not list these files, or not only these",
	FileLink:       "a link, where only files may be",
	FileSpecial:    "no regular file",
	FileUnreadable: "the file cannot be read",
	FileRewritten:  "the file was written while it was verified",

	InputDiffers:  "not the input of the receipt",
	OutputDiffers: "not the output of the receipt",
	InputMissing:  "the receipt has another input",
	OutputMissing: "the receipt has another output",

	NoReceipt:       "no receipt, or one that was changed",
	NotSealed:       "not sealed with the key of --key-file: forged, changed, or of another key",
	NotSigned:       "not signed with the key of --public-key: forged, changed, or of another key",
	NoReceipts:      "no receipt is there",
	ReceiptTwice:    "the same receipt as",
	TwoBeginnings:   "begins a chain, and so does",
	Fork:            "follows the same receipt as",
	PreviousMissing: "the receipt before it is missing",
	NoChain:         "these receipts are no chain",
	EndMissing:      "the chain ends here, and not with --head: its end is missing, or the head is that of another chain",
	AfterHead:       "follows the receipt of --head: it was added later, or the head is an old one",
}
