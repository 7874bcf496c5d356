package receipt

// PAE is what a signature is made of.
var PAE = pae
