package azure_test

import (
	"context"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
)

// The usage of the last 40 days of all labs that whoever is signed in sees.
func ExampleExport() {
	ctx := context.Background()
	container, err := azure.Open("https://contoso.blob.core.windows.net/labresourceusage", azure.Credentials{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	report, err := azure.Export(ctx, container, &azure.ExportOptions{Since: today.AddDate(0, 0, -40)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lab := range report.Labs {
		if lab.Err != nil {
			fmt.Println(lab.Err)
			continue
		}
		fmt.Println(lab.Name, len(lab.Blobs))
	}
}
