package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func init() {
	register.DoFn3x1[context.Context, int, func(file), error](&lister{})
	register.DoFn3x1[context.Context, file, func(looked), error](&looker{})
	register.Emitter1[file]()
	register.Emitter1[looked]()
}

// A lister lists the files of a root.
type lister struct{ Job job }

// ProcessElement lists the files of the root of a number.
func (l *lister) ProcessElement(ctx context.Context, root int, emit func(file)) error {
	s, err := l.Job.store(l.Job.Roots[root-1])
	if err != nil {
		return fmt.Errorf("root %d: %w", root, err)
	}
	if err := s.list(ctx, func(f file) {
		f.Root = root
		emit(f)
	}); err != nil {
		return fmt.Errorf("root %d: %w", root, err)
	}
	return nil
}

// A looker looks once into a file: what it is, which labs its rows name, and which holds
// they meet.
type looker struct {
	Job job

	given  *given
	stores map[int]store // by number of the root
}

// ProcessElement looks into a file.
func (l *looker) ProcessElement(ctx context.Context, f file, emit func(looked)) (err error) {
	if l.given == nil {
		if l.given, err = l.Job.given(); err != nil {
			return err
		}
	}
	found := looked{File: f, Fault: f.Fault}
	if f.Fault == "" {
		if err := l.look(ctx, &found); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			found.Fault = faultOf(err)
		}
	}
	if found.Fault != "" { // its rows may be of any lab that its folder is of
		found.Labs = append(found.Labs, l.labsOf(f.Path)...)
	}
	emit(found)
	return nil
}

// look sets what a file is, and its labs.
func (l *looker) look(ctx context.Context, found *looked) error {
	s, ok := l.stores[found.File.Root]
	if !ok {
		opened, err := l.Job.store(l.Job.Roots[found.File.Root-1])
		if err != nil {
			return err
		}
		if l.stores == nil {
			l.stores = map[int]store{}
		}
		s, l.stores[found.File.Root] = opened, opened
	}
	from := s.source(found.File)
	r, err := from.Open(ctx)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) && source.InSystem(found.File.Path) {
			return nil
		}
		return err
	}
	kind, err := source.KindAt(found.File.Path, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if kind != source.KindExport {
		if kind.IsDoubtful() {
			return errors.New(kind.String())
		}
		return nil
	}
	if found.Role, err = source.DetectRole(ctx, from); err != nil {
		return err
	}
	labs := map[string]bool{}
	needed := []csvschema.Column{csvschema.LabUId}
	if l.given.holds != nil {
		needed = append(needed, csvschema.ResourceUId)
	}
	found.Holds, found.NotPeople = lists.Sights{}, map[int]csvschema.Column{}
	type chunk struct {
		labs      map[string]bool
		holds     lists.Sights
		notPeople map[int]csvschema.Column
	}
	err = csvschema.ForEachChunk(ctx, csvschema.NewFile(csvschema.FileID{Role: found.Role}, from, csvschema.FileOptions{
		Required:   func(csvschema.Role) []csvschema.Column { return needed },
		SinglePass: true,
	}), csvschema.Pass[chunk]{
		Work: func(c *csvschema.Chunk) chunk {
			in := chunk{labs: labsIn(c)}
			if l.given.holds != nil {
				in.holds = noted(c, l.given.holds.Search()).Sights()
			}
			if m := lists.NewMisplaced(l.given.requests); !m.IsEmpty() {
				in.notPeople = noted(c, m).Found()
			}
			return in
		},
		Emit: func(_ *csvschema.Chunk, in chunk) error {
			maps.Copy(labs, in.labs)
			found.Holds.Add(in.holds)
			maps.Copy(found.NotPeople, in.notPeople)
			return nil
		},
	})
	for _, lab := range slices.Sorted(maps.Keys(labs)) {
		found.Labs = append(found.Labs, l.Job.fingerprint([]byte(lab)))
	}
	return err
}

// labsIn returns the labs of the rows of a chunk, in normal form. A row whose LabUId
// identifies nothing is of no lab: no other row has to do with it.
func labsIn(c *csvschema.Chunk) map[string]bool {
	labs := map[string]bool{}
	var last, normal []byte
	for i := range c.Len() {
		cell := c.Record(i).Value(csvschema.LabUId)
		if i > 0 && bytes.Equal(cell, last) {
			continue
		}
		last = append(last[:0], cell...)
		normal = identity.AppendNormal(normal[:0], cell)
		if csvschema.Identifies(csvschema.LabUId, normal) {
			labs[string(normal)] = true
		}
	}
	return labs
}

var wholeGUID = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// labsOf returns the labs that the folders of a path name, as in the layout of the lab
// service: {lab}/{LabUId}/{last day}/full.
func (l *looker) labsOf(name string) (labs []string) {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		if wholeGUID.MatchString(part) {
			labs = append(labs, l.Job.fingerprint(identity.AppendNormal(nil, []byte(part))))
		}
	}
	return labs
}

// faultOf returns the text of an error about a file, without the numbers of the file: they
// say nothing to people.
func faultOf(err error) string {
	if e, ok := errors.AsType[*csvschema.Error](err); ok {
		place := *e
		place.Export, place.File = 0, 0
		err = &place
	}
	return strings.TrimPrefix(err.Error(), "labdsr: ")
}
