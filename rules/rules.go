// Package rules is the regulations as data and arithmetic: rule sets, one
// year's scheme, and the points, grades, ranks and explanations that follow
// from them. It computes exactly and knows no database, no clock and no other
// package of the project.
package rules
