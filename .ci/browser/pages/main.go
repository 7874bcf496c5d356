// Pages writes reports as HTML files, for the browser check. In every language, it
// writes the report of the person in quickstart and that of a person without rows.
// In English, it also writes that of a person with 500 machines, and one whose cells
// are hostile.
//
//	go run ./.ci/browser/pages FOLDER [PAYLOADS]
//
// PAYLOADS is a folder with JSON files. All strings in them are added to the hostile
// cells.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func run(folder string, payloads []string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	quick, err := quickstart()
	if err != nil {
		return err
	}
	texts := append([]string(nil), hostile...)
	for _, dir := range payloads {
		more, err := stringsOf(dir)
		if err != nil {
			return err
		}
		texts = append(texts, more...)
	}
	for _, tag := range response.Languages() {
		for name, p := range map[string]person{
			"quickstart": {quick, []string{"alice.archer@contoso.com", "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11"}},
			"none":       {quick, []string{"nobody@contoso.com"}},
			"many":       {machines(500, func(i int, c csvschema.Column) string { return fmt.Sprintf("%s-%d", c, i) }), []string{"alice@contoso.com"}},
			"hostile":    {machines(len(texts), func(i int, _ csvschema.Column) string { return texts[i] }), []string{"alice@contoso.com"}},
		} {
			if tag != language.English && (name == "many" || name == "hostile") {
				continue // only the texts differ from English, and the other two pages have them
			}
			page, err := p.page(tag, texts)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, name+"-"+tag.String()+".html"), page, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// A person is the identifiers of somebody who asks, and the exports to search.
type person struct {
	exports     []csvschema.Export
	identifiers []string
}

func (p person) page(tag language.Tag, texts []string) ([]byte, error) {
	subject, err := dsr.ParseSubject(p.identifiers...)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	controller := response.Controller{
		Name: "Contoso Ltd, 1 High Street, London; privacy@contoso.com", Purposes: "Costs of the labs are charged to the teams that use them.",
		Categories: "Usage records of virtual machines and disks.", Recipients: "The finance department.", Storage: "30 days after a resource was deleted.",
		Source: "Azure DevTest Labs.", Elsewhere: []string{"Addresses for shutdown notifications", "Users and roles of the labs"}, Authority: texts[0],
	}
	_, err = response.Write(context.Background(), &out, p.exports, subject, &response.Options{
		Language: tag, Made: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC), Controller: controller,
		Keep: func(csvschema.Key) fate.Keeping {
			return fate.Keeping{Fate: fate.KeptHeld, Reason: texts[len(texts)-1]}
		},
	})
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		return nil, err
	}
	f, err := archive.Open("index.html")
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

// quickstart returns the exports of examples/quickstart.
func quickstart() ([]csvschema.Export, error) {
	folders, err := filepath.Glob("examples/quickstart/exports/*")
	if err != nil || len(folders) == 0 {
		return nil, fmt.Errorf("no exports of quickstart: run this at the top of the project (%w)", err)
	}
	var exports []csvschema.Export
	for _, folder := range folders {
		source := func(role csvschema.Role) []csvschema.Source {
			return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) {
				return os.Open(filepath.Join(folder, role.String()+".csv"))
			}}}
		}
		exports = append(exports, csvschema.Export{VirtualMachines: source(csvschema.VirtualMachines), Disks: source(csvschema.Disks)})
	}
	return exports, nil
}

// machines returns an export with so many machines of Alice. Cells are filled by text,
// except those that decide whose a row is and when it was deleted.
func machines(rows int, text func(row int, c csvschema.Column) string) []csvschema.Export {
	var data bytes.Buffer
	w := csv.NewWriter(&data)
	columns := csvschema.VirtualMachines.Columns()
	var cells []string
	for _, c := range columns {
		cells = append(cells, c.String())
	}
	_ = w.Write(cells) // w.Error returns the error
	for i := range rows {
		for j, c := range columns {
			switch c { //nolint:exhaustive // text fills the others
			case csvschema.LabUId:
				cells[j] = "00000000-0000-0000-0000-0000000000aa"
			case csvschema.ResourceUId:
				cells[j] = fmt.Sprintf("00000000-0000-0000-0000-%012d", i)
			case csvschema.ResourceOwner:
				cells[j] = "alice@contoso.com"
			case csvschema.CreatedTime:
				cells[j] = fmt.Sprintf("%d/%d/20%d 11:17:09 PM", 1+i%12, 1+i%28, 20+i%5)
			case csvschema.DeletedDate:
				cells[j] = ""
				if i%3 > 0 {
					cells[j] = fmt.Sprintf("%d/%d/20%d 11:17:09 PM", 1+i%12, 1+i%28, 25)
				}
			default:
				cells[j] = strings.ToValidUTF8(strings.ReplaceAll(text(i, c), "\x00", ""), "")
			}
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data.Bytes())), w.Error()
	}}}}}
}

// stringsOf returns all strings in the JSON files of a folder.
func stringsOf(dir string) (all []string, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return nil, err
		}
		all = appendStrings(all, value)
	}
	return all, nil
}

func appendStrings(dst []string, value any) []string {
	switch value := value.(type) {
	case string:
		return append(dst, value)
	case []any:
		for _, v := range value {
			dst = appendStrings(dst, v)
		}
	case map[string]any:
		for _, v := range value {
			dst = appendStrings(dst, v)
		}
	}
	return dst
}

var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><script>alert(1)</script>`, `</bdi></dd></dl></main>`,
	`javascript:alert(1)`, `{{.}}`, `<!-- `, `<svg/onload=alert(1)>`, `<base href=//evil.example>`, `<meta http-equiv=refresh content=0>`,
	`=HYPERLINK("http://evil.example/","x")`, "\u202egnp.exe\u2066", "\u200f\u05d0\u05d1\u05d2", "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿", "Z̸̧͓a̶l̷g̴o̵",
	strings.Repeat("x", 5000), strings.Repeat("W ", 2500), "line\r\nbreak", "\x01\x1b[31m\x7f", "",
	"a name of ordinary length", "منزل", "日本語の名前",
}
