package csvschema_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/dsr/redact"
)

// TestConstantsHaveCodes lists the codes of all enumerations of the library, from the zero
// value. Programs store them: one that changes is a break.
func TestConstantsHaveCodes(t *testing.T) {
	t.Parallel()
	columns := []string{""}
	for c := csvschema.SubscriptionId; c.String() != ""; c++ {
		columns = append(columns, c.String())
	}
	require.Len(t, columns, 28)
	for _, test := range []struct {
		zero    any
		codes   string
		decodes bool
	}{
		{csvschema.Role(0), ",virtualmachines,disks", true},
		{csvschema.Column(0), strings.Join(columns, ","), true},
		{dictionary.Class(0), ",none,linkable,embeds,direct", false},
		{fate.Fate(0), ",goes-now,goes-later,exists,held,undecided", true},
		{identity.ReplacementKind(0), ",constant,token,pseudonym", true},
		{identity.SpanKind(0), ",user,address,object-id,text", false},
		{source.Kind(0), ",export,other,of-system,ignored,empty,page,workbook,database,pointer,archive,packed,near-header,rows,named,encrypted,binary,hidden,in-system,partial,repeated,special,insecure", false},
		{dsr.Rule(0), ",owner,environment,user-path,lease,resource,decision", true},
		{dsr.FindingKind(0), ",undetermined,dangling,near-match,alias-candidate", true},
		{dsr.Undecided, "undecided,theirs,not-theirs", true},
		{redact.Reason(0), ",other-owner,other-user,other-address,other-occurrence,other-name,not-judged", false},
		{anonymize.RequestKind(0), ",removed,erase", true},
		{anonymize.FindingKind(0), ",held,stale,active-with-date,different-ids,different-dates,inactive-without-date,unreadable-status,unreadable-date,near-request,no-resource", false},
		{verify.FailureKind(0), ",header-changed,row-missing,row-added,row-changed,cell-changed,quotes-changed,line-end-changed,identifier-left,name-left,wrong-replacement,unreadable", false},
		{deadline.Cause(0), ",saturday,sunday,public-holiday,too-few-working-days", true},
		{deadline.Status(0), ",running,last-day,overdue,paused", false},
	} {
		kind := reflect.TypeOf(test.zero)
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			codes := strings.Split(test.codes, ",")
			for i, code := range append(codes, codes[0]) { // the last is no constant
				value := reflect.New(kind)
				value.Elem().Set(reflect.ValueOf(i).Convert(kind))
				assertCode(t, value.Elem().Interface(), code)
				if i > 0 && i < len(codes) {
					assert.NotContains(t, fmt.Sprint(value.Elem().Interface()), fmt.Sprint(i), "it prints as words")
				}
			}
			decoder, ok := reflect.TypeAssert[encoding.TextUnmarshaler](reflect.New(kind))
			require.Equal(t, test.decodes, ok)
			if !ok {
				return
			}
			for i, code := range codes {
				if code == "" && kind == reflect.TypeFor[identity.ReplacementKind]() {
					continue // it is no answer to the question which one
				}
				require.NoError(t, decoder.UnmarshalText([]byte(code)))
				assert.EqualValues(t, i, numberOf(decoder), code)
			}
			for _, text := range []string{codes[1] + "x", strings.ToUpper(codes[1]), " ", "1", "unknown"} {
				err := decoder.UnmarshalText([]byte(text))
				require.True(t, errors.Is(err, csvschema.ErrValue) || errors.Is(err, identity.ErrReplacementKind) || errors.Is(err, deadline.ErrCause), text)
				assert.EqualValues(t, len(codes)-1, numberOf(decoder), "it stays as it was")
			}
		})
	}
}

// numberOf returns the number of a constant.
func numberOf(decoder encoding.TextUnmarshaler) any {
	if constant := reflect.ValueOf(decoder).Elem(); constant.CanInt() {
		return constant.Int()
	} else {
		return constant.Uint()
	}
}

// assertCode checks what JSON and both handlers of log/slog make of a constant.
func assertCode(t *testing.T, constant any, code string) {
	t.Helper()
	data, err := json.Marshal(constant)
	require.NoError(t, err)
	assert.JSONEq(t, `"`+code+`"`, string(data))
	without := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != "constant" {
			return slog.Attr{}
		}
		return a
	}
	var text, js strings.Builder
	slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: without})).Info("", "constant", constant)
	slog.New(slog.NewJSONHandler(&js, &slog.HandlerOptions{ReplaceAttr: without})).Info("", "constant", constant)
	if code == "" {
		code = `""`
	}
	assert.Equal(t, "constant="+code+"\n", text.String())
	assert.JSONEq(t, `{"constant":"`+strings.Trim(code, `"`)+`"}`, js.String())
}
