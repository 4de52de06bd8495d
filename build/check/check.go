// Package check holds the tests that guard the repository as a whole: which package may import which, that every package
// says what it is for, and that no dependency falls below a version with a known fault. It parses the files rather than
// asking the go command, so that no cached answer and no build tag hides an import.
//
// It owns no product code; the tests of behaviour live beside what they test.
package check
