package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// A storage has the containers of storage accounts that a run reads and writes. It is what
// packages inputs and output know as their store.
type storage struct {
	ctx     context.Context      // of the run
	file    string               // of --storage-credentials
	options *azure.ClientOptions // of tests

	credentials *azure.Credentials          // once they were read
	containers  map[string]*azure.Container // by their URLs, and prefixes
	urls        map[*azure.Container]string // of the whole container
	listed      map[string]storedBlob       // by their URLs
	made        map[string]azure.Blob       // by their URLs
}

// A storedBlob is a blob that was found.
type storedBlob struct {
	container *azure.Container
	blob      azure.Blob
}

func addStorage(cmd *cobra.Command, a *app) {
	if cmd.Flags().Lookup("storage-credentials") == nil {
		cmd.Flags().StringVar(&a.storage.file, "storage-credentials", "", "`file` with a SAS or a connection string for the containers that are named by URLs; default: "+sasVariable+" or "+connectionVariable+" of the environment, or else whoever is signed in to Azure")
	}
}

// The variables of the environment are those of the Azure CLI.
const (
	sasVariable        = "AZURE_STORAGE_SAS_TOKEN"
	connectionVariable = "AZURE_STORAGE_CONNECTION_STRING"
)

// placeFlags are the flags whose files and folders may be in a container.
var placeFlags = []string{"virtualmachines", "disks", "before", "after", "out", "receipt", "review"}

// readReceipt are the commands that read a receipt: one in a container has to be downloaded
// first.
var readReceipt = []string{"copies", "verify"}

// checkURLs refuses URLs that are no places, and those with a query before anything says
// what they are: it may be a SAS.
func checkURLs(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		kind, _ := pflag.UnquoteUsage(flag)
		if err != nil || !slices.Contains([]string{"file", "folder", "URL"}, kind) {
			return
		}
		values := []string{flag.Value.String()}
		if many, ok := flag.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, value := range values {
			switch {
			case !isURL(value):
			case kind != "URL" && !slices.Contains(placeFlags, flag.Name), flag.Name == "receipt" && slices.Contains(readReceipt, cmd.Name()):
				err = fault.Usage("--%s is a file of this machine, and no URL", flag.Name)
			default:
				err = checkURL(flag.Name, value)
			}
		}
	})
	return err
}

// checkURL refuses a URL that names no container.
func checkURL(flag, text string) error {
	u, err := url.Parse(text)
	switch {
	case err == nil && (u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.User != nil):
		return fault.WithHint(fault.Usage("--%s is a URL with more than a path: what is on a command line, other people of this machine may see", flag),
			"give a SAS with --storage-credentials, or in "+sasVariable+", and the URL without it")
	case err != nil || u.Host == "":
		return fault.Usage("--%s is no URL such as https://ACCOUNT.blob.core.windows.net/CONTAINER", flag)
	}
	if _, err := azure.Open(text, azure.Credentials{SAS: "sig=none"}, nil); err != nil { // only the URL can be wrong
		return fault.Usage("--%s is no URL such as https://ACCOUNT.blob.core.windows.net/CONTAINER", flag)
	}
	return nil
}

// isURL reports whether a name is a URL, and no path.
func isURL(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}

// Has reports whether a name is a URL.
func (*storage) Has(name string) bool { return isURL(name) }

// A blobURL is a URL of a container and a name in it.
type blobURL struct {
	container string // its URL
	name      string // of a blob, or a prefix; "" for the whole container
}

func parseBlobURL(text string) (blobURL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return blobURL{}, fault.Usage("a URL cannot be understood") // the error repeats it
	}
	parts, err := blob.ParseURL(text)
	if err != nil {
		return blobURL{}, fault.Usage("a URL cannot be understood")
	}
	at := strings.ToLower(u.Scheme + "://" + u.Host)
	if account := parts.IPEndpointStyleInfo.AccountName; account != "" {
		at += "/" + account
	}
	return blobURL{at + "/" + parts.ContainerName, strings.TrimRight(parts.BlobName, "/")}, nil
}

