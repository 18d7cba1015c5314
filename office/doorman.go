package office

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kaoping/kaoping/store"
)

// How many may fail: an address 20 times at once and 10 times a minute, an account five times without consequence.
// Logins that succeed cost nothing: a whole office may sign in behind one address on the same morning.
const (
	failuresFree   = 5
	lockFirst      = 30 * time.Second
	lockLongest    = 5 * time.Minute
	addressEvery   = 6 * time.Second
	addressBurst   = 20
	addressPending = 64
	// remembered bounds each map; the one seen longest ago is forgotten first.
	remembered = 10_000
	// longestName is more than an authority and a login can have: what is longer is nobody's anyway.
	longestName = 80
	// hashesAtOnce bounds memory and processors: each takes 64 MiB.
	hashesAtOnce = 2
)

// lockFor is how long the n-th failure in a row locks: not before the sixth, then 30 s, doubling to at most 5 minutes.
// It is short since anybody can lock an account that is not his.
func lockFor(failures int) time.Duration {
	lock := time.Duration(0)
	for n := failuresFree + 1; n <= failures && lock < lockLongest; n++ {
		lock = min(max(2*lock, lockFirst), lockLongest)
	}
	return lock
}

// doorman is what one process remembers of those who try to sign in. Its zero value is ready.
type doorman struct {
	mu        sync.Mutex
	addresses recent[visitor]
	strangers recent[stranger]
	opened    sync.Once
	slots     chan struct{}
	passwords passwords
}

// visitor is a client's address.
type visitor struct {
	limiter *rate.Limiter
	// pending are its attempts that are being looked at; there is a bound, since none of them has failed yet.
	pending int
}

// stranger is a login without an account: it locks as an account does, so that a lock tells nobody whether there is one.
type stranger struct {
	failures int
	until    time.Time
}

// enter lets an address try once; false if it failed too often. Whoever entered says how it ended.
func (d *doorman) enter(address string, now time.Time) (leave func(failed bool), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := d.addresses.at(networkOf(address), now)
	if from.limiter == nil {
		from.limiter = rate.NewLimiter(rate.Every(addressEvery), addressBurst)
	}
	if from.limiter.TokensAt(now) < 1 || from.pending >= addressPending {
		return nil, false
	}
	from.pending++
	return func(failed bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		from.pending--
		if failed {
			from.limiter.AllowN(now, 1)
		}
	}, true
}

// networkOf takes the addresses that one customer of an IPv6 network has as one.
func networkOf(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || parsed.Unmap().Is4() {
		return address
	}
	network, err := parsed.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

// charge counts a failure of a login without an account; false if it is locked.
func (d *doorman) charge(login string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	unknown := d.strangers.at(login[:min(len(login), longestName)], now)
	if now.Before(unknown.until) {
		return false
	}
	unknown.failures++
	unknown.until = now.Add(lockFor(unknown.failures))
	return true
}

// slot waits for one of the few places in which a production hash may be computed.
func (d *doorman) slot(ctx context.Context) (free func(), err error) {
	d.opened.Do(func() { d.slots = make(chan struct{}, hashesAtOnce) })
	select {
	case d.slots <- struct{}{}:
		return func() { <-d.slots }, nil
	case <-ctx.Done():
		return nil, &store.Error{Kind: store.Unavailable, Err: ctx.Err()}
	}
}

// recent is a map that forgets.
type recent[V any] struct {
	entries map[string]*V
	seen    map[string]time.Time
}

// at is the value of a key, a new one if it is not known.
func (r *recent[V]) at(key string, now time.Time) *V {
	if r.entries == nil {
		r.entries, r.seen = map[string]*V{}, map[string]time.Time{}
	}
	value, known := r.entries[key]
	if !known {
		if len(r.entries) >= remembered {
			r.forgetOldest()
		}
		value = new(V)
		r.entries[key] = value
	}
	r.seen[key] = now
	return value
}

func (r *recent[V]) forgetOldest() {
	var oldest string
	var at time.Time
	for key, seen := range r.seen {
		if at.IsZero() || seen.Before(at) {
			oldest, at = key, seen
		}
	}
	delete(r.entries, oldest)
	delete(r.seen, oldest)
}
