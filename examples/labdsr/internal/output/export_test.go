package output

import "errors"

// ErrCannot is what a file system says that cannot do what was asked.
var ErrCannot = errCannot

// Fault makes calls fail.
func (s *Set) Fault(fault func(op, path string) error) { s.sys.fault = fault }

// Die does what the system does for a process that dies.
func (s *Set) Die() error {
	var err error
	for _, o := range s.begun {
		if o.lock != nil {
			err = errors.Join(err, o.lock.Close())
		}
	}
	return err
}
