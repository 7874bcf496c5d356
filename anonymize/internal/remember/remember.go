// Package remember holds what was found out about texts that come again, in bounded memory.
// It knows no column.
package remember

import (
	"bytes"
	"hash/maphash"
	"sync"
)

const (
	places   = 1024 // of Texts
	parts    = 16   // of Shared
	inPart   = 256  // texts in each of them
	maxBytes = 320  // of a text; an address has at most 254
)

var seed = maphash.MakeSeed()

// Texts are texts and what is known of each. A text has one place, by its hash, in which it
// replaces another one: nothing is allocated for it, once there is room. The zero Texts is
// empty. Only one goroutine may use it.
type Texts[V any] struct{ places []place[V] }

type place[V any] struct {
	text []byte
	v    V
	used bool
}

// Get returns what is known of a text, if it is remembered.
func (t *Texts[V]) Get(text []byte) (v V, ok bool) {
	if len(t.places) == 0 {
		return v, false
	}
	if p := t.place(text); p.used && bytes.Equal(p.text, text) {
		return p.v, true
	}
	return v, false
}

// Put remembers what is known of a text, unless the text is long.
func (t *Texts[V]) Put(text []byte, v V) {
	if len(text) > maxBytes {
		return
	}
	if t.places == nil {
		t.places = make([]place[V], places)
	}
	p := t.place(text)
	p.text, p.v, p.used = append(p.text[:0], text...), v, true
}

func (t *Texts[V]) place(text []byte) *place[V] {
	return &t.places[maphash.Bytes(seed, text)%uint64(len(t.places))]
}

// Shared is what is known of texts, for several goroutines. No text replaces another one, but
// if there are too many, some are forgotten.
type Shared[V any] struct {
	parts [parts]part[V]
}

type part[V any] struct {
	mu    sync.Mutex
	known map[string]V
}

// Get returns what is known of a text, if it is remembered.
func (s *Shared[V]) Get(text []byte) (v V, ok bool) {
	p := s.part(text)
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok = p.known[string(text)]
	return v, ok
}

// Put remembers what is known of a text, unless the text is long.
func (s *Shared[V]) Put(text []byte, v V) {
	if len(text) > maxBytes {
		return
	}
	p := s.part(text)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[string]V{}
	}
	if len(p.known) == inPart {
		clear(p.known)
	}
	p.known[string(text)] = v
}

func (s *Shared[V]) part(text []byte) *part[V] {
	return &s.parts[maphash.Bytes(seed, text)%parts]
}
