package review

import "io"

// Answers reports whether a decision is about a question.
func (d *Decisions) Answers(q Question) bool { return d.about(q) != nil }

// WriteUpTo is [Write] with a limit of bytes.
func WriteUpTo(w io.Writer, questions []Question, of Origin, limit int64) error {
	return writeUpTo(w, questions, of, limit)
}
