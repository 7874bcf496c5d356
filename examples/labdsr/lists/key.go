package lists

import (
	"bytes"
	"errors"
	"os"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

const maxKeyBytes = 1 << 20

// Key reads a secret key: all bytes of a file except the last line end. Except on
// Windows, a file that other people of the machine may read is an error.
func Key(path string) (identity.SecretKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return identity.SecretKey{}, err
	}
	if err := private(path, info, "the key"); err != nil {
		return identity.SecretKey{}, err
	}
	data, err := read(path, maxKeyBytes)
	if err != nil {
		return identity.SecretKey{}, err
	}
	key, err := identity.NewSecretKey(bytes.TrimRight(data, "\r\n"))
	if err != nil {
		return key, fault.In(path, fault.WithHint(errors.New("the key is too short"), "make one of 32 random bytes: openssl rand -hex 32 > %s", path))
	}
	return key, nil
}
