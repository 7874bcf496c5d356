package csvschematest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
)

// Printed returns what fmt prints of a value with each of the verbs, such as "vsqx",
// and with flags, and what log/slog and encoding/json make of it. A test looks in it for
// a text that the value must not show; see also [AssertNoLeak], which is for errors.
func Printed(value any, verbs string) string {
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
		logger.With("value", value).WithGroup("group").Error("message", slog.Any("value", value), slog.Group("g", "value", value, "values", []any{value}))
	}
	if data, err := json.Marshal(value); err == nil {
		out.Write(data)
	} else {
		out.WriteString(err.Error())
	}
	return out.String()
}
