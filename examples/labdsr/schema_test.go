package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/response/data"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// schemaOf returns a schema, compiled: of the objects of a command, "" for all, or data.json.
func schemaOf(name string) (*jsonschema.Schema, error) {
	text := results.Schema(name)
	if name == dataName {
		text = data.Schema()
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("schema.json", schema); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

var compiled sync.Map // by name

// accept returns why a schema does not accept a text, or nil.
func accept(name string, text []byte) error {
	schema, ok := compiled.Load(name)
	if !ok {
		made, err := schemaOf(name)
		if err != nil {
			return err
		}
		schema, _ = compiled.LoadOrStore(name, made)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.(*jsonschema.Schema).Validate(value)
}

// checkObject checks what a run wrote to standard output with --json: against the schemas,
// and that it is the same after it was decoded.
func checkObject(text []byte) error {
	var outcome results.Outcome
	if err := json.Unmarshal(text, &outcome); err != nil {
		return err
	}
	command := outcome.Command
	if results.Schema(command) == nil {
		command = "" // only the schema of all has the errors of other commands
	}
	if err := accept(command, text); err != nil {
		return err
	}
	object := objectOf(outcome.Command, text)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(object); err != nil {
		return err
	}
	var again bytes.Buffer
	if err := writeJSON(&again, object); err != nil {
		return err
	}
	if !bytes.Equal(again.Bytes(), text) {
		return errors.New("after it was decoded it is another")
	}
	return nil
}

// checkResult checks the result of a run that ended with that status.
func checkResult(a *app, status int) error {
	if a.result.object == nil {
		if status == statusDone {
			return nil // help, for instance
		}
		return errors.New("there is no result")
	}
	if a.result.outcome.Status != status {
		return errors.New("the result has another status")
	}
	var text bytes.Buffer
	if err := writeJSON(&text, a.result.object); err != nil {
		return err
	}
	if err := checkObject(text.Bytes()); err != nil {
		return err
	}
	switch object := a.result.object.(type) {
	case *results.Access:
		return checkPackage(object.Out)
	case *results.People:
		for _, person := range object.People {
			if isURL(object.Out) {
				return nil
			}
			if err := checkPackage(filepath.Join(object.Out, person.Package)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPackage checks the data.json of a package.
func checkPackage(path string) error {
	if isURL(path) {
		return nil
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	text, err := fs.ReadFile(archive, dataName)
	if err != nil {
		return err
	}
	if err := accept(dataName, text); err != nil {
		return err
	}
	var answer data.Answer
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	again, err := json.Marshal(answer)
	var want bytes.Buffer
	if err := errors.Join(err, json.Compact(&want, text)); err != nil {
		return err
	}
	if !bytes.Equal(again, want.Bytes()) {
		return errors.New("after it was decoded data.json is another")
	}
	return nil
}

// TestSchemasRefuseWhatIsNotWritten changes the objects of the scripts everywhere, in one
// place at a time.
func TestSchemasRefuseWhatIsNotWritten(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	var texts [][]byte
	for _, object := range fullObjects() {
		text, err := json.Marshal(object)
		require.NoError(t, err)
		texts = append(texts, text)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(t, err)
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".json") && bytes.Contains(file.Data, []byte(`"command": `)) {
				texts = append(texts, file.Data)
			}
		}
	}
	commands, optional := map[string]bool{}, map[string]bool{}
	for _, text := range texts {
		var object map[string]any
		require.NoError(t, json.Unmarshal(text, &object))
		command := object["command"].(string)
		require.NoError(t, accept(command, text))
		require.NoError(t, accept("", text))
		commands[command] = true
		schema, err := schemaOf(command)
		require.NoError(t, err)
		changeEach("", object, func(any) {}, func(where string) {
			if schema.Validate(object) == nil {
				optional[where] = true
			}
		})
	}
	assert.Equal(t, results.Commands(), slices.Sorted(maps.Keys(commands)))
	assert.Equal(t, []string{
		"- .blobs[].why", "- .copies[].why", "- .deleteBy", "- .failures[].column", "- .failures[].line", "- .failures[].missing", "- .failures[].number", "- .failures[].other",
		"- .files[].nextDue", "- .findings[].made", "- .findings[].reason", "- .findings[].until", "- .head", "- .hint", "- .inputs[].made", "- .labs[].why", "- .receipt",
		"- .receipts[].counts.virtual machines", "- .receipts[].request", "- .request", "- .requests[].answers[].at", "- .requests[].answers[].reason", "- .review", "- .scope.first", "- .scope.last", "- .since",
		"- .toDecide[].competing", "- .total.nextDue", "- .unlisted[].resourceGroup", ".receipts[].counts = map[x:1]",
	}, slices.Sorted(maps.Keys(optional)), "what may be absent")
}

// fullObjects returns objects with something in every member that those of the scripts lack.
func fullObjects() []any {
	at, key := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC), results.Key{Role: csvschema.Disks, LabUID: "l", ResourceUID: "r"}
	inputs := results.Inputs{Files: []results.Input{{File: "f", Role: csvschema.Disks, Export: 1, Made: at}}, LeftAlone: []string{"x"}, Ignored: []string{"y"}}
	failures := []results.Failure{
		{File: "f", Kind: results.Fork, Other: "g"},
		{File: "f", Kind: results.InputMissing, Missing: &results.ReceiptFile{Export: 1, File: 2, Role: csvschema.Disks}},
	}
	confirmed := []results.Confirmation{results.ByKey, results.BySignature, results.ByHead}
	return []any{
		results.InPlace{
			Plan: results.Plan{
				Outcome: results.Outcome{Command: "anonymize", Status: 1}, Inputs: inputs, At: at, Policy: (&anonymize.Policy{}).Terms(),
				Files: []results.PlanFile{}, Days: []results.DueDay{}, Findings: []results.Finding{}, Requests: []results.Request{},
				Unmet: results.Unmet{Holds: []results.Place{}}, ToDecide: []results.Question{},
			},
			DryRun: true, Blobs: []results.ReplacedBlob{{File: "f", Outcome: results.BlobFailed, Changed: 1, Why: "status 403"}}, CopiesFound: noCopies(), Receipt: results.Receipt{Path: "r", Head: identity.Digest{1}},
		},
		results.Copies{
			Outcome: results.Outcome{Command: "copies", Status: 1},
			CopiesFound: results.CopiesFound{
				Blobs: []results.BlobCopies{{File: "f", Snapshots: 1, Versions: 1, SoftDeleted: 1, Deleted: 1, Failed: 1, Why: "status 403"}}, Deleted: 1, Kept: 1, Notes: []string{"x"},
			},
		},
		results.Export{
			Outcome: results.Outcome{Command: "export", Status: 1}, Container: "c", Since: results.DateOf(at), Resumed: true,
			Labs:      []results.ExportedLab{{SubscriptionID: "s", ResourceGroup: "g", Lab: "l", LabUID: "u", Blobs: []results.ExportedBlob{{Blob: "b", Bytes: 1}}, Why: "status 403"}},
			Unlisted:  []results.Unlisted{{SubscriptionID: "s", ResourceGroup: "g", Why: "status 403"}},
			Elsewhere: []string{"b"},
		},
		results.Man{Outcome: results.Outcome{Command: "man"}},
		results.Plan{
			Outcome: results.Outcome{Command: "plan", Status: 3}, Inputs: inputs, At: at, Policy: (&anonymize.Policy{}).Terms(),
			Total: results.Stats{NextDue: at}, Files: []results.PlanFile{{File: "f", Stats: results.Stats{NextDue: at}}},
			Days:     []results.DueDay{{Date: results.DateOf(at), Rows: 1}},
			Findings: []results.Finding{{Key: key, Kind: "stale", Rows: 1, File: "f", Line: 2, Made: at, Reason: "claim", Until: at}},
			Requests: []results.Request{{Kind: anonymize.Erase, Answers: []results.Answer{{Key: key, Fate: fate.KeptHeld, Rows: 1, At: at, Reason: "claim"}}}},
			Unmet:    results.Unmet{Holds: []results.Place{{File: "f", Line: 2}}},
			ToDecide: []results.Question{{Key: key, File: "f", Line: 2, Kind: "near-request", Rows: 1, Choices: []results.Choice{results.Other}}},
			Review:   "review.csv",
		},
		results.Receipts{
			Outcome: results.Outcome{Command: "receipts check", Status: 4}, ConfirmedBy: confirmed,
			Receipts: []results.ChainedReceipt{{Number: 1, File: "f", At: at, Action: "access", Request: "7", Counts: map[string]int64{"virtual machines": 1}}},
			Failed:   2, Failures: failures,
		},
		results.Tables{
			Outcome: results.Outcome{Command: "tables"}, Inputs: inputs, At: at, PersonalData: true, DeleteBy: results.DateOf(at), Out: "t", Outputs: []string{"machines.parquet"},
			Machines: results.TableRows{Files: 1, Read: 3, Rows: 1, Copies: 2, NoResource: 1, Hidden: 1, Unreadable: 1, Cut: 1}, Months: 1, NoMonth: 1, NotYet: 1,
			Contradictions: []results.Contradiction{{Key: key, Kind: "different-dates", Taken: results.Place{File: "f", Line: 2}, Other: results.Place{File: "f", Line: 3}}},
			Found:          []results.ContradictionCount{{Kind: "different-dates", Pairs: 1}},
		},
		results.Verify{
			Outcome: results.Outcome{Command: "verify", Status: 4}, Inputs: inputs, At: at, Policy: (&anonymize.Policy{}).Terms(),
			Receipt: results.Receipt{Path: "r", Head: identity.Digest{1}}, Request: "7", ConfirmedBy: confirmed, Failures: failures,
		},
	}
}

// changeEach calls changed after each change to a value, and takes it back.
func changeEach(where string, value any, set func(any), changed func(where string)) {
	for _, wrong := range []any{nil, map[string]any{"x": 1.0}, []any{nil}, -1.0, 0.5, "no such text", true} {
		if reflect.TypeOf(wrong) == reflect.TypeOf(value) && reflect.TypeOf(wrong).Comparable() && where != ".status" {
			continue // it may be one that can be there
		}
		set(wrong)
		if where != "" {
			changed(fmt.Sprintf("%s = %v", where, wrong))
		}
	}
	set(value)
	switch value := value.(type) {
	case map[string]any:
		value["added"] = "x"
		changed("+ " + where + ".added")
		delete(value, "added")
		for name, member := range maps.Clone(value) {
			delete(value, name)
			changed("- " + where + "." + name)
			value[name] = member
			changeEach(where+"."+name, member, func(other any) { value[name] = other }, changed)
		}
	case []any:
		for i, one := range value {
			changeEach(where+"[]", one, func(other any) { value[i] = other }, changed)
		}
	}
}

// objectOf returns a pointer to the type of an object.
func objectOf(command string, text []byte) any {
	var members map[string]any
	_ = json.Unmarshal(text, &members)
	switch {
	case members["error"] != nil:
		return &results.Error{}
	case members["people"] != nil:
		return &results.People{}
	case members["blobs"] != nil && command == "anonymize":
		return &results.InPlace{}
	}
	return map[string]any{
		"access": &results.Access{}, "anonymize": &results.Anonymize{}, "copies": &results.Copies{}, "deadline": &results.Deadline{}, "export": &results.Export{}, "filter": &results.Filter{}, "man": &results.Man{},
		"plan": &results.Plan{}, "receipts check": &results.Receipts{}, "tables": &results.Tables{}, "verify": &results.Verify{},
	}[command]
}
