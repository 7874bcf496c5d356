package csvschematest_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

const conservedBefore = "\uFEFFLabUId,ResourceUId,Name,Owner\r\n" +
	`"1","2","say ""x"", y","ann@example.com"` + "\r\n" +
	"\r\n" +
	"1,3,\"line\r\nbreak\",\"\"\r\n" +
	"1,4,x,bob\r\n"

func TestConservedAcceptsWhatMayChange(t *testing.T) {
	t.Parallel()
	before := []byte(conservedBefore)
	for _, may := range []func(int) bool{nil, func(int) bool { return false }, func(int) bool { return true }} {
		passes(t, func(tb testing.TB) { csvschematest.AssertConserved(tb, before, before, may) })
	}
	after := bytes.Replace(before, []byte("ann@example.com"), []byte("gone"), 1)
	after = bytes.Replace(after, []byte(",bob"), []byte(",somebody"), 1)
	passes(t, func(tb testing.TB) {
		csvschematest.AssertConserved(tb, before, after, func(row int) bool { return row == 1 || row == 3 })
	})
}

func TestConservedReportsWhatMustNotChange(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		old, new string
		may      bool // rows may change
		want     string
	}{
		{"header", "Name", "name", true, "the header has changed, at column 3"},
		{"byte-order mark", "\uFEFF", "", true, "the header has changed"},
		{"header's line end", "Owner\r\n", "Owner\n", true, "the header has changed"},
		{"cell of a row that stays", "ann@example.com", "gone", false, "row 1 (line 2) has changed, at column 4"},
		{"line of a row that stays", ",bob", ",somebody", false, "row 3 (line 6) has changed, at column 4"},
		{"quotes of a row that stays", ",x,", `,"x",`, false, "row 3 (line 6) has changed, at column 3"},
		{"line end of a row that stays", "bob\r\n", "bob\n", false, "row 3 (line 6) has changed"},
		{"line end in quotes", "line\r\nbreak", "line\nbreak", false, "row 2 (line 4) has changed, at column 3"},
		{"row away", "1,4,x,bob\r\n", "", true, "3 rows before, 2 rows after"},
		{"row more", "1,4,x,bob\r\n", "1,4,x,bob\r\n1,5,x,bob\r\n", true, "3 rows before, 4 rows after"},
		{"quoted", ",x,", `,"y",`, true, "row 3 (line 6), column 3: its quoting has changed"},
		{"unquoted", `"ann@example.com"`, "gone", true, "row 1 (line 2), column 4: its quoting has changed"},
		{"line end", "bob\r\n", "bob\n", true, "row 3 (line 6): its line end has changed"},
		{"last line end", "bob\r\n", "bob", true, "row 3 (line 6): its line end has changed"},
		{"other lab", `"1","2"`, `"9","2"`, true, "row 1 (line 2), column 1: it belongs to another row"},
		{"other resource", "1,3", "1,9", true, "row 2 (line 4), column 2: it belongs to another row"},
		{"empty line away", "\r\n\r\n", "\r\n", true, "row 2 (line 4): the empty lines before it have changed"},
		{"empty line in other bytes", "\r\n\r\n", "\r\n\n", true, "empty lines"},
		{"empty line at the end", "bob\r\n", "bob\r\n\r\n", true, "the empty lines at the end have changed"},
		{"cell away", ",x,bob", ",x", true, "the file after is not CSV: line 6"},
		{"quote in the open", ",x,bob", `,x"x,bob`, true, "the file after is not CSV: line 6"},
		{"all away", conservedBefore, "", true, "the file after is empty"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			after := strings.Replace(conservedBefore, tc.old, tc.new, 1)
			fails(t, func(tb testing.TB) {
				csvschematest.AssertConserved(tb, []byte(conservedBefore), []byte(after), func(int) bool { return tc.may })
			}, []string{tc.want}, "ann@", "bob", "say", "gone", "somebody")
		})
	}
}

func TestConservedReportsRowsInAnotherOrder(t *testing.T) {
	t.Parallel()
	before := []byte("LabUId,ResourceUId,Name\n1,2,a\n1,3,a\n")
	after := []byte("LabUId,ResourceUId,Name\n1,3,a\n1,2,a\n")
	fails(t, func(tb testing.TB) {
		csvschematest.AssertConserved(tb, before, after, func(int) bool { return true })
	}, []string{"row 1 (line 2), column 2: it belongs to another row"})
}

func TestConservedReportsWhatReadersDoNotSee(t *testing.T) {
	t.Parallel()
	// encoding/csv reads the same.
	before := []byte("LabUId,ResourceUId,Name\n1,2,\"a\r\nb\"\n")
	after := []byte("LabUId,ResourceUId,Name\n1,2,\"a\nb\"\n")
	fails(t, func(tb testing.TB) {
		csvschematest.AssertConserved(tb, before, after, nil)
	}, []string{"row 1 (line 2) has changed, at column 3"})
}

func TestConservedRefusesAnInputThatIsNoCSV(t *testing.T) {
	t.Parallel()
	odd := []byte("a\nsecret\n\r") // readers disagree whether there is a third record
	fails(t, func(tb testing.TB) { csvschematest.AssertConserved(tb, odd, odd, nil) },
		[]string{"the file before has a carriage return", "the file after has a carriage return"}, "secret")
	bad := []byte("a,b\n1,\"secret\n")
	fails(t, func(tb testing.TB) { csvschematest.AssertConserved(tb, bad, bad, nil) },
		[]string{"the file before is not CSV: line 2", "the file after is not CSV"}, "secret")
}

func TestIdempotentComparesTheSecondRun(t *testing.T) {
	t.Parallel()
	input := []byte("a,b\n1,secret\n2,secret\n")
	passes(t, func(tb testing.TB) {
		csvschematest.AssertIdempotent(tb, func(in []byte) ([]byte, error) {
			return bytes.ReplaceAll(in, []byte("secret"), []byte("gone")), nil
		}, input)
	})
	fails(t, func(tb testing.TB) {
		csvschematest.AssertIdempotent(tb, func(in []byte) ([]byte, error) {
			return bytes.Replace(in, []byte("secret"), []byte("gone"), 1), nil
		}, input)
	}, []string{"the second run changed row 2 (line 3), column 2"}, "secret")
	fails(t, func(tb testing.TB) {
		csvschematest.AssertIdempotent(tb, func(in []byte) ([]byte, error) { return append(in, '\n'), nil }, input)
	}, []string{"the second run changed"})
	// The function returns its own buffer, which the second run overwrites.
	var buf []byte
	fails(t, func(tb testing.TB) {
		csvschematest.AssertIdempotent(tb, func(in []byte) ([]byte, error) {
			buf = append(buf[:0], in...)
			buf[len(buf)-2]++
			return buf, nil
		}, input)
	}, []string{"the second run changed row 2 (line 3), column 2"})
	// The function changes the caller's bytes.
	fails(t, func(tb testing.TB) {
		csvschematest.AssertIdempotent(tb, func(in []byte) ([]byte, error) {
			in[len(in)-2]++
			return in, nil
		}, input)
	}, []string{"the second run changed row 2 (line 3), column 2"})
}

func TestIdempotentReportsFailures(t *testing.T) {
	t.Parallel()
	for run, want := range []string{"the first run failed", "the second run failed"} {
		n := 0
		fails(t, func(tb testing.TB) {
			csvschematest.AssertIdempotent(tb, func(in []byte) ([]byte, error) {
				if n++; n > run {
					return nil, errors.New("canary@example.com")
				}
				return in, nil
			}, []byte("a\n"))
		}, []string{want + ": *errors.errorString"}, "canary")
	}
}
