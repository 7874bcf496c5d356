package source_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing/fstest"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// answer takes a form with the identifiers of a person and the two files of an export, and
// answers with the package for that person: 400 if the request is wrong, 422 if a file is.
func answer(w http.ResponseWriter, r *http.Request) {
	const maxBody, inMemory = 1 << 30, 32 << 20 // bytes; files above inMemory are on the disk
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseMultipartForm(inMemory); err != nil {
		if _, ok := errors.AsType[*fs.PathError](err); ok { // the disk failed
			http.Error(w, "failed", http.StatusInternalServerError)
			return
		}
		http.Error(w, "send a form with identifiers and files", http.StatusBadRequest)
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	subject, err := dsr.ParseSubject(r.MultipartForm.Value["identifier"]...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	exports, err := uploaded(r.Context(), r.MultipartForm.File["file"])
	var answer bytes.Buffer // nothing is sent before it is complete
	if err == nil {
		_, err = response.Write(r.Context(), &answer, exports, subject, nil)
	}
	switch {
	case errors.Is(err, csvschema.ErrInput):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	case errors.Is(err, csvschema.ErrNoFiles):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil:
		http.Error(w, "try again", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/zip")
		_, _ = answer.WriteTo(w) // the client is gone if it fails
	}
}

// uploaded returns the export whose files were sent, whatever their names are.
func uploaded(ctx context.Context, headers []*multipart.FileHeader) ([]csvschema.Export, error) {
	var files []source.File
	for i, header := range headers {
		s := source.FromUpload(header)
		role, err := source.DetectRole(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%w, in file %d of the form", err, i+1)
		}
		files = append(files, source.File{FileID: csvschema.FileID{Role: role}, Source: s})
	}
	return source.Group(files, nil), nil
}

// A server takes uploads, and answers with the rows of a person as a package.
func ExampleFromUpload() {
	server := httptest.NewServer(http.HandlerFunc(answer))
	defer server.Close()

	machines := "LabUId,ResourceUId,ResourceId,ResourceOwner\n" +
		"36f675cc-81e7-4ef5-a8e2-5d940ed90475,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,/labs/dev/virtualmachines/build,ann@example.com\n" +
		"36f675cc-81e7-4ef5-a8e2-5d940ed90475,b3c8ad0c-6cad-4a26-8d11-6ece1738f7d9,/labs/dev/virtualmachines/test,bob@example.com\n"
	disks := "LabUId,ResourceUId,ResourceId,LeasedByVmId\n" +
		"36f675cc-81e7-4ef5-a8e2-5d940ed90475,c4c8ad0c-6cad-4a26-8d11-6ece1738f7d9,/labs/dev/disks/data,/labs/dev/virtualmachines/build\n"
	fmt.Println(post(server.URL, "ann@example.com", machines, disks))
	fmt.Println(post(server.URL, "ann@example.com", machines, disks+"bob@example.com\n"))
	fmt.Println(post(server.URL, "ann@example.com", "ann@example.com,bob@example.com\n"))
	fmt.Println(post(server.URL, "ann", machines, disks))
	fmt.Println(post(server.URL, "ann@example.com"))
	// Output:
	// 200 OK: 1 of machine/export1-virtualmachines1.csv, 1 of machine/export1-disks1.csv
	// 422 Unprocessable Entity: labdsr: disks file 1 of export 1, line 3: wrong number of fields (found 1, the header has 4)
	// 422 Unprocessable Entity: labdsr: export, line 1, column LabUId: no header row (the first line names no documented column), in file 1 of the form
	// 400 Bad Request: labdsr: identifier 1 of the subject: neither an e-mail address nor an object ID
	// 400 Bad Request: labdsr: no file to read
}

// post sends a form, and returns the answer in words: how many rows are in it.
func post(url, identifier string, files ...string) string {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("identifier", identifier)
	for i, text := range files {
		w, err := form.CreateFormFile("file", fmt.Sprintf("export of ann@example.com (%d).csv", i))
		if err != nil {
			return err.Error()
		}
		_, _ = io.WriteString(w, text)
	}
	if err := form.Close(); err != nil {
		return err.Error()
	}
	answer, err := http.Post(url, form.FormDataContentType(), &body)
	if err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return err.Error()
	}
	if answer.StatusCode != http.StatusOK {
		return answer.Status + ": " + strings.TrimSpace(string(text))
	}
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err.Error()
	}
	var rows []string
	for _, entry := range archive.File {
		if !strings.HasPrefix(entry.Name, "machine/") {
			continue // the same rows, for people
		}
		text, err := fs.ReadFile(archive, entry.Name)
		if err != nil {
			return err.Error()
		}
		rows = append(rows, fmt.Sprintf("%d of %s", strings.Count(string(text), "\n")-1, entry.Name))
	}
	return answer.Status + ": " + strings.Join(rows, ", ")
}

// The exports of a container of the lab service are found by their headers. In a program
// the file system is os.DirFS of a folder, or a ZIP.
func ExampleFind() {
	const folder = "labresourceusage/Dev/36f675cc-81e7-4ef5-a8e2-5d940ed90475/30-6-2026/full/"
	fsys := fstest.MapFS{
		folder + "virtualmachines.csv":      {Data: []byte("LabUId,ResourceUId,ResourceId,ResourceOwner\n")},
		folder + "disks.csv":                {Data: []byte("LabUId,ResourceUId,ResourceId,LeasedByVmId\n")},
		"labresourceusage/Dev/20260630.txt": {},
		"labresourceusage/Dev/costs.xlsx":   {Data: []byte("PK\x03\x04")},
	}
	_, err := source.Find(context.Background(), fsys, nil)
	fmt.Println(err)

	found, err := source.Find(context.Background(), fsys, &source.Options{
		Ignore: func(name string) bool { return path.Ext(name) == ".xlsx" },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range found.Files {
		fmt.Println(file.FileID, "is", path.Base(file.Path))
	}
	fmt.Println("made", found.Exports[0].Made)
	for _, left := range found.Left {
		fmt.Println(left.Path, left.Kind)
	}
	// Output:
	// labdsr: labresourceusage/Dev/costs.xlsx: is a workbook of a spreadsheet program, not CSV
	// virtualmachines file 1 of export 1 is virtualmachines.csv
	// disks file 1 of export 1 is disks.csv
	// made 2026-07-01 00:00:00 +0000 UTC
	// labresourceusage/Dev/20260630.txt is no export
	// labresourceusage/Dev/costs.xlsx was to be ignored
}

// The role of a file is in its header. Its name does not matter.
func ExampleDetectRole() {
	s := source.FromBytes([]byte("\ufeffLabUId,ResourceUId,ResourceId,LeasedByVmId\r\n"))
	role, err := source.DetectRole(context.Background(), s)
	fmt.Println(role, err)
	// Output:
	// disks <nil>
}
