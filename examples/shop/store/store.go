// Package store keeps the orders in SQLite. sqlc writes its queries from query.sql.
package store

import (
	"context"
	"database/sql"
	_ "embed"

	_ "modernc.org/sqlite" // in Go: no C compiler is needed
)

//go:embed schema.sql
var schema string

// Open returns an empty database in memory.
func Open(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	if _, err := db.ExecContext(ctx, schema); err != nil {
		_ = db.Close() // the first error is reported
		return nil, err
	}
	return db, nil
}
