package receipt_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// An edit replaces a text, which is there, by another.
type edit struct{ old, new string }

// payloadEdits make of the payload of full one that says the same in another way,
// or something that no receipt can say.
func payloadEdits() map[string]edit {
	return map[string]edit{
		"blank":                            {`,"action"`, `, "action"`},
		"line end":                         {`{"request"`, "{\n\"request\""},
		"blank at the end":                 {`0e0f"}`, `0e0f"} `},
		"text behind":                      {`0e0f"}`, `0e0f"}{}`},
		"cut":                              {`0e0f"}`, `0e0f"`},
		"escape":                           {`"anonymize"`, `"\u0061nonymize"`},
		"escape of HTML":                   {`"b\" <`, `"b\" \u003c`},
		"letter case of name":              {`"action"`, `"Action"`},
		"unknown field":                    {`,"nonce"`, `,"more":1,"nonce"`},
		"unknown field in file":            {`,"rows":16`, `,"rows":16,"more":1`},
		"repeated field":                   {`"action":"anonymize"`, `"action":"access","action":"anonymize"`},
		"repeated count":                   {`"due":3`, `"due":2,"due":3`},
		"repeated name of policy":          {`"a":"a"}`, `"a":"b","a":"a"}`},
		"missing field":                    {`"rows":16,`, ``},
		"missing policy":                   {`"policy":{"retention":"720h0m0s","list":[1,1e999,{"a":"<ä>","b":{"a":null}}],"a":"a"},`, ``},
		"blank in the policy":              {`"list":[1,`, `"list":[1, `},
		"order of fields":                  {`"due":3,"rows":9223372036854775807`, `"rows":9223372036854775807,"due":3`},
		"fraction":                         {`"due":3`, `"due":3.0`},
		"exponent":                         {`"due":3`, `"due":3e0`},
		"negative zero":                    {`"changed":0`, `"changed":-0`},
		"negative count":                   {`"due":3`, `"due":-3`},
		"too large a number":               {`775807`, `775808`},
		"number as text":                   {`"due":3`, `"due":"3"`},
		"offset of time":                   {`0012Z`, `0012+00:00`},
		"another zone":                     {`09:00:00.0000012Z`, `11:00:00.0000012+02:00`},
		"zeros of time":                    {`0012Z`, `001200Z`},
		"too many decimals":                {`0012Z`, `00120000001Z`},
		"no time":                          {`"2026-07-01T09:00:00.0000012Z"`, `null`},
		"zero time":                        {`2026-07-01T09:00:00.0000012Z`, `0001-01-01T00:00:00Z`},
		"no counts":                        {`{"changed":0,"due":3,"rows":9223372036854775807}`, `null`},
		"no outputs":                       {`"outputs":[{"export":0,"file":0,"role":"","bytes":815,"rows":0,"digest":"0900000000000000000000000000000000000000000000000000000000000000"}]`, `"outputs":null`},
		"no previous":                      {`"ab000000000000000000000000000000000000000000000000000000000000cd"`, `null`},
		"capitals in a digest":             {`"ab00`, `"AB00`},
		"short digest":                     {`"ab00`, `"ab`},
		"zero digest":                      {`"0102030000`, `"0000000000`},
		"capitals in the nonce":            {`0a0b`, `0A0b`},
		"short nonce":                      {`0e0f`, `0e`},
		"long nonce":                       {`0e0f`, `0e0f00`},
		"no nonce":                         {`"000102030405060708090a0b0c0d0e0f"`, `null`},
		"nonce that is none":               {`0e0f`, `0e0x`},
		"unknown role":                     {`"disks"`, `"export"`},
		"capitals in a role":               {`"disks"`, `"Disks"`},
		"no role":                          {`"role":""`, `"role":null`},
		"role as number":                   {`"disks"`, `2`},
		"no action":                        {`"anonymize"`, `""`},
		"control character":                {`"anonymize"`, `"a\u0000"`},
		"control character in the policy":  {`"a":"a"`, `"a":"\u0000"`},
		"policy that is none":              {`"policy":{`, `"policy":1,"x":{`},
		"invalid UTF-8":                    {"ä", "\xe4"},
		"text in the place of the receipt": {`{"request"`, `"x"{"request"`},
	}
}

func TestAPayloadHasOneSpelling(t *testing.T) {
	t.Parallel()
	payload := payloadOf(t, seal(t, full(), &receipt.Options{Random: fixedNonce()}))
	_, err := receipt.Open(envelope(payload, receipt.PayloadType, receipt.PayloadType, privateKey(1)), publicKey(1))
	require.NoError(t, err)
	for name, e := range payloadEdits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, payload, e.old)
			edited := strings.Replace(payload, e.old, e.new, 1)
			signed := envelope(edited, receipt.PayloadType, receipt.PayloadType, privateKey(1))
			got, err := receipt.Open(signed)
			assertRefused(t, receipt.ErrMalformed, "", got, err)
			got, err = receipt.Open(signed, publicKey(1))
			assertRefused(t, receipt.ErrMalformed, "", got, err)
		})
	}
}

