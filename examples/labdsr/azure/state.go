package azure

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// A state is what a run of Export keeps on the disk, so that a run that was interrupted goes
// on where it stopped: which labs were asked, and since when their blobs are new.
//
// It holds no polling URL. The resource manager signs these (their parameters t, c, s and h),
// so that one is a credential for the time that the operation is known, and without the
// signature it may be worth nothing. The blobs tell as well that a lab was exported.
//
// It names no lab either: there are hashes, salted by each run.
type state struct {
	mu   sync.Mutex
	path string // "" if nothing is kept
	kept keptState
}

// keptState is the file.
type keptState struct {
	Format int       `json:"labdsrExport"`
	Salt   string    `json:"salt"`
	Run    string    `json:"run"`   // what was asked for: hash
	Began  time.Time `json:"began"` // of this machine's clock
	// Newest is when the newest blob of the container was changed, before the first lab was
	// asked, by the clock of the store. Blobs that were changed later are of the run.
	Newest time.Time `json:"newest"`
	Asked  []string  `json:"asked"` // labs that may have been asked, and whose answer was no error: hashes
	Taken  []string  `json:"taken"` // of these, the ones for which the service said that it exports them
}

const (
	stateFormat  = 1
	maxStateSize = 1 << 20
	// maxStateAge is how long after its beginning a run can go on. What was written then may
	// be of another day, which is another export.
	maxStateAge = 24 * time.Hour
)

// The reasons for which a state file is not used. They are in a [StateError].
var (
	ErrStateOther   = errors.New("of another run: other labs, another container or another day to begin with")
	ErrStateOld     = errors.New("of a run that began more than a day ago")
	ErrStateShared  = errors.New("others can read it, or it is no plain file")
	ErrStateDamaged = errors.New("no state file of an export")
)

// A StateError says that a state file cannot be read, written or used. It does not name the
// file, which the caller knows.
type StateError struct{ Err error }

func (e *StateError) Error() string { return "labdsr: state file: " + reason(e.Err).Error() }

// Unwrap returns one of the reasons, or an error of the file system.
func (e *StateError) Unwrap() error { return e.Err }

// reason returns what is wrong with a file without its path.
func reason(err error) error {
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		return inPath.Err
	}
	if inLink, ok := errors.AsType[*os.LinkError](err); ok {
		return inLink.Err
	}
	return err
}

// openState reads the state file at a path, and reports whether there was one. Run is what
// was asked for. A new one is not written before [state.begin].
func openState(path string, run []string, now time.Time) (*state, bool, error) {
	s := &state{path: path}
	if path == "" {
		return s, false, nil
	}
	text, err := readPrivate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		salt := make([]byte, 16)
		_, _ = rand.Read(salt) // never fails
		s.kept = keptState{Format: stateFormat, Salt: hex.EncodeToString(salt), Began: now.UTC(), Asked: []string{}, Taken: []string{}}
		s.kept.Run = s.hash(run...)
		return s, false, nil
	case err != nil:
		return nil, false, &StateError{err}
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.kept); err != nil || d.More() || s.kept.Format != stateFormat {
		return nil, false, &StateError{ErrStateDamaged}
	}
	switch age := now.Sub(s.kept.Began); {
	case s.kept.Run != s.hash(run...):
		return nil, false, &StateError{ErrStateOther}
	case age > maxStateAge || age < -maxStateAge:
		return nil, false, &StateError{ErrStateOld}
	}
	return s, true, nil
}

// readPrivate reads a small file that only its owner can read.
func readPrivate(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return "", ErrStateShared
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	if opened, err := file.Stat(); err != nil || !os.SameFile(info, opened) {
		return "", ErrStateShared
	}
	text, err := io.ReadAll(io.LimitReader(file, maxStateSize+1))
	if err == nil && len(text) > maxStateSize {
		err = ErrStateDamaged
	}
	return string(text), err
}

// hash hashes texts with the salt of the run.
func (s *state) hash(texts ...string) string {
	h := sha256.New()
	for _, text := range append([]string{s.kept.Salt}, texts...) {
		n := sha256.Sum256([]byte(text)) // so that no two lists are one text
		_, _ = h.Write(n[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// begin writes the file of a new run.
func (s *state) begin(newest time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Newest = newest.UTC()
	return s.write()
}

// newest returns when the newest blob was changed before the run began.
func (s *state) newest() time.Time { return s.kept.Newest }

// wasAsked reports whether a lab may have been asked, and whether the service has said that
// it exports it.
func (s *state) wasAsked(l Lab) (asked, taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.hash(l.key())
	return slices.Contains(s.kept.Asked, key), slices.Contains(s.kept.Taken, key)
}

// ask records that a lab is asked. It is on the disk before the lab is.
func (s *state) ask(l Lab) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Asked = append(s.kept.Asked, s.hash(l.key()))
	return s.write()
}

// taken records that the service has said that it exports a lab.
func (s *state) taken(l Lab) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Taken = append(s.kept.Taken, s.hash(l.key()))
	return s.write()
}

// fail records that a lab was not exported, so that it is asked again when the run goes on.
func (s *state) fail(l Lab) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.hash(l.key())
	is := func(one string) bool { return one == key }
	s.kept.Asked, s.kept.Taken = slices.DeleteFunc(s.kept.Asked, is), slices.DeleteFunc(s.kept.Taken, is)
	return s.write()
}

// write writes the file, whole or not at all. Only its owner can read it.
func (s *state) write() error {
	if s.path == "" {
		return nil
	}
	text, err := json.Marshal(s.kept)
	if err != nil {
		return &StateError{err}
	}
	next := filepath.Join(filepath.Dir(s.path), ".labdsr-"+filepath.Base(s.path)+".new")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &StateError{err}
	}
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &StateError{err}
	}
	_, err = file.Write(append(text, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(next, s.path)
	}
	if err != nil {
		_ = os.Remove(next)
		return &StateError{err}
	}
	return nil
}

// end removes the file: the run has ended by itself.
func (s *state) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		return nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &StateError{err}
	}
	return nil
}
