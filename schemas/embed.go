// Package schemas holds what data looks like, as files: rule sets, the schemas
// of what is exchanged, and sample data, embedded for the programs.
package schemas

import "embed"

// Rules are the built-in rule sets, under rules/.
//
//go:embed rules/*.yaml
var Rules embed.FS

// Data are the sample data sets, one folder each under data/.
//
//go:embed data
var Data embed.FS

// Migrations bring a database to the newest schema, under migrations/.
//
//go:embed migrations/*.sql
var Migrations embed.FS
