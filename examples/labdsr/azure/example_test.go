package azure_test

import (
	"context"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
)

// Example takes the identifiers that are due out of all exports of a container, in place,
// and then deletes the copies that still hold them. It signs in by Entra. It has no output
// here because it needs a storage account.
func Example() {
	ctx := context.Background()
	container, err := azure.Open("https://contoso.blob.core.windows.net/labresourceusage", azure.Credentials{}, nil)
	if err != nil {
		panic(err)
	}
	found, err := container.Sources(ctx, nil)
	if err != nil {
		panic(err)
	}
	policy := &anonymize.Policy{}
	rewrite, err := container.Anonymize(ctx, policy, time.Now(), found)
	if err != nil {
		panic(err) // what was replaced is whole; run it again
	}
	fmt.Println(rewrite.Count(azure.Replaced), "blobs replaced;", anonymize.Reminder)

	copies, err := container.Copies(ctx)
	if err != nil {
		panic(err)
	}
	if err := container.DeleteCopies(ctx, copies, rewrite.Now()); err != nil {
		panic(err)
	}
	for _, note := range copies.Retention.Notes() {
		fmt.Println(note)
	}
}
