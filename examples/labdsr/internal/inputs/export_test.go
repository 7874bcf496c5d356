package inputs

// What tests see of the inside.
var (
	IsBelow = isBelow
)

// Files returns the files that were found so far, in that order. They belong to no
// export yet.
func (f *Finder) Files() []*File { return f.files }
