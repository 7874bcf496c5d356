//go:build !unix

package main

import "os"

// lockFolder leaves it to whoever runs the program that one run at a time writes.
func lockFolder(*os.File) error { return nil }
