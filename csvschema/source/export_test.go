package source

import (
	"io"
	"mime/multipart"
)

// What tests see of the inside.
var (
	IsHeader = isHeader
	Hide     = hide
)

// Uploaded returns the reader of a file of a form.
func Uploaded(f multipart.File) io.ReadCloser { return uploadFile{File: f} }
