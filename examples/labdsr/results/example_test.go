package results_test

import (
	"encoding/json"
	"fmt"

	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A program runs labdsr plan --json, and reads its standard output.
func ExamplePlan() {
	stdout := []byte(`{"command": "plan", "status": 3, "total": {"rows": 23, "due": 10},
		"toDecide": [{"role": "disks", "labUId": "lab-1", "resourceUId": "disk-1", "file": "disks.csv", "line": 4, "kind": "different-ids", "choices": ["exists"]}]}`)
	var plan results.Plan
	if err := json.Unmarshal(stdout, &plan); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Total.Due, "of", plan.Total.Rows, "rows are due")
	for _, q := range plan.ToDecide {
		fmt.Println(q.File, q.Line, q.Kind, q.Choices)
	}
	// Output:
	// 10 of 23 rows are due
	// disks.csv 4 different-ids [exists]
}