// envelopeEdits do the same to the envelope.
func envelopeEdits() map[string]edit {
	return map[string]edit{
		"blank":                 {`,"payloadType"`, `, "payloadType"`},
		"line end behind":       {`"}]}`, "\"}]}\n"},
		"text behind":           {`"}]}`, `"}]}{}`},
		"cut":                   {`"}]}`, `"}]`},
		"letter case of name":   {`"payloadType"`, `"payloadtype"`},
		"another type":          {`receipt+json`, `receipt+json2`},
		"type of in-toto":       {`vnd.labdsr.receipt`, `vnd.in-toto`},
		"escape":                {`"application/`, `"application\/`},
		"unknown field":         {`{"payload"`, `{"more":1,"payload"`},
		"key ID":                {`{"sig"`, `{"keyid":"1","sig"`},
		"repeated field":        {`{"payload"`, `{"payloadType":"x","payload"`},
		"no payload":            {`{"payload":"`, `{"payload":null,"x":"`},
		"no type":               {`"application/vnd.labdsr.receipt+json"`, `null`},
		"line end in base64":    {`{"payload":"eyJy`, `{"payload":"ey\nJy`},
		"no padding":            {`=="}]}`, `"}]}`},
		"other bits of padding": {`w=="}]}`, `x=="}]}`},
		"signature cut":         {`5cAw=="}]}`, `5cA="}]}`},
		"signature longer":      {`5cAw=="}]}`, `5cAwAA"}]}`},
		"signature empty":       {`"}]}`, `"},{"sig":""}]}`},
		"signature null":        {`"}]}`, `"},{"sig":null}]}`},
		"null among signatures": {`"}]}`, `"},null]}`},
	}
}

func TestAnEnvelopeHasOneSpelling(t *testing.T) {
	t.Parallel()
	sealed := string(seal(t, full(), &receipt.Options{Signer: privateKey(1), Random: fixedNonce()}))
	edits := map[string]string{"nothing": "", "null": "null", "no object": "[]", "only blanks": " ", "empty object": "{}"}
	for name, e := range envelopeEdits() {
		require.Contains(t, sealed, e.old)
		edits[name] = strings.Replace(sealed, e.old, e.new, 1)
	}
	signatures := sealed[strings.Index(sealed, `[{"sig"`):]
	edits["no signatures"] = strings.Replace(sealed, signatures, "null}", 1)
	edits["empty payload"] = string(envelope("", receipt.PayloadType, receipt.PayloadType, privateKey(1)))
	edits["null payload"] = string(envelope("null", receipt.PayloadType, receipt.PayloadType, privateKey(1)))
	edits["URL base64"] = strings.Replace(sealed, "8w6Q+", "8w6Q-", 1)
	for name, edited := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, sealed, edited)
			got, err := receipt.Open([]byte(edited))
			assertRefused(t, receipt.ErrMalformed, "", got, err)
		})
	}
}

// TestNoChangeOfAByteSaysTheSame changes each bit. What can be opened all the same is
// another receipt, or one with another signature, which is wrong.
func TestNoChangeOfAByteSaysTheSame(t *testing.T) {
	t.Parallel()
	sealed := seal(t, full(), &receipt.Options{Signer: privateKey(1)})
	want, err := receipt.Open(sealed)
	require.NoError(t, err)
	signature := strings.Index(string(sealed), `"sig":"`)
	opened := 0
	for i := range sealed {
		for bit := range 8 {
			sealed[i] ^= 1 << bit
			got, err := receipt.Open(sealed)
			if err == nil {
				opened++
				assert.True(t, i > signature || !assert.ObjectsAreEqual(want, got), "byte %d", i)
				got, err = receipt.Open(sealed, publicKey(1))
				require.ErrorIs(t, err, receipt.ErrSignature, "byte %d", i)
			}
			assert.Zero(t, got)
			sealed[i] ^= 1 << bit
		}
	}
	assert.NotZero(t, opened)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	payload := payloadOf(t, seal(t, full(), nil))
	sign := func(signers ...ed25519.PrivateKey) []byte {
		return envelope(payload, receipt.PayloadType, receipt.PayloadType, signers...)
	}
	otherType := envelope(payload, receipt.PayloadType, "application/vnd.in-toto+json", privateKey(1))
	raw := strings.Replace(string(sign(privateKey(1))), base64.StdEncoding.EncodeToString(
		ed25519.Sign(privateKey(1), receipt.PAE(receipt.PayloadType, []byte(payload)))),
		base64.StdEncoding.EncodeToString(ed25519.Sign(privateKey(1), []byte(payload))), 1)
	for _, test := range []struct {
		name   string
		sealed []byte
		keys   []ed25519.PublicKey
		want   error
	}{
		{"right key", sign(privateKey(1)), []ed25519.PublicKey{publicKey(1)}, nil},
		{"wrong key", sign(privateKey(1)), []ed25519.PublicKey{publicKey(2)}, receipt.ErrSignature},
		{"wrong keys", sign(privateKey(1)), []ed25519.PublicKey{publicKey(2), publicKey(3)}, receipt.ErrSignature},
		{"one of the keys", sign(privateKey(3)), []ed25519.PublicKey{publicKey(2), publicKey(3)}, nil},
		{"no signature", sign(), []ed25519.PublicKey{publicKey(1)}, receipt.ErrSignature},
		{"no signature, no key", sign(), nil, nil},
		{"two signatures, first key", sign(privateKey(1), privateKey(2)), []ed25519.PublicKey{publicKey(1)}, nil},
		{"two signatures, second key", sign(privateKey(1), privateKey(2)), []ed25519.PublicKey{publicKey(2)}, nil},
		{"two signatures, third key", sign(privateKey(1), privateKey(2)), []ed25519.PublicKey{publicKey(3)}, receipt.ErrSignature},
		{"over another type", otherType, []ed25519.PublicKey{publicKey(1)}, receipt.ErrSignature},
		{"over another type, no key", otherType, nil, nil},
		{"over the bare payload", []byte(raw), []ed25519.PublicKey{publicKey(1)}, receipt.ErrSignature},
		{"short key", sign(privateKey(1)), []ed25519.PublicKey{publicKey(1), publicKey(1)[:31]}, receipt.ErrKey},
		{"nil key", sign(privateKey(1)), []ed25519.PublicKey{nil}, receipt.ErrKey},
		{"long key", sign(), []ed25519.PublicKey{append(publicKey(1), 0)}, receipt.ErrKey},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := receipt.Open(test.sealed, test.keys...)
			verifyErr := receipt.Verify([][]byte{test.sealed}, receipt.Head(test.sealed), test.keys...)
			if test.want == nil {
				require.NoError(t, err)
				assert.Equal(t, full().Action, got.Action)
				require.ErrorIs(t, verifyErr, receipt.ErrPrevious) // full has one
				return
			}
			assertRefused(t, test.want, "", got, err)
			require.ErrorIs(t, verifyErr, test.want)
		})
	}
}

