package csvschema_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

func TestErrorSaysWhatIsKnownOfThePlace(t *testing.T) {
	t.Parallel()
	id := csvschema.FileID{Export: 1, File: 2, Role: csvschema.Disks}
	for want, e := range map[string]csvschema.Error{
		"labdsr: disks file 2 of export 1, line 3, column LabUId: NUL byte":                     {FileID: id, Line: 3, Column: csvschema.LabUId, Err: csvschema.ErrNUL},
		"labdsr: disks file 2 of export 1, line 3, column number 4: NUL byte":                   {FileID: id, Line: 3, Number: 4, Err: csvschema.ErrNUL},
		"labdsr: virtualmachines: no header row (the file is empty)":                            {FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Err: csvschema.ErrNoHeader, Hint: "the file is empty"},
		"labdsr: disks of export 7: missing column":                                             {FileID: csvschema.FileID{Export: 7, Role: csvschema.Disks}, Err: csvschema.ErrMissingColumn},
		"labdsr: export: no file to read":                                                       {Err: csvschema.ErrNoFiles},
		"labdsr: disks file 2 of export 1, line 9: source differs from an earlier pass over it": {FileID: id, Line: 9, Err: csvschema.ErrSourceChanged},
	} {
		assert.Equal(t, want, e.Error())
		assert.Equal(t, want, fmt.Sprint(&e))
		assert.ErrorIs(t, &e, e.Err)
	}
}

func TestErrorWithoutACausePrintsItsPlace(t *testing.T) {
	t.Parallel()
	e := &csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: 3}
	assert.NotPanics(t, func() {
		assert.Equal(t, "labdsr: disks, line 3", e.Error())
	})
	for _, verb := range []string{"%v", "%s", "%q", "%+v", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, e), "PANIC", verb)
	}
	assert.NotContains(t, fmt.Sprintf("%#v", e), "PANIC")
	assert.NoError(t, errors.Unwrap(e))
}

// inputCall is something that reads one file of virtual machines.
type inputCall struct {
	name string
	call func(context.Context, csvschema.Source) error
}

