package output_test

import "testing"

func makePipe(t *testing.T, _ string) { t.Skip("there are none") }
