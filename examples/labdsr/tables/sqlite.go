package tables

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
)

// A Database is a database file of SQLite with all tables.
type Database struct{}

var errNotYet = errors.New("tables: SQLite is not written yet")

// NewSQLite makes a database.
func NewSQLite(ctx context.Context, path string) (*Database, error) { return nil, errNotYet }

// Table returns the writer of a table, which it makes.
func (d *Database) Table(ctx context.Context, t Table, s *arrow.Schema) (Writer, error) {
	return nil, errNotYet
}

// Close finishes the database.
func (d *Database) Close() error { return errNotYet }
