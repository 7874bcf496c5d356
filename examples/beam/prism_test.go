package main

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrismListensOnThisMachineAlone(t *testing.T) {
	needsRunner(t)
	if rebindsHere != nil {
		t.Skip(rebindsHere.Error())
	}
	endpoint, err := startPrism(t.Context(), false)
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(endpoint)
	require.NoError(t, err)
	c, err := net.Dial("tcp", endpoint)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	addresses := listening(t, port)
	require.NotEmpty(t, addresses)
	for _, address := range addresses {
		assert.True(t, net.ParseIP(address).IsLoopback(), address)
	}
}

func TestWithoutALoopbackAddressPrismDoesNotStart(t *testing.T) {
	require.ErrorIs(t, rebind("no port"), errEverywhere)
	assert.ErrorIs(t, rebind("1"), errEverywhere, "nothing listens there")
}

func TestTheAddressIsCaughtOnce(t *testing.T) {
	assert.True(t, (&catcher{}).Enabled(context.Background(), -4))
	assert.Contains(t, errEverywhere.Error(), "--all-addresses")
}
