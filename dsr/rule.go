package dsr

// A Rule says why a row is a subject's.
type Rule uint8

// The rules: the first two for virtual machines, the others for disks, in the
// order in which they are asked. A row has at most one for each subject.
const (
	RuleOwner       Rule = iota + 1 // ResourceOwner is an identifier of the subject
	RuleEnvironment                 // there is no owner, and EnvironmentId holds /users/{an identifier of the subject}
	RuleUserPath                    // the disk's ResourceId holds /users/{an identifier of the subject}
	RuleLease                       // LeasedByVmId names a virtual machine of the subject
	RuleResource                    // no lease; ResourceUId or ResourceId is that of a virtual machine of the subject
	RuleDecision                    // undetermined, and a person decided so: see [Options.Decide]
)

// String returns the rule in plain words, and "no rule" for any other value.
func (r Rule) String() string {
	switch r {
	case RuleOwner:
		return "owner of the virtual machine"
	case RuleEnvironment:
		return "user of the environment of a virtual machine without an owner"
	case RuleUserPath:
		return "user in the path of the disk"
	case RuleLease:
		return "disk attached to a virtual machine of the person"
	case RuleResource:
		return "disk recorded under a virtual machine of the person"
	case RuleDecision:
		return "decided by a person"
	}
	return "no rule"
}

// A FindingKind says why a person must look at a row.
type FindingKind uint8

// The kinds of finding.
const (
	// Undetermined is a disk that may be the subject's: some of the virtual
	// machines that it may belong to are, or one is but the times contradict
	// it, or a date that decides cannot be read.
	Undetermined FindingKind = iota + 1
	// Dangling is a disk whose virtual machine is in no export of the request.
	// It may be anybody's.
	Dangling
	// NearMatch is a virtual machine whose owner is nearly an identifier of the
	// subject; see [identity.Near].
	NearMatch
	// AliasCandidate is a virtual machine that suggests a further identifier of
	// the subject: its owner is somebody else though its EnvironmentId names the
	// subject, or it is the subject's and its EnvironmentId holds an object ID
	// that is not.
	AliasCandidate
)

// String returns the kind in plain words, and "no finding" for any other value.
func (k FindingKind) String() string {
	switch k {
	case Undetermined:
		return "undetermined"
	case Dangling:
		return "virtual machine not in the exports"
	case NearMatch:
		return "nearly an identifier of the person"
	case AliasCandidate:
		return "may show another identifier of the person"
	}
	return "no finding"
}

// A Decision is what a person decided about a finding.
type Decision uint8

// The decisions. The zero Decision is none.
const (
	Undecided Decision = iota // it stays a finding
	// Theirs hands an [Undetermined] disk out, by [RuleDecision]. Of any other kind
	// it says nothing: who has a further identifier is given with it in the Subject.
	Theirs
	NotTheirs // it is no finding any more
)
