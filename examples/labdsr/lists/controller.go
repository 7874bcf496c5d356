package lists

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// A controllerFile is the file of --controller, in YAML or JSON: what the controller
// has to say by Article 15 GDPR and no export holds.
type controllerFile struct {
	Name        string   `yaml:"name"`
	Purposes    string   `yaml:"purposes"`
	Categories  string   `yaml:"categories"`
	Recipients  string   `yaml:"recipients"`
	Storage     string   `yaml:"storage"`
	Source      string   `yaml:"source"`
	Automated   string   `yaml:"automated"`
	Transfers   string   `yaml:"transfers"`
	Authority   string   `yaml:"authority"`
	Elsewhere   []string `yaml:"elsewhere"`
	Portability bool     `yaml:"portability"`
}

// ControllerKeys are the keys of the file that [Controller] reads, for people.
const ControllerKeys = "name, purposes, categories, recipients, storage, source, automated, transfers, authority, elsewhere (a list), portability (true or false)"

// maxControllerBytes is how large the file may be: an answer is some pages. The decoder
// takes a hundred times as much memory.
const maxControllerBytes = 256 << 10

var yamlLine = regexp.MustCompile(`line \d+`)

// Controller reads what only the controller knows. An empty path is the zero
// controller.
func Controller(path string) (response.Controller, error) {
	if path == "" {
		return response.Controller{}, nil
	}
	text, err := TextUpTo(path, maxControllerBytes)
	if err != nil {
		return response.Controller{}, err
	}
	var whole yaml.Node
	if yaml.Unmarshal([]byte(text), &whole) == nil && hasAlias(&whole) {
		return response.Controller{}, fault.In(path, fault.WithHint(errors.New("holds an alias of YAML, which can make a long text of a short one"), "write the text itself"))
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	var c controllerFile
	if err := d.Decode(&c); err != nil {
		what := "holds nothing"
		if err != io.EOF {
			what = "cannot be understood"
			if line := yamlLine.FindString(err.Error()); line != "" {
				what = fmt.Sprintf("%s: %s", line, what) // the rest of the message may hold what was read
			}
		}
		return response.Controller{}, fault.In(path, fault.WithHint(errors.New(what), "write one key and a text a line; the keys are: %s", ControllerKeys))
	}
	return response.Controller(c), nil
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}
