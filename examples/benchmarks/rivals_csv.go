package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/jszwec/csvutil"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A table reads a file with encoding/csv as a careful user would: with a large buffer,
// one slice for all records, and columns found by name.
type table struct {
	*csv.Reader
	io.Closer
	header []string
}

func newTable(name string) (*table, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	t := &table{Reader: csv.NewReader(bufio.NewReaderSize(f, 1<<20)), Closer: f}
	t.ReuseRecord = true
	header, err := t.Read()
	if err != nil {
		_ = f.Close() // opened for reading only
		return nil, err
	}
	t.header = slices.Clone(header)
	return t, nil
}

// column returns the index of a column, which every generated file has.
func (t *table) column(c csvschema.Column) int { return slices.Index(t.header, c.String()) }

// each calls f for every record. A record is valid until f returns.
func (t *table) each(f func(record []string) error) error {
	for {
		record, err := t.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = f(record)
		}
		if err != nil {
			return err
		}
	}
}

var encodingCSV = map[kind]func(context.Context, *job) (answer, error){
	filter: func(_ context.Context, j *job) (answer, error) {
		a := answer{rows: -1, due: -1}
		err := csvMachines(j, func(_, uid string) { a.hit(uid) })
		return a, err
	},
	filterDisks: csvDisks,
	cleaning:    csvCleanUp,
	verifying:   csvVerify,
	planning:    csvPlan,
}

// csvMachines calls f for the virtual machines of the subjects.
func csvMachines(j *job, f func(id, uid string)) error {
	in, err := newTable(j.Machines)
	if err != nil {
		return err
	}
	defer quietly(in)
	id, uid, owner := in.column(csvschema.ResourceId), in.column(csvschema.ResourceUId), in.column(csvschema.ResourceOwner)
	theirs := j.theirs()
	return in.each(func(record []string) error {
		if theirs(record[owner]) {
			f(record[id], record[uid])
		}
		return nil
	})
}

func csvDisks(_ context.Context, j *job) (answer, error) {
	machines := map[string]bool{}
	if err := csvMachines(j, func(id, _ string) { machines[strings.ToLower(id)] = true }); err != nil {
		return answer{}, err
	}
	in, err := newTable(j.Disks)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	uid, lease := in.column(csvschema.ResourceUId), in.column(csvschema.LeasedByVmId)
	a := answer{rows: -1, due: -1}
	err = in.each(func(record []string) error {
		if machines[strings.ToLower(record[lease])] {
			a.hit(record[uid])
		}
		return nil
	})
	return a, err
}

