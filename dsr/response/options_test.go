package response_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/response"
)

func TestThePageIsADraftUntilEverySlotIsFilled(t *testing.T) {
	t.Parallel()
	const draft = "Draft: do not send."
	exports := exportOf(map[csvschema.Column]string{})
	assert.NotContains(t, page(t, exports, &response.Options{Controller: complete}), draft)
	assert.Contains(t, page(t, exports, nil), draft)
	for name, empty := range map[string]func(*response.Controller){
		"(Article 15(1)(a))": func(c *response.Controller) { c.Purposes = "" },
		"(Article 15(1)(b))": func(c *response.Controller) { c.Categories = " \n" },
		"(Article 15(1)(c))": func(c *response.Controller) { c.Recipients = "" },
		"(Article 15(1)(d))": func(c *response.Controller) { c.Storage = "" },
		"(Article 15(1)(g))": func(c *response.Controller) { c.Source = "" },
		"(Article 15(1)(h))": func(c *response.Controller) { c.Automated = "" },
		"(Article 15(2))":    func(c *response.Controller) { c.Transfers = "" },
		"Who is responsible": func(c *response.Controller) { c.Name = "" },
	} {
		controller := complete
		empty(&controller)
		text := page(t, exports, &response.Options{Controller: controller})
		banner := regexp.MustCompile(`Draft: do not send[^<]*`).FindString(text)
		assert.Contains(t, banner, name)
		assert.Equal(t, 1, strings.Count(text, "Not filled in yet."))
	}
}

func TestThePageSaysWhatTheControllerSays(t *testing.T) {
	t.Parallel()
	text := page(t, exportOf(map[csvschema.Column]string{}), &response.Options{Controller: complete, Made: made})
	for _, want := range []string{
		"Contoso Ltd, 1 High Street", "<p>Finance.</p>\n<p>Auditors.</p>", "<li>Lab users &amp; roles</li>", "The controller&#39;s authority: ICO",
		"Portability:", "1 July 2026", "Rectification", "Erasure", "Restriction", "Objection", "complain", `<html lang="en">`,
	} {
		assert.Contains(t, text, want)
	}
	controller := complete
	controller.Portability, controller.Authority = false, ""
	text = page(t, exportOf(map[csvschema.Column]string{}), &response.Options{Controller: controller})
	assert.NotContains(t, text, "Portability:", "applies to consent and contracts only")
	assert.NotContains(t, text, "controller&#39;s authority")
}

func TestWhatWasNotReadIsListed(t *testing.T) {
	t.Parallel()
	exports := exportOf(map[csvschema.Column]string{})
	o := &response.Options{NotRead: []string{"old/<b>.xlsx", "x\x1b.csv"}}
	_, entries := written(t, exports, subjectOf(t, "alice@example.com"), o)
	assert.Contains(t, entries["index.html"], "because the controller takes it for something else: old/&lt;b&gt;.xlsx, x\u241b.csv.")
	assert.Contains(t, entries["data.json"], `"old/\u003cb\u003e.xlsx"`)
	_, entries = written(t, exports, subjectOf(t, "alice@example.com"), nil)
	assert.NotContains(t, entries["index.html"], "something else")
	assert.NotContains(t, entries["data.json"], "notRead")
}
