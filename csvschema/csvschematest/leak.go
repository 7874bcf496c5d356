package csvschematest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// AssertNoLeak asserts that an error does not reveal a canary, which is a text of the
// input such as a cell. It reports the number of the canary, from 1, and where it
// is found.
//
// It searches the output of every verb of fmt, of the text and JSON handlers of
// log/slog and of json.Marshal, for the error and for every error that Unwrap
// reaches. It also searches their exported fields, because a program can read these
// even if an error redacts itself when it is printed. It finds a canary in any letter
// case, escaped, and as hexadecimal digits, base64 or decimal bytes.
//
// A nil error and an empty canary are failures, because nothing would be tested.
func AssertNoLeak(tb testing.TB, err error, canaries ...string) {
	tb.Helper()
	if err == nil {
		tb.Errorf("there is no error")
		return
	}
	if len(canaries) == 0 {
		tb.Errorf("there is no canary")
	}
	var wanted [][]string
	for i, canary := range canaries {
		if canary == "" {
			tb.Errorf("canary %d is empty", i+1)
		}
		wanted = append(wanted, spellings(canary))
	}
	for i, e := range reachable(err) {
		texts := append(fields(e), renderings(e)...)
		for j, forms := range wanted {
			var where []string
			for _, t := range texts {
				if containsAny(strings.ToLower(t.text), forms) {
					where = append(where, t.where)
				}
			}
			if len(where) > maxPlaces {
				where = append(where[:maxPlaces], fmt.Sprintf("and %d more", len(where)-maxPlaces))
			}
			if len(where) > 0 {
				tb.Errorf("canary %d is in error %d (%T): %s", j+1, i+1, e, strings.Join(where, ", "))
			}
		}
	}
}

// containsAny reports whether the text holds one of the forms.
func containsAny(text string, forms []string) bool {
	return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(text, form) })
}

// A rendering is a text that an error gives, and the way to get it.
type rendering struct{ where, text string }

// spellings returns the forms of a text to look for, in lower case.
func spellings(text string) []string {
	if text == "" {
		return nil
	}
	raw := []byte(text)
	digits := hex.EncodeToString(raw)
	var spaced, numbers []string
	for i, c := range raw {
		spaced = append(spaced, digits[2*i:2*i+2])
		numbers = append(numbers, strconv.Itoa(int(c)))
	}
	quoted := strconv.Quote(text)
	ascii := strconv.QuoteToASCII(text)
	forms := []string{
		text, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
		digits, strings.Join(spaced, " "), "0x" + strings.Join(spaced, " 0x"), "0x" + strings.Join(spaced, ", 0x"),
	}
	if marshalled, err := json.Marshal(text); err == nil {
		forms = append(forms, string(marshalled[1:len(marshalled)-1]))
	}
	// The numbers of a short text, such as "49", occur everywhere.
	if len(raw) >= 4 {
		forms = append(forms, strings.Join(numbers, " "), strings.Join(numbers, ","))
		for skip := range 3 { // the text may begin at any of the three bytes of a group
			encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, skip), raw...))
			// The characters at both ends depend on the bytes around the text.
			if from, to := (skip*8+5)/6, (skip+len(raw))*8/6; to-from >= 4 {
				forms = append(forms, encoded[from:to])
			}
		}
	}
	for i := range forms {
		forms[i] = strings.ToLower(forms[i])
	}
	return forms
}

// reachable returns the error and all errors that Unwrap and As reach from it.
func reachable(err error) []error {
	var all []error
	var visit func(err error)
	visit = func(err error) {
		const limit = 1000 // an error may unwrap to itself
		if err == nil || len(all) == limit {
			return
		}
		all = append(all, err)
		switch e := err.(type) { //nolint:errorlint // the tree is walked by hand
		case interface{ Unwrap() error }:
			visit(e.Unwrap())
		case interface{ Unwrap() []error }:
			for _, wrapped := range e.Unwrap() {
				visit(wrapped)
			}
		}
		// An As method can return an error that Unwrap does not.
		if _, ok := err.(interface{ As(any) bool }); ok {
			all = append(all, asStandard(err)...)
		}
	}
	visit(err)
	return all
}

// asStandard returns the errors that As finds among the types of the standard library
// that hold their input.
func asStandard(err error) (all []error) {
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		all = append(all, e)
	}
	if e, ok := errors.AsType[*time.ParseError](err); ok {
		all = append(all, e)
	}
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		all = append(all, e)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		all = append(all, e)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		all = append(all, e)
	}
	return all
}

// renderings returns the texts that fmt, log/slog and encoding/json make of an error.
func renderings(err error) []rendering {
	texts := []rendering{{"Error()", err.Error()}}
	if data, jsonErr := json.Marshal(err); jsonErr != nil {
		texts = append(texts, rendering{"the error of json.Marshal", jsonErr.Error()})
	} else {
		texts = append(texts, rendering{"json.Marshal", string(data)})
	}
	var text, js bytes.Buffer
	record := slog.NewRecord(time.Time{}, slog.LevelError, "failed", 0)
	record.AddAttrs(slog.Any("error", err), slog.Any("errors", []any{err}), slog.Group("group", "error", err))
	for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&js, nil)} {
		_ = h.Handle(context.Background(), record) // a bytes.Buffer does not fail
	}
	texts = append(texts, rendering{"slog's text handler", text.String()}, rendering{"slog's JSON handler", js.String()})
	for _, verb := range "vqxsXTtbcdoOUeEfFgGp" {
		for _, flag := range []string{"", "+", "#", " ", "0"} {
			format := "%" + flag + string(verb)
			texts = append(texts, rendering{format, fmt.Sprintf(format, err)})
		}
	}
	return texts
}

// fields returns the texts in the exported fields of an error, at any depth.
func fields(err error) []rendering {
	f := fieldWalk{seen: map[any]bool{}}
	f.walk(reflect.ValueOf(err), "", 0)
	return f.texts
}

// A fieldWalk collects the texts that code can read from a value.
type fieldWalk struct {
	texts []rendering
	seen  map[any]bool // pointers that were followed
}

// walk collects the texts of v. Its path from the error is where.
func (f *fieldWalk) walk(v reflect.Value, where string, depth int) {
	const limit = 20
	if depth > limit {
		return
	}
	switch v.Kind() { //nolint:exhaustive // numbers, functions and channels hold no text
	case reflect.String:
		f.texts = append(f.texts, rendering{where, v.String()})
	case reflect.Pointer:
		if key := [2]any{v.Type(), v.Pointer()}; !v.IsNil() && !f.seen[key] {
			f.seen[key] = true
			f.walk(v.Elem(), where, depth+1)
		}
	case reflect.Interface:
		f.walk(v.Elem(), where, depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() || promotes(field) {
				f.walk(v.Field(i), where+"."+field.Name, depth+1)
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			f.walk(entries.Key(), where+"[]", depth+1)
			f.walk(entries.Value(), where+"[]", depth+1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			text := reflect.MakeSlice(reflect.SliceOf(v.Type().Elem()), v.Len(), v.Len()) // also for an array, which may not be addressable
			reflect.Copy(text, v)
			f.texts = append(f.texts, rendering{where, string(text.Bytes())})
			return
		}
		for i := range v.Len() {
			f.walk(v.Index(i), where+"[]", depth+1)
		}
	}
}

// promotes reports whether an unexported field is an embedded struct. Its exported
// fields are promoted to the outer struct.
func promotes(field reflect.StructField) bool {
	t := field.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return field.Anonymous && t.Kind() == reflect.Struct
}