// open returns the container of a URL and the prefix that it names.
func (s *storage) open(text string) (*azure.Container, error) {
	if c := s.containers[text]; c != nil {
		return c, nil
	}
	if s.credentials == nil {
		credentials, err := s.read()
		if err != nil {
			return nil, err
		}
		s.credentials = &credentials
	}
	c, err := azure.Open(text, *s.credentials, s.options)
	if err != nil {
		return nil, told(err)
	}
	at, err := parseBlobURL(text)
	if err != nil {
		return nil, err
	}
	if s.containers == nil {
		s.containers, s.urls = map[string]*azure.Container{}, map[*azure.Container]string{}
	}
	s.containers[text], s.urls[c] = c, at.container
	return c, nil
}

// read reads the credentials of the file or the environment.
func (s *storage) read() (c azure.Credentials, err error) {
	if s.file != "" {
		text, err := lists.Secret(s.file)
		if err != nil {
			return c, err
		}
		switch {
		case strings.Contains(text, ";") && strings.Contains(text, "="):
			c.ConnectionString = text
		case strings.Contains(text, "sig="):
			c.SAS = text
		default:
			return c, fault.In(s.file, fault.WithHint(errors.New("holds neither a SAS nor a connection string"),
				"a SAS begins with sv= or sp=, and a connection string with DefaultEndpointsProtocol= or BlobEndpoint="))
		}
		return c, nil
	}
	c.SAS, c.ConnectionString = strings.TrimSpace(os.Getenv(sasVariable)), strings.TrimSpace(os.Getenv(connectionVariable))
	if c.SAS != "" && c.ConnectionString != "" {
		return c, fault.WithHint(errors.New("the environment has both "+sasVariable+" and "+connectionVariable), "leave one of them out")
	}
	return c, nil
}

// List returns the blobs at a URL.
func (s *storage) List(ctx context.Context, name string) ([]inputs.Stored, error) {
	at, err := parseBlobURL(name)
	if err != nil {
		return nil, err
	}
	c, err := s.open(name)
	if err != nil {
		return nil, err
	}
	if s.listed == nil {
		s.listed = map[string]storedBlob{}
	}
	var all []inputs.Stored
	for b, err := range c.Blobs(ctx) {
		if err != nil {
			return nil, told(err)
		}
		one := inputs.Stored{
			Name: at.container + "/" + b.Name, Below: strings.TrimPrefix(strings.TrimPrefix(b.Name, at.name), "/"), Size: b.Size,
			Open: func(ctx context.Context) (io.ReadCloser, error) {
				r, err := c.Open(ctx, b)
				if err != nil {
					return nil, told(err)
				}
				return storedReader{r}, nil
			},
		}
		s.listed[one.Name] = storedBlob{c, b}
		all = append(all, one)
	}
	for i := range all {
		if all[i].Below == "" && len(all) > 1 { // beside a folder of its name
			all[i].Below = path.Base(at.name)
		}
	}
	return all, nil
}

// A storedReader reads a blob. Its errors say nothing of the place, which others add.
type storedReader struct{ *azure.Reader }

func (r storedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = told(err)
	}
	return n, err
}

// told returns an error of package azure without its place, and its hint as one of package
// fault.
func told(err error) error {
	e, ok := errors.AsType[*azure.Error](err)
	if !ok {
		return err
	}
	bare := *e
	bare.Place, bare.Hint = "", ""
	if e.Hint == "" {
		return &bare
	}
	return fault.WithHint(&bare, "%s", e.Hint)
}

// isGone reports whether a blob is not there, although its container is.
func isGone(err error) bool {
	e, ok := errors.AsType[*azure.Error](err)
	return ok && errors.Is(err, fs.ErrNotExist) && e.Code != "ContainerNotFound" && e.Code != "ContainerBeingDeleted"
}
