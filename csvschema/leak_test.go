package csvschema_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// The verbs that a value is printed with. fmt itself, not the value, prints
// what %p and %w make of something that they are not for; it then goes by
// reflection and calls no method.
const (
	properVerbs = "vsqxXdtTbcoOUeEfFgG!zZ"
	allVerbs    = properVerbs + "pw"
)

// renderings returns what printing, logging and marshalling make of a value.
func renderings(value any, verbs string) string {
	var out bytes.Buffer
	for _, verb := range verbs {
		for _, flags := range []string{"", "+", "#", " ", "0", "-", "+#", "# ", "300.300", "-3.3"} {
			fmt.Fprintf(&out, "%"+flags+string(verb)+"\n", value)
		}
	}
	fmt.Fprintln(&out, value)
	extra := []any{1, value} // an argument without a verb is printed, too
	fmt.Fprintf(&out, "%d\n", extra...)
	for _, handler := range []slog.Handler{
		slog.NewTextHandler(&out, nil),
		slog.NewJSONHandler(&out, nil),
	} {
		logger := slog.New(handler)
		logger.Error("message", "value", value)
		logger.With("value", value).WithGroup("group").Error("message", slog.Any("value", value), slog.Group("g", "value", value))
	}
	if data, err := json.Marshal(value); err == nil {
		out.Write(data)
	} else {
		out.WriteString(err.Error())
	}
	return out.String()
}

// disguises returns the ways in which a verb writes the text.
func disguises(text string) []string {
	var decimal []string
	for _, b := range []byte(text) {
		decimal = append(decimal, fmt.Sprint(b))
	}
	return []string{
		strings.ToLower(text),
		hex.EncodeToString([]byte(text)),
		strings.TrimSpace(fmt.Sprintf("% x", text)),
		strings.ToLower(fmt.Sprintf("%# x", text)),
		strings.Join(decimal, " "),
		strings.ToLower(base64.StdEncoding.EncodeToString([]byte(text))[:16]),
	}
}

func assertNoCanary(t *testing.T, value any, verbs string) {
	t.Helper()
	assertHidden(t, renderings(value, verbs))
}

func assertHidden(t *testing.T, text string) {
	t.Helper()
	for _, form := range disguises(canary) {
		if strings.Contains(strings.ToLower(text), form) {
			t.Errorf("the canary is in %s", text)
			return
		}
	}
}

// assertErrorHidesCanary looks at the error, at every error that Unwrap and As
// get out of it, and at every string that reflection gets out of those.
func assertErrorHidesCanary(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	assertNoCanary(t, err, allVerbs)
	seen := map[any]bool{}
	assertHidden(t, strings.Join(stringsIn(reflect.ValueOf(err), seen, nil), "\n"))
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		if next := wrapper.Unwrap(); next != nil {
			assertErrorHidesCanary(t, next)
		}
	case interface{ Unwrap() []error }:
		for _, next := range wrapper.Unwrap() {
			assertErrorHidesCanary(t, next)
		}
	}
}

// stringsIn appends every string and byte slice that is reachable from v,
// unexported fields included.
func stringsIn(v reflect.Value, seen map[any]bool, dst []string) []string {
	switch v.Kind() { //nolint:exhaustive // the others hold no text
	case reflect.String:
		dst = append(dst, v.String())
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return dst
		}
		seen[v.Pointer()] = true
		dst = stringsIn(v.Elem(), seen, dst)
	case reflect.Interface:
		if !v.IsNil() {
			dst = stringsIn(v.Elem(), seen, dst)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			dst = stringsIn(field, seen, dst)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return append(dst, string(v.Bytes()))
		}
		for i := range v.Len() {
			dst = stringsIn(v.Index(i), seen, dst)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			dst = stringsIn(v.MapIndex(key), seen, stringsIn(key, seen, dst))
		}
	}
	return dst
}

func TestTheSearchForCanariesFindsThem(t *testing.T) {
	t.Parallel()
	type inner struct{ text []byte }
	for _, value := range []any{
		canary, &struct{ a any }{inner{[]byte(canary)}}, map[string]int{"x" + canary: 1}, [1]error{errors.New(canary)}, strings.ToUpper(canary),
	} {
		text := strings.Join(stringsIn(reflect.ValueOf(value), map[any]bool{}, nil), "\n") + renderings(value, "v")
		assert.Contains(t, strings.ToLower(text), canary)
	}
	for _, verb := range []string{"%x", "%X", "% x", "%# x", "%d", "%q"} {
		text := strings.ToLower(fmt.Sprintf(verb, []byte(canary)))
		found := false
		for _, form := range disguises(canary) {
			found = found || strings.Contains(text, form)
		}
		assert.True(t, found, verb)
	}
}

// TestReadingErrorsHideTheCells puts the canary into every cell of files that
// fail in each of the ways that typed reading can fail.
func TestReadingErrorsHideTheCells(t *testing.T) {
	t.Parallel()
	testReadingErrors[csvschema.VirtualMachineRow](t)
	testReadingErrors[csvschema.DiskRow](t)
}

