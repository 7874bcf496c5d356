package leaktest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestTheSearchForCanariesFindsThem(t *testing.T) {
	t.Parallel()
	type inner struct{ text []byte }
	for _, value := range []any{
		Canary, &struct{ a any }{inner{[]byte(Canary)}}, map[string]int{"x" + Canary: 1}, [1]error{errors.New(Canary)}, strings.ToUpper(Canary),
	} {
		text := strings.Join(stringsIn(reflect.ValueOf(value), map[any]bool{}, nil), "\n") + csvschematest.Printed(value, "v")
		assert.Contains(t, strings.ToLower(text), Canary)
	}
	for _, verb := range []string{"%x", "%X", "% x", "%# x", "%d", "%q"} {
		text := strings.ToLower(fmt.Sprintf(verb, []byte(Canary)))
		found := false
		for _, form := range disguises(Canary) {
			found = found || strings.Contains(text, form)
		}
		assert.True(t, found, verb)
	}
}
