package azure

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// Delete deletes a blob, unless somebody has changed it since it was listed or made: then
// the error is [csvschema.ErrSourceChanged].
func (c *Container) Delete(ctx context.Context, b Blob) error {
	_, err := c.client.NewBlobClient(b.Name).Delete(ctx, &blob.DeleteOptions{AccessConditions: ifMatch(b.ETag)})
	return changed(newError("delete", b.place(), err))
}
