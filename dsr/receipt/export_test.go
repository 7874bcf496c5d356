package receipt

// PAE returns the message that is signed.
var PAE = pae
