package review

// Answers reports whether a decision is about a question.
func (d *Decisions) Answers(q Question) bool { return d.about(q) != nil }
