package anonymize

import (
	"hash"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Request is a person's wish, or the end of their account: an identifier goes
// from the rows before, or although, the resource is not deleted. Requests are
// given at every run, so that old exports which are imported again are cleaned
// again. A list of them is personal data itself; a list of digests, too, for whoever
// has the key.
//
// A row is wholly the person's if its owner is the identifier, or if it has no owner
// and its EnvironmentId holds the identifier as the x of /users/{x}. A disk is wholly
// the person's if its ResourceId holds it so. All identifiers go from such a row.
// From any other row goes every occurrence of the identifier, and nothing else: what
// [identity.Finder.FindMembers] finds, but no object ID in SubscriptionId, LabUId or
// ResourceUId, which is that of the resource. From a row that is due it goes with all
// others, even before its own time. An identifier goes although [Policy.Anonymous] says
// that it is anonymous.
//
// An identifier of [identity.Verbatim] is only a whole owner with the same normal form:
// the rows of that owner are wholly the person's, and in other rows it is nowhere.
//
// Identifiers are compared as whole values (see [identity.Identifier]): a person
// who has several is several requests. What is only near an identifier is not touched;
// a plan lists it ([NearRequest]).
type Request struct {
	Kind RequestKind
	// Identifier, or else Digest, is the person whom the request names.
	Identifier identity.Identifier
	Digest     identity.Digest
	// At is the instant of what Kind says. It must not be zero.
	At time.Time
	// Existing extends an Erase to rows of resources that exist.
	Existing bool
}

// A RequestKind says why an identifier goes.
type RequestKind uint8

// The kinds of request.
const (
	// Removed says that the person's address was removed at an instant: the second
	// trigger that Microsoft documents. It goes from every row when the retention
	// after that is over.
	Removed RequestKind = iota + 1
	// Erase says that the person asked for erasure (Article 17 GDPR) which was
	// granted at an instant: from then on, without the retention, from the rows of
	// resources that were deleted; with Existing, from all.
	Erase
)

// String returns "removed", "erase", and "" for any other value.
func (k RequestKind) String() string {
	switch k {
	case Removed:
		return "removed"
	case Erase:
		return "erase"
	}
	return ""
}

// MarshalText returns the same as String.
func (k RequestKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText returns. Any other text is [csvschema.ErrValue], and
// the kind stays as it was.
func (k *RequestKind) UnmarshalText(text []byte) error {
	for kind := range Erase + 1 {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return csvschema.ErrValue
}

// The purposes of the digests of requests: of identifiers, and of whole owners.
const (
	digestPurpose   = "request"
	verbatimPurpose = "verbatim request"
)

// NewDigest returns the digest that replaces an identifier in a [Request], in a list
// that is to hold none. It is the digest of the normal form by [identity.SecretKey.Hash]
// for the purpose "request", or "verbatim request" for an identifier of
// [identity.Verbatim], in every release. It panics if there is no key.
func NewDigest(key identity.SecretKey, id identity.Identifier) identity.Digest {
	purpose := digestPurpose
	if id.IsVerbatim() {
		purpose = verbatimPurpose
	}
	return sumOf(key.Hash(purpose), []byte(id.Reveal()))
}

// sumOf returns what h makes of a text.
func sumOf(h hash.Hash, text []byte) (sum [32]byte) {
	h.Reset()
	_, _ = h.Write(text) // never fails
	h.Sum(sum[:0])
	return sum
}

// validate returns why the request makes no sense in a policy with that key, or "".
func (q *Request) validate(key identity.SecretKey) string {
	switch {
	case q.Kind != Removed && q.Kind != Erase:
		return "is of no kind"
	case q.At.IsZero():
		return "has no instant"
	case q.Identifier.IsZero() == (q.Digest == identity.Digest{}):
		return "needs an identifier or a digest"
	case q.Kind == Removed && q.Existing:
		return "extends no erasure"
	case q.Identifier.IsZero() && key.IsZero():
		return "has a digest, and the policy no key"
	case q.Identifier.IsObjectID() && q.Identifier.Reveal() == identity.NilObjectID,
		q.Identifier.IsZero() && q.Digest == sumOf(key.Hash(digestPurpose), []byte(identity.NilObjectID)):
		return "is of the nil GUID, which is nobody's"
	}
	return ""
}

// activeAt returns the instant from which on a request is carried out.
func (q *Request) activeAt(p *Policy) time.Time {
	if q.Kind == Removed {
		return q.At.Add(p.retention())
	}
	return q.At
}
