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
	filter: func(_ context.Context, j *job) (a answer, err error) {
		err = csvMachines(j, func(_, uid string) { a.hit(uid) })
		return a, err
	},
	filterDisks: csvDisks,
	anonymizing: csvAnonymize,
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
	var a answer
	err = in.each(func(record []string) error {
		if machines[strings.ToLower(record[lease])] {
			a.hit(record[uid])
		}
		return nil
	})
	return a, err
}

func csvAnonymize(_ context.Context, j *job) (answer, error) {
	in, err := newTable(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	file, err := j.create()
	if err != nil {
		return answer{}, err
	}
	out := csv.NewWriter(bufio.NewWriterSize(file, 1<<20))
	out.UseCRLF = j.CRLF
	err = out.Write(in.header)
	deleted, owner := in.column(csvschema.DeletedDate), in.column(csvschema.ResourceOwner)
	var a answer
	err = errors.Join(err, in.each(func(record []string) error {
		a.rows++
		isDue, err := deletedBy(record[deleted], due)
		if err != nil {
			return err
		}
		if isDue {
			a.due++
		}
		if isDue && record[owner] != "" {
			record[owner] = identity.ReplacementAddress
		}
		return out.Write(record)
	}))
	out.Flush()
	return a, errors.Join(err, out.Error(), file.Close())
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

// anonymize replaces the owner if the row is due, and reports whether it is.
func (m *machine) anonymize() (bool, error) {
	isDue, err := deletedBy(m.DeletedDate, due)
	if err == nil && isDue && m.ResourceOwner != "" {
		m.ResourceOwner = identity.ReplacementAddress
	}
	return isDue, err
}

// naiveGocsv does what the README of gocsv shows.
var naiveGocsv = map[kind]func(context.Context, *job) (answer, error){
	filter:      gocsvRows,
	typed:       gocsvRows,
	anonymizing: gocsvAnonymize,
}

func gocsvRows(_ context.Context, j *job) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	var a answer
	theirs := j.theirs()
	err = gocsv.UnmarshalToCallback(in, func(m machine) {
		a.rows++
		if theirs(m.ResourceOwner) {
			a.hit(m.ResourceUId)
		}
	})
	return a, err
}

func gocsvAnonymize(_ context.Context, j *job) (answer, error) {
	in, err := os.Open(j.Machines)
	if err != nil {
		return answer{}, err
	}
	defer quietly(in)
	var machines []*machine
	if err := gocsv.UnmarshalFile(in, &machines); err != nil {
		return answer{}, err
	}
	a := answer{rows: int64(len(machines))}
	for _, m := range machines {
		isDue, err := m.anonymize()
		if err != nil {
			return answer{}, err
		}
		if isDue {
			a.due++
		}
	}
	out, err := j.create()
	if err != nil {
		return answer{}, err
	}
	return a, errors.Join(gocsv.MarshalFile(&machines, out), out.Close())
}

// csvutilDecoder decodes and encodes row by row.
var csvutilDecoder = map[kind]func(context.Context, *job) (answer, error){
	filter:      csvutilRows,
	typed:       csvutilRows,
	anonymizing: csvutilAnonymize,
}

func csvutilRows(_ context.Context, j *job) (answer, error) {
	var a answer
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

func csvutilAnonymize(_ context.Context, j *job) (answer, error) {
	file, err := j.create()
	if err != nil {
		return answer{}, err
	}
	out := csv.NewWriter(bufio.NewWriterSize(file, 1<<20))
	out.UseCRLF = j.CRLF
	encoder := csvutil.NewEncoder(out)
	var a answer
	err = csvutilEach(j, func(m *machine) error {
		isDue, err := m.anonymize()
		if err != nil {
			return err
		}
		a.rows++
		if isDue {
			a.due++
		}
		return encoder.Encode(m)
	})
	out.Flush()
	return a, errors.Join(err, out.Error(), file.Close())
}
