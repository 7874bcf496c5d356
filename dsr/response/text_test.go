package response_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/dsr/response"
)

// plurals lists the plural forms of each language in the CLDR of x/text.
var plurals = map[language.Tag][]string{
	language.English: {"one", "other"}, language.German: {"one", "other"}, language.Dutch: {"one", "other"},
	language.French: {"one", "other"}, language.Spanish: {"one", "other"}, language.Italian: {"one", "other"},
	language.Polish: {"few", "many", "one", "other"},
}

var verb = regexp.MustCompile(`%(\[\d\])?[a-z]`)

func verbsOf(text any) []string {
	verbs := verb.FindAllString(text.(string), -1)
	slices.Sort(verbs)
	return verbs
}

// A translation must not be missing or left over, and must have the same arguments.
func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	t.Parallel()
	english, err := response.ReadLocale(language.English)
	require.NoError(t, err)
	want := maps.Clone(english)
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		for _, info := range dictionary.Of(role) {
			want[response.ColumnKey(role, info.Column)] = info.Description // the English texts
		}
	}
	for _, tag := range response.Languages() {
		t.Run(tag.String(), func(t *testing.T) {
			t.Parallel()
			texts, err := response.ReadLocale(tag)
			require.NoError(t, err)
			for key, text := range want {
				got, there := texts[key]
				if tag == language.English && strings.HasPrefix(key, "column.") {
					assert.False(t, there, key)
					continue
				}
				if !assert.True(t, there, key) {
					continue
				}
				switch text := text.(type) {
				case string:
					require.IsType(t, "", got, key)
					assert.NotEmpty(t, got, key)
					assert.Equal(t, verbsOf(text), verbsOf(got), key)
					if tag != language.English && len(text) > 20 {
						assert.NotEqual(t, text, got, "not translated: %s", key)
					}
				case map[string]any:
					require.IsType(t, map[string]any{}, got, key)
					var cases []string
					for form, s := range got.(map[string]any) {
						cases = append(cases, form)
						assert.Equal(t, verbsOf(text["other"]), verbsOf(s), key)
					}
					assert.ElementsMatch(t, plurals[tag], cases, key)
				}
			}
			for key := range texts {
				assert.Contains(t, want, key, "left over")
			}
		})
	}
}

// The code and the template use texts by key. Every key that they use exists, and every
// key that exists is used.
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	english, err := response.ReadLocale(language.English)
	require.NoError(t, err)
	var code strings.Builder
	for _, pattern := range []string{"*.go", "report.html"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			code.Write(text)
		}
	}
	for key := range english {
		prefix, last, _ := strings.Cut(key, ".")
		made := (last == "machines" || last == "disks") && strings.Contains(code.String(), `"`+prefix+`." + roleKey(`)
		assert.True(t, made || strings.Contains(code.String(), `"`+key+`"`), "nobody uses %s", key)
	}
	for _, match := range regexp.MustCompile(`T "([a-z.]+)"|\bT\("([a-z.]+)"[,)]`).FindAllStringSubmatch(code.String(), -1) {
		assert.Contains(t, english, match[1]+match[2])
	}
}

func TestNumbersAndPluralsFollowTheLanguage(t *testing.T) {
	t.Parallel()
	for tag, want := range map[language.Tag][]string{
		language.English: {"1 disk", "2 disks", "12,345 disks"},
		language.German:  {"1 Datenträger", "2 Datenträger", "12.345 Datenträger"},
		language.French:  {"1 disque", "2 disques", "12\u00a0345 disques"},
		language.Spanish: {"1 disco", "2 discos", "12.345 discos"},
		language.Italian: {"1 disco", "2 dischi", "12.345 dischi"},
		language.Dutch:   {"1 schijf", "2 schijven", "12.345 schijven"},
		language.Polish:  {"1 dysk", "2 dyski", "12\u00a0345 dysków"},
	} {
		texts, err := response.Texts(tag)
		require.NoError(t, err)
		for i, n := range []int{1, 2, 12345} {
			assert.Equal(t, want[i], strings.ReplaceAll(texts("disks", n), "\u202f", "\u00a0"), tag)
		}
	}
	texts, err := response.Texts(language.MustParse("de-CH"))
	require.NoError(t, err)
	assert.Equal(t, "12’345 Datenträger", texts("disks", 12345), "numbers of the region, texts of the language")
	_, err = response.Texts(language.MustParse("ja"))
	require.ErrorIs(t, err, response.ErrLanguage)
}
