package store

import "testing"

func TestVersions(t *testing.T) {
	t.Parallel()
	has, knows, err := open(t, Config{URL: freshDatabase(t, "")}).Versions(t.Context())
	must(t, err)
	if has != 0 || knows < 1 {
		t.Errorf("a new database has version %d of %d, want none of at least 1", has, knows)
	}
	has, knows, err = open(t, Config{URL: freshDatabase(t, template)}).Versions(t.Context())
	must(t, err)
	if has != knows {
		t.Errorf("a migrated database has version %d of %d", has, knows)
	}
}
