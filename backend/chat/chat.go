// Package chat is Parley's vocabulary: the ids, the things people talk about (users, conversations, messages), what may be
// asked for (commands), what has happened (events), what a client is told when it connects (snapshots, rights), and the
// errors. The hub, the replica and, through generated types, the user interface all speak it.
//
// It owns the shape and the validation of these things and does no input or output. It leaves decisions about rights to
// package policy, frames and limits of the connection to package wire, and keeping to package store.
//
// Conventions: times are integer milliseconds since 1970 UTC and end in At; JSON names are lowerCamel; a list is never null
// on the wire. Every string that arrives from outside passes a Validate method before it is used.
package chat

import "time"

// Millis is a time as it is kept and sent: milliseconds since 1970-01-01 UTC. Zero means never.
type Millis int64

// MillisOf returns t as Millis.
func MillisOf(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time returns m as a time.Time in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }
