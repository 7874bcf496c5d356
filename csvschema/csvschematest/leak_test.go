package csvschematest_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

const canary = "canary \"é\"@example.com"

// Each of these errors has a canary in one place.
type (
	silent    struct{} // reveals nothing; the types that embed it do
	withField struct {
		silent
		Cell string
	}
	withBytes struct {
		silent
		Raw []byte
	}
	withArray struct {
		silent
		Raw [len(canary)]byte
	}
	withNested struct {
		silent
		Rows []map[string]any
	}
	withKeys struct {
		silent
		Cells map[string]int
	}
	withPointer struct {
		silent
		Self *withPointer
		Cell *string
	}
	inner     struct{ Cell string }
	promoting struct {
		silent
		*inner
	}
	hidden   struct{ cell string }
	verbose  struct{ silent }
	logged   struct{ silent }
	marshals struct{ silent }
	failing  struct{ silent }
	asking   struct{ silent }
	several  struct {
		silent
		errs []error
	}
	looping struct{ silent }
)

func (silent) Error() string                { return "failed" }
func (silent) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, "failed") }
func (silent) LogValue() slog.Value         { return slog.StringValue("failed") }
func (silent) MarshalJSON() ([]byte, error) { return []byte(`"failed"`), nil }
func (hidden) Error() string                { return "failed" }
func (verbose) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('+') {
		_, _ = io.WriteString(f, canary)
	}
}
func (logged) LogValue() slog.Value           { return slog.StringValue(canary) }
func (marshals) MarshalJSON() ([]byte, error) { return strconv.AppendQuoteToASCII(nil, canary), nil }
func (failing) MarshalJSON() ([]byte, error)  { return nil, errors.New(canary) }
func (asking) As(target any) bool {
	t, ok := target.(**strconv.NumError)
	if ok {
		*t = &strconv.NumError{Func: "ParseInt", Num: canary, Err: strconv.ErrSyntax}
	}
	return ok
}
func (s several) Unwrap() []error { return s.errs }
func (l looping) Unwrap() error   { return l }

func TestNoLeakFindsTheCanary(t *testing.T) {
	t.Parallel()
	_, number := strconv.Atoi(canary)
	_, date := time.Parse(time.DateOnly, canary)
	text := canary
	loop := &withPointer{Cell: &text}
	loop.Self = loop
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"text", errors.New("bad " + canary), "error 1 (*errors.errorString): Error()"},
		{"letter case", errors.New(strings.ToUpper(canary)), "Error()"},
		{"quoted", fmt.Errorf("bad %q", canary), "Error()"},
		{"quoted in ASCII", errors.New(strconv.QuoteToASCII(canary)), "Error()"},
		{"hex", errors.New(hex.EncodeToString([]byte(canary))), "Error()"},
		{"hex with blanks", fmt.Errorf("% X", canary), "Error()"},
		{"Go syntax", fmt.Errorf("%#v", []byte(canary)), "Error()"},
		{"numbers", fmt.Errorf("%v", []byte(canary)), "Error()"},
		{"base64", errors.New(base64.StdEncoding.EncodeToString([]byte(canary))), "Error()"},
		{"base64, one off", errors.New(base64.StdEncoding.EncodeToString([]byte("," + canary + ","))), "Error()"},
		{"base64, two off", errors.New(base64.StdEncoding.EncodeToString([]byte("::" + canary + "::"))), "Error()"},
		{"wrapped", fmt.Errorf("line 1: %w", &withField{Cell: canary}), "error 2 (*csvschematest_test.withField): .Cell"},
		{"field", withField{Cell: canary}, ".Cell"},
		{"bytes", withBytes{Raw: []byte(canary)}, ".Raw"},
		{"array", withArray{Raw: [len(canary)]byte([]byte(canary))}, ".Raw"},
		{"nested", withNested{Rows: []map[string]any{{"x": &withBytes{Raw: []byte(canary)}}}}, ".Rows[][].Raw"},
		{"map keys", withKeys{Cells: map[string]int{canary: 1}}, ".Cells[]"},
		{"pointer to itself", loop, ".Cell"},
		{"promoted field", promoting{inner: &inner{Cell: canary}}, ".inner.Cell"},
		{"unexported field, printed", hidden{cell: canary}, "%#v"},
		{"verb with a flag", verbose{}, "%+v"},
		{"LogValue", logged{}, "slog's JSON handler"},
		{"MarshalJSON", marshals{}, "json.Marshal"},
		{"error of MarshalJSON", failing{}, "the error of json.Marshal"},
		{"As", asking{}, "(*strconv.NumError)"},
		{"joined", several{errs: []error{io.EOF, nil, withField{Cell: canary}}}, "error 3"},
		{"strconv", &csvschema.Error{Line: 2, Err: number}, "error 2 (*strconv.NumError): .Num"},
		{"time", &csvschema.Error{Line: 2, Err: date}, "error 2 (*time.ParseError): .Value"},
		{"hint", &csvschema.Error{Err: csvschema.ErrValue, Hint: canary}, ".Hint"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			fails(t, func(tb testing.TB) {
				csvschematest.AssertNoLeak(tb, tc.err, "unrelated@example.test", canary)
			}, []string{"canary 2 is in", tc.want}, "canary 1", "example.com")
		})
	}
}

func TestNoLeakAcceptsErrorsWithoutTheCanary(t *testing.T) {
	t.Parallel()
	text := "something else"
	loop := &withPointer{Cell: &text}
	loop.Self = loop
	for _, err := range []error{
		io.EOF,
		silent{},
		looping{},
		loop,
		withNested{},
		promoting{},
		&csvschema.Error{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: 7, Column: csvschema.DeletedDate, Err: csvschema.ErrValue},
		fmt.Errorf("export 2: %w", errors.Join(csvschema.ErrUTF8, io.ErrUnexpectedEOF)),
		errors.New("canar@example.com"),
	} {
		passes(t, func(tb testing.TB) { csvschematest.AssertNoLeak(tb, err, canary, "ann@example.com") })
	}
}

func TestNoLeakRefusesToTestNothing(t *testing.T) {
	t.Parallel()
	fails(t, func(tb testing.TB) { csvschematest.AssertNoLeak(tb, nil, canary) }, []string{"there is no error"})
	fails(t, func(tb testing.TB) { csvschematest.AssertNoLeak(tb, io.EOF) }, []string{"there is no canary"})
	fails(t, func(tb testing.TB) { csvschematest.AssertNoLeak(tb, io.EOF, "x", "") }, []string{"canary 2 is empty"})
}
