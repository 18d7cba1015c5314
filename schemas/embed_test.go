package schemas_test

import (
	"io/fs"
	"testing"

	"github.com/kaoping/kaoping/schemas"
)

// What the programs need is embedded, and under these names.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for name, fsys := range map[string]fs.FS{
		"rules/pingliang-2022.yaml":     schemas.Rules,
		"data/pingliang/scheme.yaml":    schemas.Data,
		"data/pingliang/units.csv":      schemas.Data,
		"data/pingliang/people.csv":     schemas.Data,
		"data/pingliang/indicators.csv": schemas.Data,
	} {
		if _, err := fs.Stat(fsys, name); err != nil {
			t.Errorf("%s is not embedded: %v", name, err)
		}
	}
}
