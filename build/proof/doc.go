// Package proof holds the tests that show what Parley promises: nothing told is lost, nothing comes twice, everybody has the
// same order, whatever is killed, cut, filled up, damaged or set back. Faults are done to the real programs and to real files;
// the order of frames and the crashes of one process are simulated from seeds.
//
// Each test has a sample size, for every run of the tests, and a long one, taken when PARLEY_SOAK is 1 ("make soak"). Each
// prints its figures on one line; with PARLEY_FIGURES=PAGE all of them are written into that page, docs/proof.md.
//
// It owns no product code, and no harness that another package's tests could use: that is in backend/rig.
package proof
