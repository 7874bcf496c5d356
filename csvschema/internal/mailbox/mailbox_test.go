package mailbox_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
)

func TestDomainsEndBeforeWhatIsNoPartOfThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "x": "x", "x.com": "x.com", "x.com.": "x.com", "x.com-": "x.com", "x..com": "x", "-x": "", ".x": "", "a-b.c_d": "a-b.c",
		"例え.test。": "例え.test", "x．com；": "x．com", "x\u200B.com\u200B": "x\u200B.com", "[192.0.2.1].com": "[192.0.2.1]", "[192.0.2]": "",
	} {
		assert.Equal(t, len("a@"+want), mailbox.HostEnd([]byte("a@"+text), len("a@")), text)
	}
	assert.True(t, mailbox.GoesOn([]byte("x.com.au"), len("x.com")))
	assert.True(t, mailbox.GoesOn([]byte("x.com-a"), len("x.com")))
	assert.False(t, mailbox.GoesOn([]byte("x.com. a"), len("x.com")))
}

func TestQuotedLocalPartsAreFoundFromBothEnds(t *testing.T) {
	t.Parallel()
	for _, quoted := range []string{`""`, `"a b"`, `"a@b"`, `"a\"b"`, `"a\\"`} {
		assert.Equal(t, len(quoted), mailbox.QuotedSize([]byte(quoted+"@x")), quoted)
		assert.Equal(t, 1, mailbox.QuotedStart([]byte(" "+quoted), 1+len(quoted)), quoted)
	}
	for _, text := range []string{``, `a`, `"a`, "\"a\nb\""} {
		assert.Zero(t, mailbox.QuotedSize([]byte(text)), text)
		assert.Equal(t, len(text), mailbox.QuotedStart([]byte(text), len(text)), text)
	}
}

func TestAtSignsAreFoundInAnyForm(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{"@", "＠", "﹫"} {
		at, size := mailbox.NextAt([]byte("ﬁ￥a"+sign+"x@"), 0)
		assert.Equal(t, []int{len("ﬁ￥a"), len(sign)}, []int{at, size}, sign)
		assert.True(t, mailbox.Is([]byte("a"+sign+"x")), sign)
		assert.False(t, mailbox.Is([]byte("a"+sign)), sign)
	}
	assert.False(t, mailbox.HasAt([]byte("ﬁ￥a")))
}
