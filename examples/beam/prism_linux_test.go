package main

import (
	"encoding/hex"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rebindsHere is why rebind cannot work on this system, or nil.
var rebindsHere error

// listening returns the addresses at which somebody listens on a port, as the kernel says.
func listening(t *testing.T, port string) (addresses []string) {
	t.Helper()
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(line)
			if len(words) < 4 || words[3] != "0A" { // listening
				continue
			}
			address, at, _ := strings.Cut(words[1], ":")
			if n, err := strconv.ParseInt(at, 16, 32); err != nil || int(n) != number {
				continue
			}
			ip, err := hex.DecodeString(address)
			require.NoError(t, err)
			for i := 0; i+4 <= len(ip); i += 4 { // words of this machine's order
				ip[i], ip[i+1], ip[i+2], ip[i+3] = ip[i+3], ip[i+2], ip[i+1], ip[i]
			}
			addresses = append(addresses, net.IP(ip).String())
		}
	}
	return addresses
}
