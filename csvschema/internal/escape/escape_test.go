package escape_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

func TestDecodeGivesTheTextAndWhereItComesFrom(t *testing.T) {
	t.Parallel()
	var d escape.Decoder
	for _, tt := range []struct {
		text, want string
		from       []int
	}{
		{"", "", []int{0}},
		{"a@x", "a@x", []int{0, 1, 2, 3}},
		{"%61%2540x", "a@x", []int{0, 3, 8, 9}},
		{"%25252540", "%40", []int{0, 7, 8, 9}},
		{"100%ed@", "100%ed@", []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"%C3%A9%", "é%", []int{0, 3, 6, 7}},
		{`\u00e9\\/`, "é/", []int{0, 0, 6, 9}},
		{`\ud83d\u0041`, `\ud83dA`, []int{0, 1, 2, 3, 4, 5, 6, 12}},
		{`\n\\`, `\n\\`, []int{0, 1, 2, 3, 4}},
		{"&#0000000000000000064;&#X00000000000000000040;", "@@", []int{0, 22, 46}},
		{"&#00000000000000000;&#;&#x;&#65&#6a;&#x64g;&#", "&#00000000000000000;&#;&#x;&#65&#6a;&#x64g;&#", nil},
		{"a&#64b&#x40", "a@b@", []int{0, 1, 5, 6, 11}},
		{`a\x40b\\x2E%u00e9\U0001F600`, "a@b.é😀", []int{0, 1, 5, 6, 11, 11, 17, 17, 17, 17, 27}},
		{`\x20b\xe9 \x4 %ud83d %u00 \U00110000 \UFFFFFFFF`, `\x20b\xe9 \x4 %ud83d %u00 \U00110000 \UFFFFFFFF`, nil},
		{`\\\\\u0041 \U0000d83d\U0000de00`, `\A \U0000d83d\U0000de00`, nil},
		{"&CounterClockwiseContourIntegral;&COUNTERCLOCKWISECONTOURINTEGRAL;", "∳&COUNTERCLOCKWISECONTOURINTEGRAL;", nil},
		{"&#xE9;&amp;lt;&foo;", "é<&foo;", []int{0, 0, 6, 14, 15, 16, 17, 18, 19}},
	} {
		view, from := d.Decode([]byte(tt.text))
		assert.Equal(t, tt.want, string(view), tt.text)
		if tt.from != nil {
			assert.Equal(t, tt.from, from, tt.text)
		}
		if tt.want != tt.text {
			assert.True(t, escape.Has([]byte(tt.text)), tt.text)
		}
	}
}

func TestViewsAreThoseOfEachRound(t *testing.T) {
	t.Parallel()
	var d escape.Decoder
	for text, want := range map[string][]string{
		"":            {""},
		"100%":        {"100%"},
		"%dadams":     {"%dadams", "%dadams", "%dadams", "%dadams"},
		"%252540":     {"%252540", "%2540", "%40", "@"},
		"%2525252540": {"%2525252540", "%25252540", "%252540", "%2540"},
	} {
		var got []string
		for view, from := range d.Views([]byte(text)) {
			assert.Equal(t, len(got) == 0, from == nil, text)
			got = append(got, string(view))
		}
		assert.Equal(t, want, got)
		for range d.Views([]byte(text)) {
			break // the iterator must stop
		}
	}
}

func TestDecodingDoesNotAllocate(t *testing.T) {
	var d escape.Decoder
	text, count := []byte(`%61%2540x\u002f&amp;`), 0
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		d.Decode(text)
		for range d.Views(text) {
			count++
		}
	}))
}

func TestEntitiesHaveNamesInAnyCase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"amp": "&", "apos": "'", "quot": `"`, "lt": "<", "gt": ">", "commat": "@", "period": ".", "plus": "+", "lowbar": "_",
		"hyphen": "-", "dash": "-", "num": "#", "sol": "/", "percnt": "%", "nbsp": "\u00A0",
		"eacute": "é", "rsquo": "’", "uuml": "ü", "dzcy": "џ",
		"acE": "&acE;", "copyx": "&copyx;", "a b": "&a b;", "ampx": "&ampx;", "periods": "&periods;",
	} {
		for _, text := range []string{"&" + name + ";", strings.ToUpper("&" + name + ";")} {
			var d escape.Decoder
			view, _ := d.Decode([]byte("a" + text + "b"))
			if strings.HasPrefix(want, "&") && want != "&" {
				want = text
			}
			assert.Equal(t, "a"+want+"b", string(view))
		}
	}
}
