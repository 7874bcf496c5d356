package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/labdsr/labdsr/csvschema"
)

// An s3Bucket is a bucket of Amazon S3, or of a service that speaks as it does.
type s3Bucket struct {
	name string

	mu     sync.Mutex
	client *s3.Client // of the region of the bucket, as far as it is known
}

// openS3 opens a bucket with the credentials, the endpoint and the region that the SDK finds
// in the environment.
func openS3(name string) (*s3Bucket, error) {
	const op = "open a bucket"
	ctx := context.Background() // the client outlives the step that opens it
	settings, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil { // it may hold paths and what is in files
		return nil, newBucketError(ctx, op, answer{}, errSettings)
	}
	if settings.Region == "" {
		settings.Region = "us-east-1" // S3 says which one it is
	}
	if credentials := settings.Credentials; credentials != nil {
		settings.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			c, err := credentials.Retrieve(ctx)
			if err != nil && ctx.Err() == nil {
				err = errSignIn
			}
			return c, err
		})
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // few services but S3 have a host for each bucket
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	if at := client.Options().BaseEndpoint; at != nil && !isSafe(*at) {
		return nil, newBucketError(ctx, op, answer{}, errPlain)
	}
	return &s3Bucket{name: name, client: client}, nil
}

var regionName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// do asks the service, and asks that of another region if the bucket is there.
func (b *s3Bucket) do(ctx context.Context, op string, ask func(*s3.Client) error) error {
	b.mu.Lock()
	client := b.client
	b.mu.Unlock()
	err := ask(client)
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if ok && response.Response != nil {
		region := response.Response.Header.Get("X-Amz-Bucket-Region")
		if regionName.MatchString(region) && region != client.Options().Region {
			client = s3.New(client.Options(), func(o *s3.Options) { o.Region = region })
			b.mu.Lock()
			b.client = client
			b.mu.Unlock()
			err = ask(client)
		}
	}
	return newBucketError(ctx, op, answerS3(err), err)
}

// answerS3 returns what an error tells of an answer.
func answerS3(err error) (a answer) {
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && response.Response != nil {
		a.status = response.HTTPStatusCode()
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		a.code = e.ErrorCode()
	}
	return a
}

func (b *s3Bucket) each(ctx context.Context, prefix string, emit func(object)) error {
	const op = "list objects"
	for token := (*string)(nil); ; {
		var page *s3.ListObjectsV2Output
		asked, w := watched(ctx, stall)
		err := b.do(asked, op, func(c *s3.Client) (err error) {
			page, err = c.ListObjectsV2(asked, &s3.ListObjectsV2Input{
				Bucket: &b.name, Prefix: &prefix, ContinuationToken: token,
				EncodingType: types.EncodingTypeUrl, // XML has no way to write some names
			})
			return err
		})
		w.end()
		if err != nil {
			return err
		}
		next, more := aws.ToString(page.NextContinuationToken), aws.ToBool(page.IsTruncated)
		// The SDK takes an answer without a byte, and any XML, for a last page that is empty.
		// Objects of a page that is missed would be missing without a sign.
		if page.Name == nil || page.IsTruncated == nil || more && (next == "" || next == aws.ToString(token)) {
			return newBucketError(ctx, op, answer{}, errAnswer)
		}
		for _, item := range page.Contents {
			name := aws.ToString(item.Key)
			if page.EncodingType == types.EncodingTypeUrl {
				if name, err = url.QueryUnescape(name); err != nil {
					return newBucketError(ctx, op, answer{}, errAnswer)
				}
			}
			if name == "" || item.Size == nil || aws.ToString(item.ETag) == "" {
				return newBucketError(ctx, op, answer{}, errAnswer)
			}
			emit(object{name, *item.Size, *item.ETag})
		}
		if !more {
			return nil
		}
		token = &next
	}
}

