package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// Check refuses a URL at which there is something, also below it for a folder. Whoever may
// only write cannot be told; then writing is refused.
func (s *storage) Check(name string, folder bool) error {
	at, err := parseBlobURL(name)
	switch {
	case err != nil:
		return err
	case at.name == "" && !folder:
		return fault.WithHint(fmt.Errorf("%s: names a container, and this output is a file", name), "add the name of a blob")
	}
	c, err := s.open(name)
	if err != nil {
		return err
	}
	there := false
	if folder {
		for _, listErr := range c.Blobs(s.ctx) {
			there, err = listErr == nil, listErr
			break
		}
	} else {
		_, err = c.Blob(s.ctx, at.name)
		there = err == nil
	}
	switch {
	case there:
		return fault.WithHint(fmt.Errorf("%s: exists already", name), "choose another name: what is in a container is never replaced")
	case err != nil && !isGone(err) && !errors.Is(err, fs.ErrPermission):
		return fault.In(name, told(err))
	}
	return nil
}

// Put makes a blob.
func (s *storage) Put(name string, content io.Reader) error {
	at, err := parseBlobURL(name)
	if err != nil {
		return err
	}
	c, err := s.open(at.container)
	if err != nil {
		return err
	}
	ctx, release, end := untilWritten(s.ctx)
	defer end()
	made, err := c.Create(ctx, at.name, func(w io.Writer) error {
		_, err := io.Copy(w, content)
		release()
		return err
	})
	if made.ETag != "" {
		if s.made == nil {
			s.made = map[string]azure.Blob{}
		}
		s.made[name] = made
	}
	if err == nil {
		return nil
	}
	if made.ETag != "" { // it was made, and cannot be read back
		if removeErr := s.Remove(name); removeErr != nil {
			return fmt.Errorf("%w; it exists now, and could not be removed", told(err))
		}
	}
	return told(err)
}

// untilWritten returns a context that ends with another, until release is called: then it
// goes on for some time. A blob must not appear after a run that was interrupted has said
// that there is none. End frees what it holds.
func untilWritten(ctx context.Context) (longer context.Context, release, end func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	return longer, func() {
		if stop() {
			stop = context.AfterFunc(ctx, func() { time.AfterFunc(removeTime, cancel) })
		}
	}, func() { stop(); cancel() }
}

// removeTime is how long it may take to make a blob of what was written, and to remove it,
// after a run was interrupted.
const removeTime = 5 * time.Second

// Remove removes a blob that Put made, unless somebody has changed it.
func (s *storage) Remove(name string) error {
	at, err := parseBlobURL(name)
	if err != nil {
		return err
	}
	c, err := s.open(at.container)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), removeTime)
	defer cancel()
	return told(c.Delete(ctx, s.made[name]))
}
