//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

// full is for Linux only.
func full(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("only on Linux") }