func (b *s3Bucket) head(ctx context.Context, name string) (o object, err error) {
	const op = "look at an object"
	ctx, w := watched(ctx, stall)
	defer w.end()
	err = b.do(ctx, op, func(c *s3.Client) error {
		found, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &name})
		if err == nil && (found.ContentLength == nil || aws.ToString(found.ETag) == "") {
			return errAnswer
		}
		if err == nil {
			o = object{name, *found.ContentLength, *found.ETag}
		}
		return err
	})
	return o, err
}

func (b *s3Bucket) get(ctx context.Context, o object, at int64) (body io.ReadCloser, err error) {
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &o.name, IfMatch: &o.version}
	if at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", at))
	}
	err = b.do(ctx, "read an object", func(c *s3.Client) error {
		found, err := c.GetObject(ctx, in)
		if err != nil {
			return err
		}
		// A service or a proxy may know neither conditions nor ranges.
		switch {
		case aws.ToString(found.ETag) != o.version:
			err = csvschema.ErrSourceChanged
		case at > 0 && aws.ToString(found.ContentRange) != fmt.Sprintf("bytes %d-%d/%d", at, o.size-1, o.size):
			err = errAnswer
		}
		if err != nil {
			_ = found.Body.Close()
			return err
		}
		body = found.Body
		return nil
	})
	return body, changed(err)
}

// partBytes is how large the parts of objects are that are not sent by one request. An
// object may have 10,000 of them. Tests make them small.
var partBytes int64 = 64 << 20

func (b *s3Bucket) put(ctx context.Context, name string, from *watchedFile) (err error) {
	const op = "create an object"
	for range 3 {
		err = b.do(ctx, op, func(c *s3.Client) error {
			if from.size > partBytes {
				return b.putParts(ctx, c, name, from)
			}
			made, err := c.PutObject(ctx, &s3.PutObjectInput{
				Bucket: &b.name, Key: &name, Body: from.part(0, from.size), ContentLength: &from.size, ContentType: &octets, IfNoneMatch: aws.String("*"),
			})
			if err == nil && aws.ToString(made.ETag) == "" {
				err = errAnswer
			}
			return err
		})
		// Somebody else made one just then, or took it away. It asks to be asked again.
		if e, ok := errors.AsType[*bucketError](err); !ok || e.status != http.StatusConflict {
			break
		}
	}
	return isThere(err)
}

var octets = "application/octet-stream"

// putParts sends a large file in parts, which nobody sees. One request then makes an object
// of them, on a condition.
func (b *s3Bucket) putParts(ctx context.Context, c *s3.Client, name string, from *watchedFile) (err error) {
	upload, err := c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &b.name, Key: &name, ContentType: &octets})
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		_, _ = c.AbortMultipartUpload(after, &s3.AbortMultipartUploadInput{Bucket: &b.name, Key: &name, UploadId: upload.UploadId}) // they cost, and are not seen
	}()
	size := max(partBytes, from.size/9_999+1)
	var parts []types.CompletedPart
	for at := int64(0); at < from.size; at += size {
		part := from.part(at, size)
		number, length := int32(len(parts)+1), part.Size()
		sent, err := c.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &b.name, Key: &name, UploadId: upload.UploadId, PartNumber: &number, Body: part, ContentLength: &length,
		})
		if err != nil {
			return err
		}
		parts = append(parts, types.CompletedPart{
			PartNumber: &number, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32,
		})
	}
	made, err := c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &b.name, Key: &name, UploadId: upload.UploadId, IfNoneMatch: aws.String("*"), MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err == nil && aws.ToString(made.ETag) == "" {
		err = errAnswer
	}
	return err
}

func (b *s3Bucket) hides(ctx context.Context, name string) (bool, error) {
	ctx, w := watched(ctx, stall)
	defer w.end()
	var status int
	err := b.do(ctx, "ask without credentials", func(c *s3.Client) error {
		anybody := s3.New(c.Options(), func(o *s3.Options) { o.Credentials = aws.AnonymousCredentials{} })
		_, err := anybody.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &name})
		status = answerS3(err).status
		return err
	})
	if status == http.StatusForbidden || status == http.StatusUnauthorized {
		return true, nil
	}
	return false, err
}
