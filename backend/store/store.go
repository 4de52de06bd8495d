// Package store keeps everything: SQL, schema, migrations, the transaction and the log.
package store

// Store is one open database.
type Store struct{}
