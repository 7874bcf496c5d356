package identity

// MayHold reports, for packages dsr and anonymize and at little cost, whether
// [NearIndex.FindIn] may find something in a text as it is in a cell, or the text may be
// equal to an identifier. It is false for nearly all addresses and GUIDs of other people,
// whatever is beside them: those with a local part that no identifier has, nor anything that
// Near compares. It is true for a text without an at sign that is no GUID, and for one that
// begins with an at sign or a number sign.
func (index *NearIndex) MayHold(text []byte) bool {
	return index.nearPointer != nil && index.plain.MayHold(text) && index.tails.MayHold(text, len(index.objectIDs) > 0)
}
