package reveal_test

import (
	"encoding/json"
	"fmt"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/reveal"
)

// A JSON API has to say that it gives a row away; otherwise the row redacts itself.
func ExampleRow() {
	row := csvschema.DiskRow{LabUId: "lab-1", Name: csvschema.NewPersonalText("alice042")}
	data, _ := json.Marshal(row)
	fmt.Println(string(data))
	data, err := json.Marshal(reveal.Row(row))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(data[:60]), "…")

	var back reveal.Object[csvschema.DiskRow]
	fmt.Println(json.Unmarshal(data, &back), back.Row.Equal(row))
	// Output:
	// "[disk row redacted]"
	// {"SubscriptionId":"","LabUId":"lab-1","LabName":"","LabResou …
	// <nil> true
}
