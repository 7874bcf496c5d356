package azure

// SetBlockBytes sets how large blocks are. It must be called before anything is written.
func SetBlockBytes(n int) { blockBytes = n }