// What a later version refuses can still be read: here, what Seal refuses today.
func TestOpenReadsWhatSealWouldRefuse(t *testing.T) {
	t.Parallel()
	payload := payloadOf(t, seal(t, full(), nil))
	payload = strings.Replace(payload, "anonymize", "of zoe@contoso.com", 1)
	r, err := receipt.Open(envelope(payload, receipt.PayloadType, receipt.PayloadType))
	require.NoError(t, err)
	_, err = receipt.Seal(r, nil)
	require.ErrorIs(t, err, receipt.ErrIdentifier)
}

func TestAReceiptThatWasOpenedCanBeSealedAgain(t *testing.T) {
	t.Parallel()
	for _, r := range []receipt.Receipt{full(), least()} {
		sealed := seal(t, r, &receipt.Options{Signer: privateKey(1)})
		opened, err := receipt.Open(sealed)
		require.NoError(t, err)
		again := seal(t, opened, &receipt.Options{Signer: privateKey(1), Random: strings.NewReader(string(opened.Nonce[:]))})
		assert.Equal(t, string(sealed), string(again))
	}
}

func TestEveryFieldIsInTheHead(t *testing.T) {
	t.Parallel()
	heads := map[identity.Digest]string{}
	changes := map[string]func(r *receipt.Receipt){
		"nothing":    func(*receipt.Receipt) {},
		"Request":    func(r *receipt.Receipt) { r.Request += "x" },
		"Action":     func(r *receipt.Receipt) { r.Action += "x" },
		"At":         func(r *receipt.Receipt) { r.At = r.At.Add(1) },
		"Policy":     func(r *receipt.Receipt) { r.Policy = json.RawMessage(`{"a":1}`) },
		"no Policy":  func(r *receipt.Receipt) { r.Policy = nil },
		"Counts":     func(r *receipt.Receipt) { r.Counts["due"]++ },
		"Inputs":     func(r *receipt.Receipt) { r.Inputs = r.Inputs[:1] },
		"order":      func(r *receipt.Receipt) { r.Inputs[0], r.Inputs[1] = r.Inputs[1], r.Inputs[0] },
		"Export":     func(r *receipt.Receipt) { r.Inputs[0].Export++ },
		"File":       func(r *receipt.Receipt) { r.Inputs[0].File++ },
		"Role":       func(r *receipt.Receipt) { r.Inputs[0].Role = csvschema.Disks },
		"Bytes":      func(r *receipt.Receipt) { r.Inputs[0].Bytes++ },
		"Rows":       func(r *receipt.Receipt) { r.Inputs[0].Rows++ },
		"Digest":     func(r *receipt.Receipt) { r.Inputs[0].Digest[31]++ },
		"Outputs":    func(r *receipt.Receipt) { r.Outputs[0].Bytes++ },
		"one for it": func(r *receipt.Receipt) { r.Inputs, r.Outputs = r.Outputs, r.Inputs },
		"Previous":   func(r *receipt.Receipt) { r.Previous[31]++ },
	}
	for name, change := range changes {
		r := full()
		r.Counts = maps.Clone(r.Counts)
		change(&r)
		head := receipt.Head(seal(t, r, &receipt.Options{Random: fixedNonce()}))
		assert.Empty(t, heads[head], name)
		heads[head] = name
	}
	assert.Len(t, heads, len(changes))
}
