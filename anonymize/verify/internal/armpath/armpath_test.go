package armpath_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/armpath"
)

// TestSpellingsOfOneIDAreOne has IDs that need no work, and others of the same resource. That
// all others are as package identity has them, FuzzTwoOpinionsOnARMIDsAgree tells.
func TestSpellingsOfOneIDAreOne(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"/Subscriptions/s/A.b_(c)-1":                     "subscriptions/s/a.b_(c)-1",
		"/subscriptions/s/A.b_(c)-1/":                    "subscriptions/s/a.b_(c)-1",
		"//subscriptions//s/a.b_(c)-1":                   "subscriptions/s/a.b_(c)-1",
		"https://management.azure.com/subscriptions/s/A": "subscriptions/s/a",
		"/management.azure.com/subscriptions/s":          "subscriptions/s",
		"/subscriptions/subscriptions/s":                 "subscriptions/subscriptions/s",
		"%2Fsubscriptions%2Fs":                           "subscriptions/s",
		"/{D02677F79C065740AFD80A213AD58E72}/":           "d02677f7-9c06-5740-afd8-0a213ad58e72",
		"/D02677F79C065740AFD80A213AD58E72":              "d02677f7-9c06-5740-afd8-0a213ad58e72",
		"/a":                                             "a",
		"":                                               "",
		"/a/b?api-version=1":                             "a/b",
		"/a/\u212A":                                      "a/k",
		"/subscriptions/s/virtualmachines/D0.2677F79C065740": "subscriptions/s/virtualmachines/d0.2677f79c065740",
	} {
		assert.Equal(t, want, armpath.Of(id), id)
	}
}
