// Package documents reads and writes what an office keeps in files: the tables and the scheme of a data set, the
// spreadsheet of approved results (A12), and the evidence behind self-reports (A8(5)), which it stores by its SHA-256.
package documents
