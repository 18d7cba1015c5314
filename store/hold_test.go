package store

import "testing"

// Of two processes one plays a rehearsal's people; the other may when the first is gone.
func TestARehearsalIsHeldOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := open(t, Config{URL: b.url})
	release, held, err := b.Hold(t.Context(), 7)
	must(t, err)
	if !held {
		t.Fatal("nobody holds it, and it can't be held")
	}
	if _, held, err := other.Hold(t.Context(), 7); err != nil || held {
		t.Errorf("two hold it (%v)", err)
	}
	if free, held, err := other.Hold(t.Context(), 8); err != nil || !held {
		t.Errorf("another rehearsal can't be held (%v)", err)
	} else {
		free()
	}
	release()
	free, held, err := other.Hold(t.Context(), 7)
	must(t, err)
	if !held {
		t.Fatal("it was let go, and can't be held")
	}
	free()
}
