package lists

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

const maxPEMBytes = 64 << 10

// SignKey reads the Ed25519 key that signs receipts: one block of PEM that holds PKCS #8,
// as openssl genpkey writes it. Except on Windows, a file that other people of the machine
// may read is an error.
func SignKey(path string) (ed25519.PrivateKey, error) {
	der, err := readPEM(path, "PRIVATE KEY", true)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der) // the error may hold what was read
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, noKey(path, "no private key of Ed25519")
	}
	return key, nil
}

// PublicKey reads the Ed25519 key by which signatures of receipts are checked: one block
// of PEM, as openssl pkey -pubout writes it.
func PublicKey(path string) (ed25519.PublicKey, error) {
	der, err := readPEM(path, "PUBLIC KEY", false)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der) // the error may hold what was read
	key, ok := parsed.(ed25519.PublicKey)
	if err != nil || !ok {
		return nil, noKey(path, "no public key of Ed25519")
	}
	return key, nil
}

func noKey(path, what string) error {
	return fault.In(path, fault.WithHint(errors.New(what),
		"make a pair: openssl genpkey -algorithm ed25519 -out sign.pem; openssl pkey -in sign.pem -pubout -out public.pem"))
}

// readPEM returns what the only block of a PEM file holds, which must be of that type. A
// private file must be readable by nobody else.
func readPEM(path, kind string, isPrivate bool) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if isPrivate {
		if err := private(path, info, "the key"); err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxPEMBytes+1))
	if err != nil {
		return nil, fault.In(path, err)
	}
	block, rest := pem.Decode(data)
	switch {
	case len(data) > maxPEMBytes:
		return nil, noKey(path, "is much too large for a key")
	case block == nil || len(bytes.TrimSpace(rest)) > 0:
		return nil, noKey(path, "is no PEM file of one key")
	case block.Type == kind && len(block.Headers) == 0:
		return block.Bytes, nil
	case block.Type == "ENCRYPTED PRIVATE KEY" && isPrivate:
		return nil, fault.In(path, fault.WithHint(errors.New("the key is encrypted"), "write it without a password to a place that only this user can read: openssl pkey -in %s", path))
	case isPrivate:
		return nil, noKey(path, "is no private key")
	}
	return nil, fault.In(path, fault.WithHint(errors.New("is no public key"), "openssl pkey -in KEY -pubout writes the public half of a key"))
}
