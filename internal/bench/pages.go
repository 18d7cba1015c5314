package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/portal"
	"github.com/kaoping/kaoping/store/query"
)

const (
	// readers are at the pages at the same time; each opens one a second.
	readers = 20
	// views is how often each page is opened, saves how often a score is saved.
	views, saves = 30, 600
	// pageTime and saveTime bound the 95th of a hundred answers, pageWeight what a first visit fetches, fonts aside.
	pageTime   = 100 * time.Millisecond
	saveTime   = 20 * time.Millisecond
	pageWeight = 300_000
)

// visitors are people at the pages of a year that was played.
type visitors struct {
	server  *httptest.Server
	clients map[string]*http.Client
	year    string            // where the year's pages begin
	words   *strings.Replacer // what stands for the year's own units and numbers

	mu    sync.Mutex
	times map[string][]time.Duration // of the answers, on the server, by what was asked
}

// askedFor names what is asked, for the time that its answer takes.
const askedFor = "Bench-Asked-For"

// pages measures every page of the played year, and then the saving of scores in it.
func (b *bench) pages(ctx context.Context, s *stage, cycle query.Cycle) ([]figure, error) {
	v, err := s.visitors(ctx, cycle)
	if err != nil {
		return nil, err
	}
	defer v.server.Close()
	// A sheet with its forms is heavier than one that is in.
	if err := s.reopen(ctx, cycle); err != nil {
		return nil, err
	}
	heaviest, weight, err := v.weigh(ctx)
	if err != nil {
		return nil, err
	}
	b.tell("%d readers open each of %d pages %d times", readers, len(samples), views)
	if err := v.read(ctx); err != nil {
		return nil, err
	}
	slowest := v.slowest()
	for _, page := range slowest[:5] {
		b.tell("p95 of %s: %s", page, percentile(v.times[page]).Round(100*time.Microsecond))
	}
	b.tell("%d readers save %d scores", readers, saves)
	if err := v.save(ctx, s, cycle); err != nil {
		return nil, err
	}
	saving := percentile(v.times[savingScore])
	stands := fmt.Sprintf("%d units × 40 indicators × 3 assessors", manyUnits)
	return []figure{
		timeFigure(fmt.Sprintf("p95 of the slowest page, %s, with %d readers and %s", strings.TrimPrefix(slowest[0], "GET "), readers, stands), percentile(v.times[slowest[0]]), pageTime),
		timeFigure("p95 of saving a score among them", saving, saveTime),
		{
			name: "first visit of the heaviest page, " + heaviest, ours: fmt.Sprintf("%d kB", (weight+999)/1000),
			reference: fmt.Sprintf("%d kB", pageWeight/1000), ratio: float64(weight) / pageWeight, bound: 1,
		},
	}, nil
}

func timeFigure(name string, ours, most time.Duration) figure {
	text := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }
	return figure{name: name, ours: text(ours), reference: text(most), ratio: ours.Seconds() / most.Seconds(), bound: 1}
}

// percentile is the 95th of a hundred.
func percentile(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)*95+99)/100-1]
}

// visitors opens the portal on the stage's office, and signs everybody in who looks at a page.
func (s *stage) visitors(ctx context.Context, cycle query.Cycle) (*visitors, error) {
	pages, err := portal.New(portal.Config{Office: s.office, URL: "http://kaoping.example"})
	if err != nil {
		return nil, err
	}
	v := &visitors{clients: map[string]*http.Client{}, times: map[string][]time.Duration{}}
	if v.words, err = s.words(ctx, cycle); err != nil {
		return nil, err
	}
	v.year = fmt.Sprintf("/rehearsal/%d/%s/%d/", cycle.Rehearsal, cycle.Authority, cycle.Year)
	passwords, err := s.office.RehearsalLogins(ctx, cycle)
	if err != nil {
		return nil, err
	}
	v.server = httptest.NewServer(v.timed(pages))
	for _, sample := range samples {
		login := v.words.Replace(sample.login)
		if v.clients[login] != nil {
			continue
		}
		if v.clients[login], err = v.signIn(ctx, login, passwords[login]); err != nil {
			v.server.Close()
			return nil, err
		}
	}
	return v, nil
}

// timed keeps how long each answer takes on the server.
func (v *visitors) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		next.ServeHTTP(w, r)
		if asked := r.Header.Get(askedFor); asked != "" {
			v.mu.Lock()
			v.times[asked] = append(v.times[asked], time.Since(began))
			v.mu.Unlock()
		}
	})
}

// signIn is the browser of somebody, or of nobody in particular.
func (v *visitors) signIn(ctx context.Context, login, password string) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: readers},
	}
	if login == "" {
		return client, nil
	}
	form := url.Values{"login": {login}, "password": {password}, "next": {"/"}}
	status, _, err := v.send(ctx, client, http.MethodPost, v.server.URL+"/login", "", form)
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("%s could not sign in: %d", login, status)
	}
	return client, err
}

func (v *visitors) send(ctx context.Context, client *http.Client, method, address, asked string, form url.Values) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set(askedFor, asked)
	if method == http.MethodPost {
		request.Header.Set("HX-Request", "true")
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, body, errors.Join(err, answer.Body.Close())
}

