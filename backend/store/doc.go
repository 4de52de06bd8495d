// Package store keeps everything in one SQLite database: schema, migrations, the one transaction and the log.
//
// It owns SQL and the files, and decides nothing: the hub hands it a set of Changes, and Commit writes all of them or none,
// durably (WAL, synchronous=FULL). Reading never waits for writing: readers have connections of their own. What may be
// read by whom is the hub's to know; store filters by audience because it is told to.
//
// # The log
//
// Each thing that happens has a number, seq, without gaps. A posted message is its own entry in the log (its bytes are
// written once); everything else is a row of the table event, whose body is the JSON as it is told. Both name their
// audience: a message its conversation, an event one of everybody, the directory, a user, or a conversation.
//
// # On disk
//
// PATH is the database, PATH-wal and PATH-shm belong to it, PATH.lock is held while it is open, so that two servers never
// share one. Never copy the database of a running server by file: Backup does it right.
package store
