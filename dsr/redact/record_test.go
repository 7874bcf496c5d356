package redact_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
)

func TestQuotingAndLineEndsStay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"l,u,bob@contoso.com,\"a\"\"b\r\nbob@contoso.com\"\r\n": "l,u,[hidden],\"a\"\"b\r\n[hidden]\"\r\n",
		"l,u,\"bob@contoso.com\",x":                             "l,u,\"[hidden]\",x\r\n",
		"l,u,x,\"\"\r":                                          "l,u,x,\"\"\r\n",
		"l,u,x, bob@contoso.com \n":                             "l,u,x, [hidden] \n",
	} {
		rec := readOne(t, csvschema.VirtualMachines, []byte("LabUId,ResourceUId,Name,Notes\r\n"+in))
		got := redactor(t, subject(t, alice), nil).Record(rec)
		assert.Equal(t, "x"+want, string(got.AppendTo([]byte("x"))))
	}
}