func testReadingErrors[T csvschema.Row](t *testing.T) {
	role := csvschema.RoleOf[T]()
	columns := role.Columns()
	names := make([]string, len(columns))
	cells := make([]string, len(columns)) // as many canaries as a row can hold
	for i, c := range columns {
		names[i] = c.String()
		cells[i] = canary
		var row T
		if csvschema.CellsOf(&row).SetCell(c, canary) != nil {
			cells[i] = ""
		}
	}
	header, good := strings.Join(names, ","), strings.Join(cells, ",")
	files := map[string]string{
		"no header":       good,
		"missing column":  strings.Join(names[1:], ",") + "\n" + strings.Join(cells[1:], ","),
		"unknown column":  header + "," + canary + "\n" + good + "," + canary,
		"repeated column": header + "," + names[0] + "\n" + good + "," + canary,
		"too few fields":  header + "\n" + canary + "," + canary + "\n",
		"too many fields": header + "\n" + good + "," + canary + "\n",
		"bare quote":      header + "\n" + canary + `"` + good + "\n",
		"open quote":      header + "\n" + `"` + good + "\n",
		"after a quote":   header + "\n" + `"` + canary + `"` + good + "\n",
		"NUL":             header + "\n" + canary + "\x00" + good + "\n",
		"invalid UTF-8":   header + "\n" + canary + "\xff" + good + "\n",
		"too large":       header + "\n" + canary + strings.Repeat(canary, 200) + good + "\n",
		"other kind":      strings.ReplaceAll(good, canary, canary+",LeasedByVmId,ResourceOwner"),
	}
	for i, c := range columns {
		if cells[i] == "" {
			bad := append([]string(nil), cells...)
			bad[i] = canary
			files["cell of "+c.String()] = header + "\n" + good + "\n" + strings.Join(bad, ",") + "\n"
			bad[i] = `"1/3/2017 11:17:09 ""` + canary + `"""`
			files["quoted cell of "+c.String()] = header + "\n" + strings.Join(bad, ",")
		}
	}
	for name, file := range files {
		t.Run(role.String()+" "+name, func(t *testing.T) {
			t.Parallel()
			for _, o := range []*csvschema.ReaderOptions{
				{MaxRecordBytes: 4096},
				{AllowMissingColumns: true, MaxRecordBytes: 4096},
			} {
				r := csvschema.NewReader[T](strings.NewReader(file), o)
				var err error
				for err == nil {
					_, err = r.Read()
				}
				if name == "missing column" && o.AllowMissingColumns {
					require.Equal(t, io.EOF, err)
					continue
				}
				e, ok := errors.AsType[*csvschema.Error](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, role, e.Role)
				assertErrorHidesCanary(t, err)
				assertNoCanary(t, r.All(), properVerbs)
			}
		})
	}
}

func TestOtherErrorsHideTheCells(t *testing.T) {
	t.Parallel()
	_, dateErr := csvschema.ParseDateTime(canary)
	_, _, timeErr := csvschema.ParseTime([]byte(canary), nil)
	_, boolErr := csvschema.ParseBool(canary)
	_, intErr := csvschema.ParseInteger(canary)
	var row csvschema.VirtualMachineRow
	var disk csvschema.DiskRow
	var text csvschema.PersonalText
	w := csvschema.NewWriter[csvschema.DiskRow](io.Discard, nil)
	require.NoError(t, disk.SetCell(csvschema.LeasedByVmId, canary+"\x00"+canary))
	for name, err := range map[string]error{
		"DateTime": dateErr, "ParseTime": timeErr, "Bool": boolErr, "Integer": intErr,
		"SetCell of a date":     row.SetCell(csvschema.DeletedDate, canary),
		"SetCell of no column":  row.SetCell(csvschema.DiskBlobName, canary),
		"SetCell of a disk":     disk.SetCell(csvschema.DiskSizeGB, canary),
		"Writer":                w.Write(disk),
		"Writer, again":         w.Close(),
		"JSON of PersonalText":  json.Unmarshal([]byte(`{"`+canary+`":"`+canary+`"}`), &text),
		"JSON of DateTime":      json.Unmarshal([]byte(`"`+canary+`"`), &row.CreatedTime),
		"JSON of Bool":          json.Unmarshal([]byte(`"`+canary+`"`), &row.Claimable),
		"JSON of Integer":       json.Unmarshal([]byte(`"`+canary+`"`), &disk.DiskSizeGB),
		"JSON of a whole row":   json.Unmarshal([]byte(`"`+canary+`"`), &row),
		"text of PersonalText":  text.UnmarshalText([]byte("[redacted]")),
		"redaction of the cell": errors.Join(csvschema.ErrRedacted),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertErrorHidesCanary(t, err)
		})
	}
}

// A record prints as its place, wherever it is a field.
func TestRecordsPrintAsTheirPlace(t *testing.T) {
	t.Parallel()
	text := "LabUId,ResourceOwner\nl,x\n\n" + canary + "," + canary + "\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}})
	_, err := rr.Read()
	require.NoError(t, err)
	rec, err := rr.Read()
	require.NoError(t, err)
	require.Equal(t, canary, string(rec.Cell(0)))
	assert.Equal(t, "virtualmachines line 4", rec.String())
	assert.Equal(t, "virtualmachines line 4", fmt.Sprintf("%d", rec))
	assertNoCanary(t, rec, properVerbs)
	assertNoCanary(t, struct{ Record csvschema.Record }{rec}, properVerbs)
	assertNoCanary(t, []csvschema.Record{rec}, properVerbs)
	assert.Equal(t, "no record", csvschema.Record{}.String())
}
