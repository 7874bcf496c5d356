package anonymize

import (
	"context"
	"io"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Copy copies a file of the given role from r to w and takes the identifiers out
// of the rows that are due now. All else is the same bytes, a UTF-8 byte-order
// mark included; UTF-16 comes out as UTF-8. The header must have the columns
// LabUId, ResourceUId, ResourceId, DeletedDate, and ResourceOwner or
// LeasedByVmId.
//
// An error is [ErrPolicy], [ErrNeedsPlan], or an [csvschema.Error] with the place, if
// there is one; it wraps what r, w or the context returned. A row that holds more
// than 1000 identifiers is [ErrTooManyIdentifiers]; one that would grow over the
// limit, [csvschema.ErrRecordTooLarge]. After an error what was written must be
// thrown away.
//
// Copy holds a few chunks (see [csvschema.ForEachChunk]), whatever the size of
// the file, and 8 bytes for each row in [Stats.UnreadableLines].
func (p *Policy) Copy(ctx context.Context, now time.Time, role csvschema.Role, w io.Writer, r io.Reader) (Stats, error) {
	rules, err := p.rules(now)
	if err == nil {
		err = rules.withoutPlan()
	}
	if err != nil {
		return Stats{}, err
	}
	options := rules.fileOptions()
	options.SinglePass = true
	f := csvschema.NewFile(csvschema.FileID{Role: role}, csvschema.Source{
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(r), nil },
	}, options)
	var stats Stats
	err = rules.read(ctx, f, pass{
		header: func(header *csvschema.Header) error {
			stats.UnknownColumns = header.Unknown()
			return write(w, f.FileID, header.Raw())
		},
		work: (*worker).copy,
		take: func(k *worker) error {
			k.addTo(&stats)
			return write(w, f.FileID, k.text)
		},
	})
	if err != nil {
		return Stats{}, err
	}
	return stats, nil
}

// copy decides about all rows by what each of them says, up to the first fault.
func (k *worker) copy() {
	r := k.rules
	simple := r.requests == nil && !r.needsKeys()
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		v := newVerdict(csvschema.ParseTime(rec.Cell(k.deletedAt), r.Zone))
		if simple && v.state == exists { // most rows
			k.stats.Rows++
			k.stats.NotDeleted++
			continue
		}
		var key csvschema.KeyHash
		if r.needsKeys() {
			key = rec.KeyHash()
			if decided, ok := r.decided(key); ok {
				v = decided
			}
		}
		if v.state == unreadable && !r.KeepUnreadableDates {
			k.fail(i, csvschema.DeletedDate, csvschema.ErrValue)
			return
		}
		matches := k.matches(rec)
		is := r.rule(key, v, matches)
		is.count(&k.stats)
		if is.isUnreadable() {
			k.unreadable = append(k.unreadable, i)
		}
		if !k.change(i, is, matches, &k.stats) {
			return
		}
	}
}