// open opens a page as its reader does.
func (v *visitors) open(ctx context.Context, pattern, asked string) ([]byte, error) {
	sample := samples[pattern]
	path := v.words.Replace(sample.path)
	if !strings.HasPrefix(path, "/") {
		path = v.year + path
	}
	status, body, err := v.send(ctx, v.clients[v.words.Replace(sample.login)], http.MethodGet, v.server.URL+path, asked, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s as %s is answered %d", path, v.words.Replace(sample.login), status)
	}
	return body, err
}

var linked = regexp.MustCompile(`(?:href|src)="(/static/[^"#]+)`)

// weigh is the page whose first visit fetches the most, with what it links to; and it finds pages without a sample.
func (v *visitors) weigh(ctx context.Context) (heaviest string, weight int, err error) {
	statics := map[string]int{}
	for _, pattern := range portal.Patterns() {
		if _, known := samples[pattern]; !strings.HasPrefix(pattern, "GET ") || slices.Contains(noPages, pattern) {
			continue
		} else if !known {
			return "", 0, fmt.Errorf("nobody looks at %s: give it a sample", pattern)
		}
		body, err := v.open(ctx, pattern, "")
		if err != nil {
			return "", 0, err
		}
		text, err := unzipped(body)
		if err != nil {
			return "", 0, fmt.Errorf("couldn't read %s: %w", pattern, err)
		}
		total, seen := len(body), map[string]bool{}
		for _, link := range linked.FindAllStringSubmatch(text, -1) {
			if seen[link[1]] {
				continue
			}
			seen[link[1]] = true
			if _, known := statics[link[1]]; !known {
				_, file, err := v.send(ctx, v.clients[""], http.MethodGet, v.server.URL+link[1], "", nil)
				if err != nil {
					return "", 0, err
				}
				statics[link[1]] = len(file)
			}
			total += statics[link[1]]
		}
		if total > weight {
			heaviest, weight = strings.TrimPrefix(pattern, "GET "), total
		}
	}
	return heaviest, weight, nil
}

// unzipped is the text of an answer; a short one is not compressed.
func unzipped(body []byte) (string, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return string(body), nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(reader)
	return string(text), err
}

// read lets the readers open the pages, in any order.
func (v *visitors) read(ctx context.Context) error {
	var queue []string
	for pattern := range samples {
		queue = append(queue, slices.Repeat([]string{pattern}, views)...)
	}
	rand.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	return everySecond(ctx, len(queue), func(ctx context.Context, n int) error {
		_, err := v.open(ctx, queue[n], queue[n])
		return err
	})
}

// everySecond lets each reader do the next thing once a second, until all are done.
func everySecond(ctx context.Context, things int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for reader := range readers {
		group.Go(func() error {
			// They don't begin at the same moment.
			next := time.After(time.Duration(reader) * time.Second / readers)
			for n := reader; n < things; n += readers {
				select {
				case <-next:
				case <-ctx.Done():
					return ctx.Err()
				}
				next = time.After(time.Second)
				if err := do(ctx, n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// slowest are the pages by the 95th of a hundred of their answers, the slowest one first.
func (v *visitors) slowest() []string {
	return slices.SortedFunc(maps.Keys(samples), func(a, b string) int {
		return cmp.Compare(percentile(v.times[b]), percentile(v.times[a]))
	})
}

const savingScore = "saving a score"

// save lets an assessor's scores be saved.
func (v *visitors) save(ctx context.Context, s *stage, cycle query.Cycle) error {
	set, err := s.office.Store.DataSet(ctx, cycle)
	if err != nil {
		return err
	}
	methods := map[string]string{}
	for _, indicator := range set.Plan.Indicators {
		methods[indicator.Code] = indicator.Methods[0]
	}
	scores, err := s.office.Store.ScoreCycle(ctx, query.ScoreCycleParams{CycleID: cycle.CycleID})
	if err != nil {
		return err
	}
	scores = slices.DeleteFunc(scores, func(score query.ScoreCycleRow) bool { return score.Assessor != "web1" })
	rand.Shuffle(len(scores), func(i, j int) { scores[i], scores[j] = scores[j], scores[i] })
	today := calendar.DateOf(s.office.Store.Now(cycle)).String()
	return everySecond(ctx, saves, func(ctx context.Context, n int) error {
		score := scores[n%len(scores)]
		form := url.Values{
			"indicator": {score.Indicator}, "points": {"0.5"}, "reason": {"专栏更新不及时"}, "method": {methods[score.Indicator]},
			"place": {"单位网站"}, "day": {today}, "seen": {"最近一次更新在三个月以前"},
		}
		address := v.server.URL + v.year + "sheets/" + url.PathEscape(score.Unit)
		status, body, err := v.send(ctx, v.clients["web1"], http.MethodPost, address, savingScore, form)
		if err == nil && status != http.StatusNoContent {
			err = fmt.Errorf("a score of %s is answered %d: %s", score.Unit, status, body)
		}
		return err
	})
}

// reopen makes the closed year one in the middle of its reviews, past all rules.
func (s *stage) reopen(ctx context.Context, cycle query.Cycle) (err error) {
	db, err := sql.Open("postgres", s.Postgres.AdminURL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, change := range []string{
		`UPDATE cycles SET state = 'running' WHERE cycle_id = $1`,
		`UPDATE assessments SET state = 'review' WHERE cycle_id = $1`,
		`UPDATE sheets SET state = 'open' WHERE cycle_id = $1`,
	} {
		if _, err := db.ExecContext(ctx, change, cycle.CycleID); err != nil {
			return fmt.Errorf("couldn't reopen the year: %w", err)
		}
	}
	return nil
}