func csvCleanUp(_ context.Context, j *job) (answer, error) {
	in, err := newTable(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	file, err := j.create()
	if err != nil {
		return answer{}, err
	}
	buffer := bufio.NewWriterSize(file, 1<<20)
	out := csv.NewWriter(buffer)
	err = out.Write(in.header)
	deleted, owner, environment := in.column(csvschema.DeletedDate), in.column(csvschema.ResourceOwner), in.column(csvschema.EnvironmentId)
	a := answer{due: -1}
	err = errors.Join(err, in.each(func(record []string) error {
		a.rows++
		if err := cleanUp(j, record[deleted], &record[owner], &record[environment]); err != nil {
			return err
		}
		return out.Write(record)
	}))
	out.Flush()
	return a, errors.Join(err, out.Error(), buffer.Flush(), j.finish(file))
}

// cleanUp replaces the owner and the user of an environment if a row is due.
func cleanUp(j *job, deleted string, owner, environment *string) error {
	isDue, err := deletedBy(deleted, dueBy(j.Now))
	if err != nil || !isDue {
		return err
	}
	if *owner != "" {
		*owner = identity.ReplacementAddress
	}
	*environment = withoutUser(*environment)
	return nil
}

// csvVerify reads both files and counts the rows whose owner or environment has changed.
func csvVerify(_ context.Context, j *job) (answer, error) {
	before, err := newTable(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(before)
	after, err := newTable(j.After)
	if err != nil {
		return answer{}, err
	}
	defer quietly(after)
	owner, environment := before.column(csvschema.ResourceOwner), before.column(csvschema.EnvironmentId)
	var a answer
	err = before.each(func(was []string) error {
		is, err := after.Read()
		if err != nil {
			return err
		}
		a.rows++
		if is[owner] != was[owner] || is[environment] != was[environment] {
			a.due++
		}
		return nil
	})
	if err == nil {
		if _, err = after.Read(); err == nil {
			err = errors.New("more rows after than before")
		} else if err == io.EOF {
			err = nil
		}
	}
	return a, err
}

func csvPlan(_ context.Context, j *job) (answer, error) {
	in, err := newTable(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	deleted := in.column(csvschema.DeletedDate)
	var a answer
	err = in.each(func(record []string) error {
		a.rows++
		isDue, err := deletedBy(record[deleted], dueBy(j.Now))
		if isDue {
			a.due++
		}
		return err
	})
	return a, err
}

// read records the ResourceUIds of the rows of a CSV text.
func (a *answer) read(text io.Reader) error {
	buffer := bufio.NewReader(text)
	if mark, err := buffer.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffer.Discard(len(mark)) // what was peeked
	}
	records, err := csv.NewReader(buffer).ReadAll()
	if err != nil || len(records) == 0 {
		return err
	}
	uid := slices.Index(records[0], csvschema.ResourceUId.String())
	if uid < 0 {
		return errors.New("rows without a ResourceUId")
	}
	for _, record := range records[1:] {
		a.hit(record[uid])
	}
	return nil
}

// A machine is the struct of strings that gocsv and csvutil decode.
type machine struct {
	SubscriptionId                 string `csv:"SubscriptionId"`
	LabUId                         string `csv:"LabUId"`
	LabName                        string `csv:"LabName"`
	LabResourceId                  string `csv:"LabResourceId"`
	ResourceGroupName              string `csv:"ResourceGroupName"`
	ResourceId                     string `csv:"ResourceId"`
	ResourceUId                    string `csv:"ResourceUId"`
	Name                           string `csv:"Name"`
	CreatedTime                    string `csv:"CreatedTime"`
	DeletedDate                    string `csv:"DeletedDate"`
	ResourceOwner                  string `csv:"ResourceOwner"`
	PricingTier                    string `csv:"PricingTier"`
	ResourceStatus                 string `csv:"ResourceStatus"`
	ComputeResourceId              string `csv:"ComputeResourceId"`
	Claimable                      string `csv:"Claimable"`
	EnvironmentId                  string `csv:"EnvironmentId"`
	ExpirationDate                 string `csv:"ExpirationDate"`
	GalleryImageReferenceVersion   string `csv:"GalleryImageReferenceVersion"`
	GalleryImageReferenceOffer     string `csv:"GalleryImageReferenceOffer"`
	GalleryImageReferencePublisher string `csv:"GalleryImageReferencePublisher"`
	GalleryImageReferenceSku       string `csv:"GalleryImageReferenceSku"`
	GalleryImageReferenceOsType    string `csv:"GalleryImageReferenceOsType"`
	CustomImageId                  string `csv:"CustomImageId"`
}

// naiveGocsv does what the README of gocsv shows.
var naiveGocsv = map[kind]func(context.Context, *job) (answer, error){
	filter:   gocsvRows,
	reading:  gocsvRows,
	cleaning: gocsvCleanUp,
	writing:  gocsvWrite,
}

func gocsvRows(_ context.Context, j *job) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	a := answer{due: -1}
	theirs := j.theirs()
	err = gocsv.UnmarshalToCallback(in, func(m machine) {
		a.rows++
		if theirs(m.ResourceOwner) {
			a.hit(m.ResourceUId)
		}
	})
	return a, err
}

func gocsvCleanUp(_ context.Context, j *job) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	var machines []*machine
	if err := gocsv.UnmarshalFile(in, &machines); err != nil {
		return answer{}, err
	}
	for _, m := range machines {
		if err := cleanUp(j, m.DeletedDate, &m.ResourceOwner, &m.EnvironmentId); err != nil {
			return answer{}, err
		}
	}
	out, err := j.create()
	if err != nil {
		return answer{}, err
	}
	return answer{rows: int64(len(machines)), due: -1}, errors.Join(gocsv.MarshalFile(&machines, out), j.finish(out))
}

