package response

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
)

// ErrLanguage says that the report is not available in the language.
var ErrLanguage = errors.New("no report in this language")

//go:embed locales/*.json
var locales embed.FS

// Languages returns the languages of the report. The first is English, in which the
// report was written. The translations have had no legal review.
func Languages() []language.Tag {
	return []language.Tag{
		language.English, language.German, language.French, language.Spanish,
		language.Italian, language.Dutch, language.Polish,
	}
}

// pluralForms lists the plural forms of CLDR that the languages use.
var pluralForms = []string{"one", "few", "many", "other"}

// readLocale returns the texts of a language by key. A text is a string, or a map with a
// string for each plural form of its first argument.
func readLocale(tag language.Tag) (map[string]any, error) {
	data, err := fs.ReadFile(locales, "locales/"+tag.String()+".json")
	if err != nil {
		return nil, err
	}
	var texts map[string]any
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, fmt.Errorf("locale %s: %w", tag, err)
	}
	return texts, nil
}

// texts holds the texts of all languages.
var texts = sync.OnceValues(func() (catalog.Catalog, error) {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for _, tag := range Languages() {
		locale, err := readLocale(tag)
		if err != nil {
			return nil, err
		}
		for key, text := range locale {
			switch text := text.(type) {
			case string:
				err = b.SetString(tag, key, text)
			case map[string]any:
				var cases []any
				for _, form := range pluralForms {
					if text[form] != nil {
						cases = append(cases, form, text[form])
					}
				}
				err = b.Set(tag, key, plural.Selectf(1, "%d", cases...))
			}
			if err != nil {
				return nil, fmt.Errorf("locale %s, %s: %w", tag, key, err)
			}
		}
	}
	return b, nil
})

// A printer writes texts, numbers and dates in one language.
type printer struct {
	tag  language.Tag
	text *message.Printer
}

// newPrinter returns the printer of a language. The zero Tag is English. A regional
// variety, such as Austrian German, has the texts of the language and its own format of
// numbers.
func newPrinter(tag language.Tag) (*printer, error) {
	if tag == language.Und {
		tag = language.English
	}
	base, _ := tag.Base()
	i := slices.IndexFunc(Languages(), func(known language.Tag) bool {
		b, _ := known.Base()
		return b == base
	})
	if i < 0 {
		return nil, fmt.Errorf("labdsr: %w", ErrLanguage)
	}
	all, err := texts()
	if err != nil {
		return nil, err
	}
	return &printer{tag: Languages()[i], text: message.NewPrinter(tag, message.Catalog(all))}, nil
}

// T returns the text of a key, with its arguments filled in.
func (p *printer) T(key string, args ...any) string {
	return p.text.Sprintf(message.Key(key, key), args...)
}

// Number returns a number with the separators of the language.
func (p *printer) Number(n int64) string { return p.text.Sprintf("%d", n) }

// Column returns what a documented column means.
func (p *printer) Column(role csvschema.Role, info dictionary.Entry) string {
	if p.tag == language.English {
		return info.Description
	}
	return p.T(columnKey(role, info.Column))
}

// columnKey returns the key of the text that describes a column. A column that means the
// same in both files has one key.
func columnKey(role csvschema.Role, c csvschema.Column) string {
	switch c { //nolint:exhaustive // all others mean the same in both files, or are in one
	case csvschema.ResourceId, csvschema.ResourceUId, csvschema.Name, csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ResourceStatus:
		return "column." + role.String() + "." + c.String()
	}
	return "column." + c.String()
}

// visible replaces control characters by visible ones. A page cannot show control
// characters, and some of them change how the text after them looks.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20 && r != '\n' && r != '\t':
			return 0x2400 + r // control pictures
		case r == 0x7F, r >= 0x80 && r < 0xA0, r == 0xFEFF:
			return 0xFFFD
		}
		return r
	}, text)
}