// inputCalls are all that read files.
func inputCalls(t *testing.T) []inputCall {
	t.Helper()
	id, err := identity.Parse("alice@contoso.com")
	require.NoError(t, err)
	subject, err := dsr.NewSubject(id)
	require.NoError(t, err)
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	exports := func(s csvschema.Source) []csvschema.Export {
		return []csvschema.Export{{VirtualMachines: []csvschema.Source{s}}}
	}
	engine := func(workers int) func(context.Context, csvschema.Source) error {
		return func(ctx context.Context, s csvschema.Source) error {
			f := csvschema.NewFile(csvschema.FileID{Role: csvschema.VirtualMachines}, s, csvschema.FileOptions{Workers: workers, MaxRecordBytes: 4096})
			return csvschema.ForEachChunk(ctx, f, csvschema.Pass[error]{
				Work: func(*csvschema.Chunk) error { return nil },
				Emit: func(c *csvschema.Chunk, _ error) error {
					for i := range c.Len() {
						if _, err := csvschema.DecodeRecord[csvschema.VirtualMachineRow](c.Record(i)); err != nil {
							return err
						}
					}
					return nil
				},
			})
		}
	}
	policy := &anonymize.Policy{MaxRecordBytes: 4096}
	return []inputCall{
		{"rows", func(ctx context.Context, s csvschema.Source) error {
			r, err := s.Open(ctx)
			if err != nil {
				return err
			}
			for _, err := range csvschema.NewReader[csvschema.VirtualMachineRow](r, &csvschema.ReaderOptions{MaxRecordBytes: 4096}).All() {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"one worker", engine(1)},
		{"three workers", engine(3)},
		{"Filter", func(ctx context.Context, s csvschema.Source) error {
			emit := func(m dsr.Match) error {
				_, err := csvschema.DecodeRecord[csvschema.VirtualMachineRow](m.Record)
				return err
			}
			_, err := dsr.Filter(ctx, exports(s), []dsr.Subject{subject}, emit, &dsr.Options{MaxRecordBytes: 4096})
			return err
		}},
		{"redact", func(ctx context.Context, s csvschema.Source) error {
			emit := func(redact.Match) error { return nil }
			redactor, err := redact.New(subject, nil)
			require.NoError(t, err)
			_, err = redact.Records(ctx, exports(s), []*redact.Redactor{redactor}, emit, &dsr.Options{MaxRecordBytes: 4096})
			return err
		}},
		{"response", func(ctx context.Context, s csvschema.Source) error {
			_, err := response.Write(ctx, io.Discard, exports(s), subject, &response.Options{Made: now})
			return err
		}},
		{"Copy", func(ctx context.Context, s csvschema.Source) error {
			r, err := s.Open(ctx)
			if err != nil {
				return err
			}
			_, err = policy.Copy(ctx, now, csvschema.VirtualMachines, io.Discard, r)
			return err
		}},
		{"Plan", func(ctx context.Context, s csvschema.Source) error {
			_, err := policy.Plan(ctx, now, exports(s))
			return err
		}},
		{"verify", func(ctx context.Context, s csvschema.Source) error {
			_, err := verify.Exports(ctx, policy, now, exports(s), exports(s))
			return err
		}},
	}
}

// TestErrInputSaysThatTheFileIsAtFault asks all that read files about every fault of a
// file, and about what is no fault of it.
func TestErrInputSaysThatTheFileIsAtFault(t *testing.T) {
	t.Parallel()
	var names, cells []string
	for _, c := range csvschema.VirtualMachines.Columns() {
		names, cells = append(names, c.String()), append(cells, map[csvschema.Column]string{
			csvschema.LabUId: "86545712-aadf-4172-bba2-5c738050417e", csvschema.ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ee",
			csvschema.ResourceOwner: "alice@contoso.com", csvschema.DeletedDate: "1/3/2017 11:17:09 PM",
		}[c])
	}
	header, row := strings.Join(names, ",")+"\n", strings.Join(cells, ",")+"\n"
	disks := "LabUId,ResourceUId,ResourceId,Name,DiskBlobName,LeasedByVmId\n"
	identifiers := strings.Builder{}
	for i := range 1001 {
		fmt.Fprintf(&identifiers, "/users/u%d ", i)
	}
	calls := inputCalls(t)
	for _, fault := range []struct {
		text  string
		cause error
		calls string // those that do not refuse the text
	}{
		{"", csvschema.ErrNoHeader, ""},
		{"a,b\n", nil, ""}, // what is missing first is not the same in all
		{strings.Replace(header, "LabUId", "x", 1) + row, csvschema.ErrMissingColumn, ""},
		{strings.Replace(header, "PricingTier", "LabUId", 1) + row, csvschema.ErrRepeatedColumn, ""},
		{strings.Replace(header, "\n", ",other\n", 1), csvschema.ErrUnknownColumn, "one worker,three workers,Filter,redact,response,Copy,Plan,verify"},
		{disks, nil, ""},
		{header + row + header + row, csvschema.ErrHeaderAgain, ""},
		{header + row + "x," + row, csvschema.ErrFieldCount, ""},
		{header + row + `x"` + row, csvschema.ErrBareQuote, ""},
		{header + row + `"` + row, csvschema.ErrQuote, ""},
		{header + row + "\x00" + row, csvschema.ErrNUL, ""},
		{header + row + "\xff" + row, csvschema.ErrUTF8, ""},
		{"\xff\xfeL\x00\x00\xd8", csvschema.ErrUTF16, ""},
		{header + row + strings.Repeat("x", 5000) + row, csvschema.ErrRecordTooLarge, "response"},
		{header + strings.Replace(row, "1/3/2017", "31/31/2017", 1), csvschema.ErrValue, "redact,response,verify"},
		{header + strings.Replace(row, ",,", ","+identifiers.String()+",", 1), nil, "rows,one worker,three workers,Filter,redact,response"},
	} {
		for _, c := range calls {
			err := c.call(t.Context(), sourceOf(strings.NewReader(fault.text)))
			if strings.Contains(","+fault.calls+",", ","+c.name+",") {
				continue
			}
			require.ErrorIs(t, err, csvschema.ErrInput, "%s: %v, %v", c.name, fault.cause, err)
			if fault.cause != nil {
				require.ErrorIs(t, err, fault.cause, c.name)
			}
		}
	}
	broken, canceled := errors.New("broken"), canceledContext(t)
	for name, test := range map[string]struct {
		ctx    context.Context
		source csvschema.Source
		cause  error
	}{
		"reader":       {t.Context(), sourceOf(io.MultiReader(strings.NewReader(header+row), iotest.ErrReader(broken))), broken},
		"its own text": {t.Context(), sourceOf(iotest.ErrReader(fmt.Errorf("%w: %w", csvschema.ErrNUL, broken))), broken},
		"open":         {t.Context(), csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, broken }}, broken},
		"close": {t.Context(), csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
			return closeFails{strings.NewReader(header + row), broken}, nil
		}}, broken},
		"context": {canceled, csvschema.Source{Open: sourceOf(strings.NewReader(header + row)).Open}, context.Canceled},
	} {
		for _, c := range calls {
			err := c.call(test.ctx, test.source)
			if c.name == "rows" && (name == "close" || name == "context") || c.name == "Copy" && name == "close" {
				continue // a reader is closed by the caller, and has no context
			}
			require.ErrorIs(t, err, test.cause, c.name)
			require.NotErrorIs(t, err, csvschema.ErrInput, c.name)
		}
	}
}

// TestErrInputIsNotTheCallersFault has errors that no file is to blame for.
func TestErrInputIsNotTheCallersFault(t *testing.T) {
	t.Parallel()
	var disk csvschema.DiskRow
	w := csvschema.NewWriter[csvschema.DiskRow](io.Discard, nil)
	require.NoError(t, csvschema.CellsOf(&disk).SetCell(csvschema.Name, "\x00"))
	for _, err := range []error{
		csvschema.ErrNoFiles, csvschema.ErrSourceChanged, csvschema.ErrValue, io.ErrUnexpectedEOF, anonymize.ErrPolicy, verify.ErrPairs,
		&csvschema.Error{}, &csvschema.Error{Line: 3}, &csvschema.Error{Line: 3, Err: csvschema.ErrSourceChanged},
		&csvschema.Error{Line: 3, Err: io.ErrUnexpectedEOF}, &csvschema.Error{Line: 3, Err: uncomparable{"x"}},
		w.Write(disk), csvschema.CellsOf(&disk).SetCell(csvschema.DiskSizeGB, "x"),
	} {
		require.Error(t, err)
		assert.NotErrorIs(t, err, csvschema.ErrInput, "%v", err)
	}
}

// uncomparable panics when == compares it.
type uncomparable []string

func (e uncomparable) Error() string { return e[0] }

// sourceOf returns a source that can be read once, or more often if r can seek.
func sourceOf(r io.Reader) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		if at, ok := r.(io.ReaderAt); ok { // several passes, or two at the same time
			return io.NopCloser(io.NewSectionReader(at, 0, math.MaxInt64)), nil
		}
		return io.NopCloser(r), nil
	}}
}

// closeFails is a reader whose Close fails.
type closeFails struct {
	io.Reader
	err error
}

func (c closeFails) Close() error { return c.err }

func canceledContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
