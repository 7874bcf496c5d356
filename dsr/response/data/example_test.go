package data_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/labdsr/labdsr/dsr/response/data"
)

// A program reads the data.json of a package. Its texts have to be revealed.
func ExampleAnswer() {
	file := strings.NewReader(`{"format": "labdsr-access-2", "identifiers": ["alice@contoso.com"], "rows": [
		{"kind": "disks", "export": 1, "file": 1, "row": 7, "why": "user-path", "cells": [{"column": "DiskSizeGB", "value": "128"}]}]}`)
	var answer data.Answer
	if err := json.NewDecoder(file).Decode(&answer); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Identifiers)
	for _, row := range answer.Rows {
		fmt.Println(row.Kind, row.Row, row.Why)
		for _, cell := range row.Cells {
			fmt.Println(cell.Column.Reveal(), cell.Value.Reveal())
		}
	}
	// Output:
	// [[redacted]]
	// disks 7 user in the path of the disk
	// DiskSizeGB 128
}
