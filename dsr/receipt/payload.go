package receipt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// The types below are the format, field by field in this order. A receipt has one
// encoding: [Open] encodes again what it decoded, and refuses the envelope if the
// bytes differ. So nothing else that encoding/json accepts needs a check of its own:
// unknown and repeated fields, other letter case, blanks, escapes, other forms of
// numbers, times and base64. The errors of encoding/json hold parts of their input
// and are dropped.

type envelope struct {
	Payload     []byte      `json:"payload"`
	PayloadType string      `json:"payloadType"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	Sig []byte `json:"sig"` // an Ed25519 signature or, if it is shorter, a MAC
}

type payload struct {
	Request  string           `json:"request"`
	Action   string           `json:"action"`
	At       time.Time        `json:"at"` // UTC
	Policy   json.RawMessage  `json:"policy"`
	Counts   map[string]int64 `json:"counts"`  // not nil
	Inputs   []file           `json:"inputs"`  // not nil
	Outputs  []file           `json:"outputs"` // not nil
	Previous identity.Digest  `json:"previous"`
	Nonce    nonce            `json:"nonce"`
}

type file struct {
	Export int             `json:"export"`
	File   int             `json:"file"`
	Role   role            `json:"role"`
	Bytes  int64           `json:"bytes"`
	Rows   int64           `json:"rows"`
	Digest identity.Digest `json:"digest"`
}

// A role is a [csvschema.Role] that is encoded as its name. The zero role is encoded
// as an empty text.
type role csvschema.Role

func (r role) MarshalText() ([]byte, error) {
	if r == 0 {
		return nil, nil
	}
	return []byte(csvschema.Role(r).String()), nil
}

func (r *role) UnmarshalText(text []byte) error {
	for known := range role(csvschema.Disks) + 1 {
		if name, _ := known.MarshalText(); bytes.Equal(name, text) {
			*r = known
			return nil
		}
	}
	return ErrValue
}

// A nonce is encoded as hexadecimal digits.
type nonce [16]byte

func (n nonce) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, n[:]), nil }

func (n *nonce) UnmarshalText(text []byte) error {
	if len(text) != 2*len(n) {
		return ErrValue
	}
	_, err := hex.Decode(n[:], text)
	return err
}

// payload returns the payload of a receipt, without the nonce. The error is an
// [Error] with [ErrValue].
func (r *Receipt) payload() (*payload, error) {
	p := &payload{
		Request: r.Request, Action: r.Action, At: r.At.UTC().Round(0), Policy: r.Policy, Counts: r.Counts,
		Inputs: files(r.Inputs), Outputs: files(r.Outputs), Previous: r.Previous,
	}
	if p.Counts == nil {
		p.Counts = map[string]int64{}
	}
	return p, p.check()
}

// files converts files to their format. The result is not nil.
func files(from []File) []file {
	to := make([]file, 0, len(from))
	for _, f := range from {
		to = append(to, file{f.Export, f.File, role(f.Role), f.Bytes, f.Rows, f.Digest})
	}
	return to
}

// receipt returns the receipt with this payload.
func (p *payload) receipt() Receipt {
	r := Receipt{
		Request: p.Request, Action: p.Action, At: p.At, Policy: p.Policy, Counts: p.Counts,
		Previous: p.Previous, Nonce: p.Nonce,
	}
	if string(r.Policy) == "null" {
		r.Policy = nil
	}
	for _, f := range p.Inputs {
		r.Inputs = append(r.Inputs, File{f.Export, f.File, csvschema.Role(f.Role), f.Bytes, f.Rows, f.Digest})
	}
	for _, f := range p.Outputs {
		r.Outputs = append(r.Outputs, File{f.Export, f.File, csvschema.Role(f.Role), f.Bytes, f.Rows, f.Digest})
	}
	return r
}

// encode returns the one encoding of a value.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // keep the policy's text
	err := e.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// encodesTo reports whether data is the one encoding of the value.
func encodesTo(value any, data []byte) bool {
	again, err := encode(value)
	return err == nil && bytes.Equal(again, data)
}
