package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/labdsr/labdsr/dsr/response"
)

// A controllerFile is the file of --controller, in YAML or JSON: what Article 15 GDPR
// wants to be said and no export can tell.
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

const controllerKeys = "name, purposes, categories, recipients, storage, source, automated, transfers, authority, elsewhere (a list), portability (true or false)"

// isDraft reports whether something is missing that Article 15 GDPR wants to be said.
func isDraft(c response.Controller) bool {
	for _, slot := range []string{c.Name, c.Purposes, c.Categories, c.Recipients, c.Storage, c.Source, c.Automated, c.Transfers} {
		if strings.TrimSpace(slot) == "" {
			return true
		}
	}
	return false
}

var yamlLine = regexp.MustCompile(`line \d+`)

// readController reads a controller; no path is none.
func readController(path string) (response.Controller, error) {
	if path == "" {
		return response.Controller{}, nil
	}
	text, err := readText(path)
	if err != nil {
		return response.Controller{}, err
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	var c controllerFile
	if err := d.Decode(&c); err != nil {
		what := "holds nothing"
		if err != io.EOF {
			what = "cannot be understood"
			if line := yamlLine.FindString(err.Error()); line != "" {
				what = fmt.Sprintf("%s: %s", line, what) // the rest of the message may hold what stands there
			}
		}
		return response.Controller{}, &fileError{path, hinted(errors.New(what), "write one key and a text a line; the keys are: %s", controllerKeys)}
	}
	return response.Controller(c), nil
}
