package dsr_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

const (
	alice   = "alice@example.com"
	bob     = "bob@contoso.com"
	aliceID = "0a11ce00-0000-4000-8000-000000000001"
	bobID   = "00000b0b-0000-4000-8000-000000000002"
	oneLab  = "1ab00000-0000-4000-8000-000000000003"
	twoLab  = "1ab00000-0000-4000-8000-000000000004"
)

func subject(t testing.TB, texts ...string) dsr.Subject {
	t.Helper()
	s, err := dsr.ParseSubject(texts...)
	require.NoError(t, err)
	return s
}

// machine is a row of virtual machines. An empty lab is oneLab, "-" none.
type machine struct {
	lab, id, compute, uid, owner, env, created, deleted string
}

// disk is a row of disks.
type disk struct {
	lab, id, uid, lease, created, deleted string
}

// export is an export of one file of each role; disks are in it only if it has
// any.
type export struct {
	machines []machine
	disks    []disk
}

func labOf(lab string) string {
	switch lab {
	case "":
		return oneLab
	case "-":
		return ""
	}
	return lab
}

func csvText(t testing.TB, rows [][]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	require.NoError(t, w.WriteAll(rows))
	return buf.Bytes()
}

func machinesText(t testing.TB, machines []machine) []byte {
	t.Helper()
	rows := [][]string{{"LabUId", "ResourceId", "ComputeResourceId", "ResourceUId", "ResourceOwner", "EnvironmentId", "CreatedTime", "DeletedDate"}}
	for _, m := range machines {
		rows = append(rows, []string{labOf(m.lab), m.id, m.compute, m.uid, m.owner, m.env, m.created, m.deleted})
	}
	return csvText(t, rows)
}

func disksText(t testing.TB, disks []disk) []byte {
	t.Helper()
	rows := [][]string{{"LabUId", "ResourceId", "ResourceUId", "LeasedByVmId", "CreatedTime", "DeletedDate"}}
	for _, d := range disks {
		rows = append(rows, []string{labOf(d.lab), d.id, d.uid, d.lease, d.created, d.deleted})
	}
	return csvText(t, rows)
}

func source(data []byte) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func sources(texts ...string) []csvschema.Source {
	var all []csvschema.Source
	for _, text := range texts {
		all = append(all, source([]byte(text)))
	}
	return all
}

func build(t testing.TB, exports ...export) []csvschema.Export {
	t.Helper()
	var built []csvschema.Export
	for _, e := range exports {
		b := csvschema.Export{VirtualMachines: []csvschema.Source{source(machinesText(t, e.machines))}}
		if len(e.disks) > 0 {
			b.Disks = []csvschema.Source{source(disksText(t, e.disks))}
		}
		built = append(built, b)
	}
	return built
}

func ignore(dsr.Match) error { return nil }

// verdict runs a request and says in words what the row of a resource at a place
// is for each subject.
func verdicts(t *testing.T, exports []csvschema.Export, at place, subjects ...dsr.Subject) []string {
	t.Helper()
	answers, _ := run(t, exports, subjects, nil)
	var words []string
	for _, a := range answers {
		var all []string
		if rule, ok := a.theirs[at]; ok {
			all = append(all, rule.String())
		}
		for name, places := range map[string][]place{
			"undetermined": a.undetermined, "dangling": a.dangling, "near": a.near, "alias": a.aliases,
		} {
			for _, p := range places {
				if p == at {
					all = append(all, name)
				}
			}
		}
		if len(all) == 0 {
			all = []string{"not theirs"}
		}
		words = append(words, strings.Join(all, "+"))
	}
	return words
}

var errTest = errors.New("some failure")
