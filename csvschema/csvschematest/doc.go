// Package csvschematest makes synthetic exports for tests, with the ground truth
// beside them.
package csvschematest
