// Package veil hides a value from what prints by reflection and follows every pointer. It
// knows no text.
package veil

// NOTE. Package fmt follows no pointer below the first one, so that a pointer is enough to
// hide a text from it. The programs that compare values in tests show more: testify (with
// go-spew) and go-cmp read unexported fields, call no method, or none if it says the same of
// both values, and follow pointers. But they go only so deep: ten levels, and fifteen. An
// array of one element is a level, and costs neither memory nor time:
//
//	Of[T] { [1][1]…[1]T }        24 levels: the value is never reached

// An Of holds a value that nothing prints. It is comparable with == if T is, and
// reflect.DeepEqual compares the values. The zero Of has the zero value of T.
type Of[T any] struct {
	value [1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]T
}

// New returns an Of that holds v.
func New[T any](v T) (o Of[T]) {
	o.value[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0] = v
	return o
}

// Get returns the value.
func (o Of[T]) Get() T {
	return o.value[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]
}
