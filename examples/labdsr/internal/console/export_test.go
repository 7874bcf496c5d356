package console

import "io"

// NewFor returns a console without colours that writes to w.
func NewFor(w io.Writer, terminal bool) *Console { return &Console{w: w, terminal: terminal} }
