package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// requests reads the files of --erase and --removed.
func (f *policyFlags) requests(a *app, at time.Time) ([]anonymize.Request, error) {
	var all []anonymize.Request
	read := func(kind anonymize.RequestKind, paths []string) error {
		for _, path := range paths {
			lines, err := identifierLines(path)
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				return &fileError{path, hinted(errors.New("no identifier in this file"), "write one identifier a line")}
			}
			for _, line := range lines {
				request, err := newRequest(kind, line.text, at)
				if err != nil {
					return &fileError{path, fmt.Errorf("line %d: %w", line.number, err)}
				}
				request.Existing = f.eraseExisting && kind == anonymize.Erase
				a.con.secrets = append(a.con.secrets, request.Identifier.Reveal())
				all = append(all, request)
			}
		}
		return nil
	}
	if err := read(anonymize.Erase, f.erase); err != nil {
		return nil, err
	}
	return all, read(anonymize.Removed, f.removed)
}

// newRequest reads an identifier and perhaps, behind a comma, an instant. Without one,
// erasure is asked for now.
func newRequest(kind anonymize.RequestKind, line string, now time.Time) (anonymize.Request, error) {
	text, when, hasTime := strings.Cut(line, ",")
	id, err := identity.Parse(strings.TrimSpace(text))
	if err != nil {
		return anonymize.Request{}, errors.New(whyNoIdentifier(err))
	}
	r := anonymize.Request{Kind: kind, Identifier: id, At: now}
	switch {
	case hasTime:
		if r.At, err = parseDay(when); err != nil {
			return r, err
		}
	case kind == anonymize.Removed:
		return r, hinted(errors.New("no instant behind the identifier"), "write when the account was removed: identifier,2026-05-01")
	}
	return r, nil
}

// parseDay reads an instant, or a day, which stands for its beginning in UTC.
func parseDay(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, strings.ToUpper(text)); err == nil && !t.IsZero() {
			return t, nil
		}
	}
	return time.Time{}, hinted(errors.New("neither a day nor an instant"), "write it as 2026-05-01 or 2026-05-01T09:00:00Z")
}

// readKey reads a secret key: all bytes of a file but the last line end.
func readKey(path string) (identity.SecretKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return identity.SecretKey{}, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return identity.SecretKey{}, &fileError{path, hinted(errors.New("other people of this machine may read the key"), "chmod 600 %s", path)}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return identity.SecretKey{}, err
	}
	key, err := identity.NewSecretKey(bytes.TrimRight(data, "\r\n"))
	if err != nil {
		return key, &fileError{path, hinted(errors.New("the key is too short"), "make one of 32 random bytes: openssl rand -hex 32 > %s", path)}
	}
	return key, nil
}

var holdsHeader = []string{"LabUId", "ResourceUId", "reason", "until"}

// A heldPair is a line of --holds: it holds the virtual machine and all disks that
// have both IDs.
type heldPair struct {
	lab, resource string // in normal form
	hold          anonymize.Hold
	found         bool
}

// addHolds reads the files of --holds and adds their holds to the policy.
func (f *policyFlags) addHolds(ctx context.Context, a *app, p *anonymize.Policy) error {
	var pairs []*heldPair
	for _, path := range f.holds {
		read, err := readHolds(path)
		if err != nil {
			return err
		}
		pairs = append(pairs, read...)
	}
	if len(pairs) == 0 {
		return nil
	}
	for _, pair := range pairs {
		machine := csvschema.VirtualMachineRow{LabUId: pair.lab, ResourceUId: pair.resource}
		hold := pair.hold
		hold.Key = machine.Key()
		p.Holds = append(p.Holds, hold)
	}
	seen := map[csvschema.Key]bool{}
	for _, i := range a.exports.inputs {
		err := i.each(ctx, func(rec csvschema.Record) (bool, error) {
			lab, resource := string(rec.Value(csvschema.LabUId)), string(rec.Value(csvschema.ResourceUId))
			n := slices.IndexFunc(pairs, func(pair *heldPair) bool {
				return pair.lab == identity.Normal(lab) && pair.resource == identity.Normal(resource)
			})
			if n < 0 {
				return true, nil
			}
			pairs[n].found = true
			if key := rec.Key(); i.role == csvschema.Disks && !seen[key] {
				seen[key] = true
				hold := pairs[n].hold
				hold.Key = key
				p.Holds = append(p.Holds, hold)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	missing := 0
	for _, pair := range pairs {
		if !pair.found {
			missing++
		}
	}
	if missing > 0 {
		a.con.warn("holds", "%s on resources that are in none of these exports", count(missing, "hold"))
	}
	return nil
}

func readHolds(path string) ([]*heldPair, error) {
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	header, err := r.Read()
	if err != nil || !strings.EqualFold(strings.Join(header, ","), strings.Join(holdsHeader, ",")) {
		return nil, &fileError{path, hinted(errors.New("line 1: this is no list of holds"), "its first line is: %s", strings.Join(holdsHeader, ","))}
	}
	var pairs []*heldPair
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return pairs, nil
		}
		number, _ := r.FieldPos(0)
		if err != nil {
			return nil, &fileError{path, fmt.Errorf("line %d: no CSV of four fields", number)}
		}
		pair := &heldPair{lab: identity.Normal(cells[0]), resource: identity.Normal(cells[1]), hold: anonymize.Hold{Reason: cells[2]}}
		if pair.lab == "" || pair.resource == "" {
			return nil, &fileError{path, fmt.Errorf("line %d: LabUId and ResourceUId are needed", number)}
		}
		if strings.TrimSpace(cells[3]) != "" {
			if pair.hold.Until, err = parseDay(cells[3]); err != nil {
				return nil, &fileError{path, fmt.Errorf("line %d, column until: %w", number, err)}
			}
		}
		pairs = append(pairs, pair)
	}
}
