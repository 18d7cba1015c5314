package office

import (
	"context"
	"fmt"

	"github.com/kaoping/kaoping/store"
)

// filesKept refuses evidence whose file was never handed in: a digest alone proves nothing (A8(5)).
func (d *Desk) filesKept(ctx context.Context, items []ReportItem) error {
	var reasons []string
	for _, item := range items {
		for i, evidence := range item.Evidence {
			kept, err := d.fileKept(ctx, evidence)
			if err != nil {
				return err
			}
			if !kept {
				reasons = append(reasons, fmt.Sprintf("indicator %s: the file of evidence %d is not kept: attach it again", item.Indicator, i+1))
			}
		}
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

// fileKept tells whether the evidence's file is there; of a link nothing is asked.
func (d *Desk) fileKept(ctx context.Context, evidence Evidence) (bool, error) {
	if evidence.SHA256 == "" {
		return true, nil
	}
	kept, err := d.Evidence.Has(ctx, evidence.SHA256)
	if err != nil {
		return false, &store.Error{Kind: store.Unavailable, Reasons: []string{"couldn't reach the evidence store"}, Err: err}
	}
	return kept, nil
}
