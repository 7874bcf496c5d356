package verify_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// TestUTF16IsVerifiedAsTheUTF8ThatComesOut gives an input of two bytes a character.
func TestUTF16IsVerifiedAsTheUTF8ThatComesOut(t *testing.T) {
	t.Parallel()
	var utf16 bytes.Buffer
	for _, r := range "\uFEFF" + vm("2/4/2017", "zoë@contoso.com") {
		utf16.WriteByte(byte(r))
		utf16.WriteByte(byte(r >> 8))
	}
	planOf(t, nil, later, exportOf(csvschema.VirtualMachines, utf16.Bytes()))
}

// TestUTF16IsNoOutput gives what was written in two bytes a character: the text is
// the same, the bytes are not.
func TestUTF16IsNoOutput(t *testing.T) {
	t.Parallel()
	e := exportOf(csvschema.VirtualMachines, []byte(vm("2/4/2017", "zoe@contoso.com")))
	_, after := planOf(t, nil, later, e)
	var utf16 bytes.Buffer
	for _, r := range "\uFEFF" + textOf(t, after[0].VirtualMachines[0]) {
		utf16.WriteByte(byte(r))
		utf16.WriteByte(byte(r >> 8))
	}
	v, err := verify.Exports(t.Context(), &anonymize.Policy{}, later, []csvschema.Export{e}, []csvschema.Export{exportOf(csvschema.VirtualMachines, utf16.Bytes())})
	require.NoError(t, err)
	require.Len(t, v.Failures, 1)
	assert.Equal(t, verify.Unreadable, v.Failures[0].Kind)
}

// TestBrokenUTF16IsNoInput has what package x/text would read as U+FFFD.
func TestBrokenUTF16IsNoInput(t *testing.T) {
	t.Parallel()
	good := []byte(vm("2/4/2017", "zoe@contoso.com"))
	for name, units := range map[string][]uint16{"lone surrogate": {0xD800, 'x'}, "low surrogate": {0xDC00}, "half a pair": {0xD83D}} {
		utf16 := []byte{0xFF, 0xFE}
		for _, r := range string(good) {
			utf16 = append(utf16, byte(r), byte(r>>8))
		}
		for _, u := range units {
			utf16 = append(utf16, byte(u), byte(u>>8))
		}
		e := []csvschema.Export{exportOf(csvschema.VirtualMachines, utf16)}
		_, err := (&anonymize.Policy{}).Plan(t.Context(), later, e)
		require.ErrorIs(t, err, csvschema.ErrUTF16, name)
		_, err = verify.Exports(t.Context(), &anonymize.Policy{}, later, e, e)
		require.ErrorIs(t, err, csvschema.ErrUTF16, name)
	}
}
