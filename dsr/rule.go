package dsr

import "github.com/labdsr/labdsr/csvschema"

// A Rule says why a row belongs to a subject.
type Rule uint8

// The rules. RuleOwner and RuleEnvironment are for virtual machines, RuleDecision is for
// both, the others are for disks. They are asked in this order, and a row has at most one
// for each subject. The candidates of a disk are the rows of virtual machines of its lab that its
// LeasedByVmId, or else its ResourceUId or ResourceId, names and that its dates do
// not exclude.
const (
	RuleOwner       Rule = iota + 1 // ResourceOwner is an identifier of the subject
	RuleEnvironment                 // there is no owner, and EnvironmentId holds /users/{an identifier of the subject}
	RuleUserPath                    // ResourceId of the disk holds /users/{an identifier of the subject}
	RuleLease                       // LeasedByVmId names the candidates, and all are the subject's
	RuleResource                    // there is no lease; ResourceUId or ResourceId names the candidates, and all are the subject's
	RuleDecision                    // a person decided that the row of a finding is theirs: see [Theirs]
)

var rules = [...]words{
	{"", "no rule"},
	RuleOwner:       {"owner", "owner of the virtual machine"},
	RuleEnvironment: {"environment", "user of the environment of a virtual machine without an owner"},
	RuleUserPath:    {"user-path", "user in the path of the disk"},
	RuleLease:       {"lease", "disk attached to a virtual machine of the person"},
	RuleResource:    {"resource", "disk recorded under a virtual machine of the person"},
	RuleDecision:    {"decision", "decided by a person"},
}

// String returns the rule in plain words, and "no rule" for any other value.
func (r Rule) String() string { return wordsOf(rules[:], r).text }

// MarshalText returns the code of the rule, which does not change: "owner", "environment",
// "user-path", "lease", "resource" or "decision". It returns "" for any other value.
func (r Rule) MarshalText() ([]byte, error) { return []byte(wordsOf(rules[:], r).code), nil }

// UnmarshalText reads what MarshalText returns. Any other text is [csvschema.ErrValue], and
// the rule stays as it was.
func (r *Rule) UnmarshalText(text []byte) error { return unmarshal(rules[:], r, text) }

// A FindingKind says why a person must look at a row.
type FindingKind uint8

// The kinds of finding.
const (
	// Undetermined is a disk that may belong to the subject: a virtual machine that
	// the disk names is the subject's, but a date of the disk or of such a machine
	// cannot be read, or the dates exclude all of these machines, or they leave both
	// the subject's and somebody else's. Or such a machine is perhaps the subject's: it is a
	// finding about which [Theirs] may be decided, whatever was decided. It is also a disk
	// without a lease whose ResourceUId and ResourceId belong to two machines, one of which
	// is or may be the subject's, or whose ResourceUId belongs to machines with several
	// ResourceIds.
	Undetermined FindingKind = iota + 1
	// Dangling is a disk whose virtual machine is in no export of the request, or that
	// names none. It may be anybody's. It is not about the subjects whom its path
	// names or nearly names; a disk without a lease whose path names anybody does not dangle.
	Dangling
	// NearMatch is a virtual machine whose owner, or whose user of the environment, is
	// not the subject but nearly an identifier of the subject (see [identity.Near]), or
	// holds one beside other text: "SMTP:alice@contoso.com". Or the machine has no owner,
	// or a word for nobody, such as NULL, and its Name is the local part of an address of
	// the subject and up to four digits: "alice042"; or its EnvironmentId names no user and
	// holds an identifier of the subject, as in "\users\alice@contoso.com". It is also a
	// disk whose path has such a user, or that dangles while its path names no user and holds
	// an identifier of the subject. What is the subject's or undetermined is no
	// near match.
	NearMatch
	// AliasCandidate is a virtual machine that suggests a further identifier of the
	// subject. Either its owner is somebody else, and its EnvironmentId names the
	// subject. Or it is the subject's, and its EnvironmentId holds an object ID that
	// is not the subject's. Or another row of the same machine, by LabUId and ResourceUId,
	// is the subject's, and this one names another owner or, without an owner, another user.
	AliasCandidate
)

var findingKinds = [...]words{
	{"", "no finding"},
	Undetermined:   {"undetermined", "undetermined"},
	Dangling:       {"dangling", "virtual machine not in the exports"},
	NearMatch:      {"near-match", "nearly an identifier of the person"},
	AliasCandidate: {"alias-candidate", "may show another identifier of the person"},
}

// String returns the kind in plain words, and "no finding" for any other value.
func (k FindingKind) String() string { return wordsOf(findingKinds[:], k).text }

// MarshalText returns the code of the kind, which does not change: "undetermined",
// "dangling", "near-match" or "alias-candidate". It returns "" for any other value.
func (k FindingKind) MarshalText() ([]byte, error) {
	return []byte(wordsOf(findingKinds[:], k).code), nil
}

// UnmarshalText reads what MarshalText returns. Any other text is [csvschema.ErrValue], and
// the kind stays as it was.
func (k *FindingKind) UnmarshalText(text []byte) error { return unmarshal(findingKinds[:], k, text) }

// A Decision is what a person decided about a finding.
type Decision uint8

// The decisions.
const (
	// Undecided leaves the finding as it is. It is the zero Decision.
	Undecided Decision = iota
	// Theirs makes an [Undetermined] disk or the row of a [NearMatch] a match, by
	// [RuleDecision], and the row of an [AliasCandidate] whose owner is a word for nobody,
	// such as NULL. The disks of such a machine stay Undetermined: each is decided about by
	// itself. For any other finding it is [ErrDecision] (see [Finding.TakesTheirs]): for a
	// further identifier, make a [Subject] that has it.
	Theirs
	// NotTheirs removes the finding. The row is not the subject's.
	NotTheirs
)

var decisions = [...]words{
	Undecided: {"undecided", "undecided"},
	Theirs:    {"theirs", "theirs"},
	NotTheirs: {"not-theirs", "not theirs"},
}

// String returns the decision in plain words, and "undecided" for any other value.
func (d Decision) String() string { return wordsOf(decisions[:], d).text }

// MarshalText returns the code of the decision, which does not change: "undecided", "theirs"
// or "not-theirs". It returns "undecided" for any other value.
func (d Decision) MarshalText() ([]byte, error) { return []byte(wordsOf(decisions[:], d).code), nil }

// UnmarshalText reads what MarshalText returns. Any other text is [csvschema.ErrValue], and
// the decision stays as it was.
func (d *Decision) UnmarshalText(text []byte) error { return unmarshal(decisions[:], d, text) }

// words are the code of a constant, for programs, and its text, for people.
type words struct{ code, text string }

// wordsOf returns the words of a constant, and those of zero for any other value.
func wordsOf[C ~uint8](all []words, constant C) words {
	if int(constant) >= len(all) {
		constant = 0
	}
	return all[constant]
}

// unmarshal sets the constant to that whose code the text is.
func unmarshal[C ~uint8](all []words, constant *C, text []byte) error {
	for i, w := range all {
		if w.code == string(text) {
			*constant = C(i)
			return nil
		}
	}
	return csvschema.ErrValue
}
