package results

import "github.com/labdsr/labdsr/dsr/deadline"

// An Export is the object of the command export. Its exit status is 1 if a lab was not
// exported, or its subscription not listed.
type Export struct {
	Outcome
	// Container is the URL of the container that the exports are in.
	Container string `json:"container"`
	// Since is the day from which on usage was exported. It is absent if all was.
	Since deadline.Date `json:"since,omitzero"`
	// Resumed says that the run went on where another one had stopped.
	Resumed bool `json:"resumed"`
	// Labs say what became of each lab, in the order of subscriptions, resource groups and
	// names.
	Labs []ExportedLab `json:"labs"`
	// Unlisted are the subscriptions and resource groups whose labs could not be listed.
	Unlisted []Unlisted `json:"unlisted"`
	// Elsewhere are new blobs of the container whose names have no LabUId of these labs.
	Elsewhere []string `json:"elsewhere"`
}

// An ExportedLab says what became of a lab.
type ExportedLab struct {
	// SubscriptionID is the ID of its subscription.
	SubscriptionID string `json:"subscriptionId"`
	// ResourceGroup is the name of its resource group.
	ResourceGroup string `json:"resourceGroup"`
	// Lab is its name.
	Lab string `json:"lab"`
	// LabUID is the LabUId of its exports.
	LabUID string `json:"labUId"`
	// Blobs are its new blobs, and those that were changed, in the order of their names. They
	// may be incomplete if the lab was not exported.
	Blobs []ExportedBlob `json:"blobs"`
	// Why is why it was not exported, in words. It is absent if it was.
	Why string `json:"why,omitempty"`
}

// An ExportedBlob is a blob of a lab.
type ExportedBlob struct {
	// Blob is its name in the container.
	Blob string `json:"blob"`
	// Bytes is its size.
	Bytes int64 `json:"bytes"`
}

// An Unlisted is a subscription or resource group whose labs could not be listed.
type Unlisted struct {
	// SubscriptionID is the ID of the subscription.
	SubscriptionID string `json:"subscriptionId"`
	// ResourceGroup is the name of the resource group. It is absent if it is about all of the
	// subscription.
	ResourceGroup string `json:"resourceGroup,omitempty"`
	// Why is why, in words.
	Why string `json:"why"`
}