// gocsvWrite writes the whole sample at once, again and again.
func gocsvWrite(_ context.Context, j *job) (answer, error) {
	sample, err := csvutilSample(j)
	if err != nil {
		return answer{}, err
	}
	j.begin()
	out, err := j.create()
	if err != nil {
		return answer{}, err
	}
	a := answer{due: -1}
	marshal := gocsv.Marshal // with the header
	for a.rows < j.Rows && err == nil {
		some := sample[:min(j.Rows-a.rows, int64(len(sample)))]
		err = marshal(&some, out)
		marshal = gocsv.MarshalWithoutHeaders
		a.rows += int64(len(some))
	}
	return a, errors.Join(err, j.finish(out))
}

// csvutilDecoder decodes and encodes row by row.
var csvutilDecoder = map[kind]func(context.Context, *job) (answer, error){
	filter:   csvutilRows,
	reading:  csvutilRows,
	cleaning: csvutilCleanUp,
	writing:  csvutilWrite,
}

func csvutilRows(_ context.Context, j *job) (answer, error) {
	a := answer{due: -1}
	theirs := j.theirs()
	err := csvutilEach(j, func(m *machine) error {
		a.rows++
		if theirs(m.ResourceOwner) {
			a.hit(m.ResourceUId)
		}
		return nil
	})
	return a, err
}

// csvutilEach calls f for every row.
func csvutilEach(j *job, f func(*machine) error) error {
	in, err := os.Open(j.Machines)
	if err != nil {
		return err
	}
	defer quietly(in)
	r := csv.NewReader(bufio.NewReaderSize(in, 1<<20))
	r.ReuseRecord = true
	decoder, err := csvutil.NewDecoder(r)
	if err != nil {
		return err
	}
	for {
		var m machine
		err := decoder.Decode(&m)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = f(&m)
		}
		if err != nil {
			return err
		}
	}
}

func csvutilCleanUp(_ context.Context, j *job) (answer, error) {
	file, err := j.create()
	if err != nil {
		return answer{}, err
	}
	buffer := bufio.NewWriterSize(file, 1<<20)
	out := csv.NewWriter(buffer)
	encoder := csvutil.NewEncoder(out)
	a := answer{due: -1}
	err = csvutilEach(j, func(m *machine) error {
		a.rows++
		if err := cleanUp(j, m.DeletedDate, &m.ResourceOwner, &m.EnvironmentId); err != nil {
			return err
		}
		return encoder.Encode(m)
	})
	out.Flush()
	return a, errors.Join(err, out.Error(), buffer.Flush(), j.finish(file))
}

func csvutilWrite(_ context.Context, j *job) (answer, error) {
	sample, err := csvutilSample(j)
	if err != nil {
		return answer{}, err
	}
	return writeSample(j, sample, func(w io.Writer) (func(*machine) error, func() error) {
		out := csv.NewWriter(w)
		encoder := csvutil.NewEncoder(out)
		return func(m *machine) error { return encoder.Encode(m) }, func() error {
			out.Flush()
			return out.Error()
		}
	})
}

// sampleRows is the number of rows that are written over and over.
const sampleRows = 10_000

// csvutilSample returns the first rows.
func csvutilSample(j *job) (sample []machine, err error) {
	err = csvutilEach(j, func(m *machine) error {
		if sample = append(sample, *m); len(sample) == sampleRows {
			return io.EOF
		}
		return nil
	})
	if err == io.EOF {
		err = nil
	}
	return sample, err
}

// writeSample writes as many rows as the file has, over and over the same, and starts the
// clock before. Open returns functions that write a row and that end the file.
func writeSample[T any](j *job, sample []T, open func(io.Writer) (write func(*T) error, end func() error)) (answer, error) {
	j.begin()
	file, err := j.create()
	if err != nil {
		return answer{}, err
	}
	buffer := bufio.NewWriterSize(file, 1<<20)
	write, end := open(buffer)
	a := answer{due: -1}
	for a.rows < j.Rows && err == nil {
		for i := range sample[:min(j.Rows-a.rows, int64(len(sample)))] {
			if err = write(&sample[i]); err != nil {
				break
			}
			a.rows++
		}
	}
	return a, errors.Join(err, end(), buffer.Flush(), j.finish(file))
}
