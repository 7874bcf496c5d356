package receipt_test

import (
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

// payloadEdits are edits of the payload of full. The result has the same meaning in
// another encoding, or is not a payload.
func payloadEdits() map[string]edit {
	return map[string]edit{
		"blank":                            {`,"action"`, `, "action"`},
		"line end":                         {`{"request"`, "{\n\"request\""},
		"blank at the end":                 {`0e0f"}`, `0e0f"} `},
		"text at the end":                  {`0e0f"}`, `0e0f"}{}`},
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
		"nonce that is not hexadecimal":    {`0e0f`, `0e0x`},
		"unknown role":                     {`"disks"`, `"export"`},
		"capitals in a role":               {`"disks"`, `"Disks"`},
		"no role":                          {`"role":""`, `"role":null`},
		"role as number":                   {`"disks"`, `2`},
		"no action":                        {`"anonymize"`, `""`},
		"control character":                {`"anonymize"`, `"a\u0000"`},
		"control character in the policy":  {`"a":"a"`, `"a":"\u0000"`},
		"policy that is a number":          {`"policy":{`, `"policy":1,"x":{`},
		"invalid UTF-8":                    {"ä", "\xe4"},
		"text in the place of the receipt": {`{"request"`, `"x"{"request"`},
	}
}

func TestAPayloadHasOneEncoding(t *testing.T) {
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

// FuzzPayload is FuzzOpen for payloads, which it puts into an envelope.
func FuzzPayload(f *testing.F) {
	payload := payloadOf(f, seal(f, full(), nil))
	f.Add(payload)
	f.Add(payloadOf(f, seal(f, least(), nil)))
	for _, e := range payloadEdits() {
		f.Add(strings.Replace(payload, e.old, e.new, 1))
	}
	f.Fuzz(func(t *testing.T, payload string) {
		assertOpens(t, envelope(payload, receipt.PayloadType, receipt.PayloadType))
	})
}
