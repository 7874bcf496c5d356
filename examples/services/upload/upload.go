// Package upload is a page of a web service: whoever sends the files of an export and
// the identifiers of a person gets the package for that person.
package upload

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// A Handler answers a form with one or more fields "identifier", and the files "export",
// of both kinds and in any order. It is for the controller's own people: let nobody use it
// without a login.
type Handler struct {
	MaxBytes int64            // of a form
	Now      func() time.Time // the clock
	Options  response.Options
}

// ServeHTTP answers with the package. The header Needs-Decision says whether a person must
// decide something before the package is sent on. No part of a package that failed is
// sent.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, h.MaxBytes)
	if err := r.ParseMultipartForm(1 << 20); err != nil { // what is larger goes to the disk
		failForm(w, err)
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	subject, err := dsr.ParseSubject(r.MultipartForm.Value["identifier"]...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var files []source.File
	for _, header := range r.MultipartForm.File["export"] {
		file := source.FromUpload(header)
		role, err := source.DetectRole(r.Context(), file)
		if err != nil {
			fail(w, err)
			return
		}
		files = append(files, source.File{FileID: csvschema.FileID{Role: role}, Source: file})
	}
	options := h.Options
	options.Made = h.Now()
	var zip bytes.Buffer
	report, err := response.Write(r.Context(), &zip, source.Group(files, nil), subject, &options)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="answer.zip"`)
	w.Header().Set("Needs-Decision", strconv.FormatBool(report.NeedsDecision(0) || len(report.Subjects[0].NotAPerson) > 0))
	_, _ = w.Write(zip.Bytes()) // whoever asked may be gone
}

// failForm says why there is no form.
func failForm(w http.ResponseWriter, err error) {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok { // of a temporary file
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	http.Error(w, "not a form", http.StatusBadRequest)
}

// fail tells whoever sent the files what is wrong with them, and of anything else only
// that it failed. No error of the library holds a cell.
func fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, csvschema.ErrInput):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	case errors.Is(err, csvschema.ErrNoFiles):
		http.Error(w, "no file", http.StatusBadRequest)
	default:
		http.Error(w, "failed", http.StatusInternalServerError)
	}
}
