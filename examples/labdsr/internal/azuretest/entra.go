package azuretest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/require"
)

// An Entra is a storage server that takes tokens of Entra, at the address of a real one.
type Entra struct {
	URL    string       // of the account, without a slash at the end
	Client *http.Client // reaches it
	// ObjectID is that of who signs in with [Entra.GetToken].
	ObjectID string
}

// RunEntra runs a server until the test ends. It skips the test if there is no Azurite.
func RunEntra(t testing.TB) *Entra {
	t.Helper()
	program := find()
	if program == "" {
		t.Skip(Absent)
	}
	const account, host = "labdsrtest", "labdsrtest.blob.core.windows.net"
	dir := t.TempDir()
	roots := writeCertificate(t, dir, host)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := l.Addr().String()
	require.NoError(t, l.Close())
	_, port, err := net.SplitHostPort(at)
	require.NoError(t, err)
	key := make([]byte, 64)
	_, _ = rand.Read(key) // never fails
	c := exec.Command(program, "--blobHost", "127.0.0.1", "--blobPort", port, "--silent", "--disableTelemetry", "--skipApiVersionCheck",
		"--inMemoryPersistence", "--oauth", "basic", "--cert", filepath.Join(dir, "cert.pem"), "--key", filepath.Join(dir, "key.pem"))
	c.Env, c.Dir = append(os.Environ(), "AZURITE_ACCOUNTS="+account+":"+base64.StdEncoding.EncodeToString(key), "NODE_OPTIONS="+endsWithParent), dir
	_, err = c.StdinPipe() // it is closed when this process ends, even by a signal
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", at)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, at)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &Entra{URL: "https://" + host, Client: &http.Client{Transport: transport}, ObjectID: "0b1ec710-0000-4000-8000-00000000cafe"}
}

// writeCertificate writes a certificate of a host and its key, and returns who trusts it.
func writeCertificate(t testing.TB, dir, host string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return roots
}

// GetToken implements azcore.TokenCredential. For the resource manager the token is that of
// [Credential].
func (e *Entra) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if o.Scopes[0] != "https://storage.azure.com/.default" {
		return Credential{}.GetToken(ctx, o)
	}
	now := time.Now()
	part := func(v any) string {
		text, _ := json.Marshal(v) // it never fails
		return base64.RawURLEncoding.EncodeToString(text)
	}
	token := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." + part(map[string]any{
		"aud": "https://storage.azure.com", "iss": "https://sts.windows.net/7e4a47/", "oid": e.ObjectID, "tid": "7e4a4700-0000-4000-8000-000000000001",
		"iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}) + "." + base64.RawURLEncoding.EncodeToString([]byte(TokenCanary))
	return azcore.AccessToken{Token: token, ExpiresOn: now.Add(time.Hour)}, nil
}
