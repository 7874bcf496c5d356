package results

import (
	"time"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// A Filter is the object of the command filter.
type Filter struct {
	Outcome
	Inputs
	Search
	// CellsNamingOthers is how many cells of the rows name somebody else.
	CellsNamingOthers int64 `json:"cellsNamingOthers"`
	// Out is the folder of the rows.
	Out string `json:"out"`
	// Review is the file of --review. It is absent if nothing is to be decided, or nobody
	// asked for it.
	Review string `json:"review,omitempty"`
}

// An Access is the object of the command access, for one person.
type Access struct {
	Outcome
	Inputs
	Search
	// At is the instant of the answer.
	At time.Time `json:"at"`
	// Out is the file of the package.
	Out string `json:"out"`
	// Draft says that something is missing that only the controller knows.
	Draft bool `json:"draft"`
	// Hidden is the number of places that name somebody else, and are hidden.
	Hidden int64 `json:"hidden"`
	// Review is the file of --review. It is absent if nothing is to be decided, or nobody
	// asked for it.
	Review string `json:"review,omitempty"`
	Receipt
}

// A People is the object of the command access, for many people.
type People struct {
	Outcome
	Inputs
	// Scope is what was searched.
	Scope Scope `json:"scope"`
	// At is the instant of the answers.
	At time.Time `json:"at"`
	// Out is the folder of the packages.
	Out string `json:"out"`
	// Draft says that something is missing that only the controller knows.
	Draft bool `json:"draft"`
	// People are the people, in the order of the lines.
	People []Person `json:"people"`
}

// A Person is one of many.
type Person struct {
	// Line is the number of the person's line in the list, from 1.
	Line int `json:"line"`
	// Package is the name of the package in the folder.
	Package string `json:"package"`
	// VirtualMachines is how many rows of virtual machines are theirs.
	VirtualMachines int64 `json:"virtualMachines"`
	// Disks is how many rows of disks are theirs.
	Disks int64 `json:"disks"`
	// NoDataHeld says that these exports hold no row of the person, as far as the identifiers
	// tell.
	NoDataHeld bool `json:"noDataHeld"`
	// Hidden is the number of places that name somebody else, and are hidden.
	Hidden int64 `json:"hidden"`
	// Undecided says that somebody has to decide about rows before the package is sent.
	Undecided bool `json:"undecided"`
}

// A Search is what a search for the rows of one person found.
type Search struct {
	// Scope is what was searched.
	Scope Scope `json:"scope"`
	// Found is what was found.
	Found Found `json:"found"`
	// NoDataHeld says that these exports hold no row of the person, as far as the identifiers
	// tell.
	NoDataHeld bool `json:"noDataHeld"`
	// ToDecide are the rows that a person has to decide about. They were left out.
	ToDecide []Question `json:"toDecide"`
	// Unmet is what was given and is about nothing here.
	Unmet UnmetDecisions `json:"unmet"`
	// Dangling is the number of disks whose machine is in no export. They may be anybody's.
	Dangling int64 `json:"dangling"`
}

// UnmetDecisions are decisions that are about nothing that is to be decided.
type UnmetDecisions struct {
	// Decisions is how many.
	Decisions int `json:"decisions"`
}

// A Scope is what was searched.
type Scope struct {
	// Exports is the number of exports.
	Exports int `json:"exports"`
	// VirtualMachines is the number of rows of virtual machines that were read.
	VirtualMachines int64 `json:"virtualMachines"`
	// Disks is the number of rows of disks that were read.
	Disks int64 `json:"disks"`
	// First is the earliest date in the rows. It is absent if there is none.
	First time.Time `json:"first,omitzero"`
	// Last is the latest date in the rows. It is absent if there is none.
	Last time.Time `json:"last,omitzero"`
	// Labs are the labs in the rows.
	Labs []Lab `json:"labs"`
}

// A Lab is a lab that was searched.
type Lab struct {
	// LabUID is the ID of the lab, in small letters.
	LabUID string `json:"labUId"`
	// VirtualMachines is the number of its rows of virtual machines.
	VirtualMachines int64 `json:"virtualMachines"`
	// Disks is the number of its rows of disks.
	Disks int64 `json:"disks"`
	// WithoutDisksFile says that disks may be missing, because there is no file of them.
	WithoutDisksFile bool `json:"withoutDisksFile"`
}

// A Found is how many rows are the person's.
type Found struct {
	// VirtualMachines is how many rows of virtual machines.
	VirtualMachines int64 `json:"virtualMachines"`
	// Disks is how many rows of disks.
	Disks int64 `json:"disks"`
	// ByRule is how many rows of both, by the rule for which they are the person's.
	ByRule map[dsr.Rule]int64 `json:"byRule"`
}

// A Receipt says where a receipt is. Both are absent if there is none.
type Receipt struct {
	// Path is the file of the receipt.
	Path string `json:"receipt,omitempty"`
	// Head is the SHA-256 sum of the receipt, to be kept elsewhere.
	Head identity.Digest `json:"head,omitzero"`
}
