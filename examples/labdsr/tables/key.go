package tables

import (
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// publishedKey makes [ResourceKey]. It is no secret: a key of the table has to be the same in
// every run, and wherever it is made. So whoever guesses all that makes the key of a resource
// can tell whether the guess is right.
const publishedKey = "labdsr tables: a published key, of ResourceKey"

// keyDigits is how many hexadecimal digits a [ResourceKey] has.
const keyDigits = 32

// A keyMaker makes keys of rows: the first 32 digits of the digest of the csvschema.Key under
// the published key ([csvschema.Key.Digest]), so that they are the same in every release, and
// before and after anonymizing. Only one goroutine may use it.
type keyMaker struct {
	secret    identity.SecretKey
	resources hash.Hash // as Key.Digest makes it
	contents  hash.Hash
	text, sum []byte
}

func newKeyMaker() *keyMaker {
	secret, _ := identity.NewSecretKey([]byte(publishedKey)) // which is long enough
	return &keyMaker{secret: secret, resources: secret.Hash("resource"), contents: secret.Hash("row")}
}

// append appends the key of a row whose key identifies something. Lab and uid are the normal
// forms of its IDs, which are the whole key of a machine: no Key is made of these.
func (m *keyMaker) append(dst []byte, rec csvschema.Record, lab, uid []byte) []byte {
	if role := rec.Header().Role(); role == csvschema.VirtualMachines {
		m.text = append(append(m.text[:0], role.String()...), 0)
		m.text = append(append(m.text, lab...), 0)
		m.text = append(append(m.text, uid...), 0)
		return m.appendSum(dst, m.resources, m.text)
	}
	digest := rec.Key().Digest(m.secret)
	return hex.AppendEncode(dst, digest[:keyDigits/2])
}

func (m *keyMaker) appendSum(dst []byte, h hash.Hash, text []byte) []byte {
	h.Reset()
	_, _ = h.Write(text) // never fails
	m.sum = h.Sum(m.sum[:0])
	return hex.AppendEncode(dst, m.sum[:keyDigits/2])
}

// A content is the digest of what anonymizing leaves of a row whose key identifies nothing.
type content [keyDigits / 2]byte

// contentOf returns the content of a row: its cells that cannot hold an identifier.
func (m *keyMaker) contentOf(rec csvschema.Record) content {
	role := rec.Header().Role()
	m.text = append(append(m.text[:0], role.String()...), 0)
	for _, c := range role.Columns() {
		if cell := rec.Value(c); typeOf(c) != text && c.Holds(cell) {
			m.text = append(m.text, cell...)
		}
		m.text = append(m.text, 0)
	}
	m.contents.Reset()
	_, _ = m.contents.Write(m.text)
	m.sum = m.contents.Sum(m.sum[:0])
	return content(m.sum[:keyDigits/2])
}

// appendNumbered appends the key of the n-th row of a content, from 0. Rows of one content get
// their numbers in the order of the exports' dates, so that they have the same in a later run.
func (m *keyMaker) appendNumbered(dst []byte, c content, n uint64) []byte {
	return m.appendSum(dst, m.contents, binary.BigEndian.AppendUint64(c[:len(c):len(c)], n))
}
