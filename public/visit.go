package public

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/kaoping/kaoping/internal/web"
	"github.com/kaoping/kaoping/store"
)

// visit is one request.
type visit struct {
	*Site
	w        http.ResponseWriter
	r        *http.Request
	language web.Language
	// scene is the evaluation that it is about; nil where there is none.
	scene *scene
}

// comeAgain is how long who finds the server busy is asked to wait.
const comeAgain = 5 * time.Second

// open prepares a visit; nothing that a form holds weighs more than a ballot.
func (s *Site) open(w http.ResponseWriter, r *http.Request) (*visit, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBallot)
	v := &visit{Site: s, w: w, r: r, language: web.Chinese}
	if err := r.ParseForm(); err != nil {
		return v, tooLarge(err)
	}
	v.language = languageOf(r)
	return v, nil
}

// page serves people.
func (s *Site) page(serve func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.open(w, r)
		if err == nil && r.PathValue("authority") != "" {
			v.scene, err = s.sceneOf(r)
		}
		if err == nil {
			err = serve(v)
		}
		if err != nil {
			status, key := v.statusOf(err)
			v.show(status, "told", view{Told: s.catalogue.Say(v.language, key)})
		}
	}
}

// data serves programs.
func (s *Site) data(serve func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBallot)
		v := &visit{Site: s, w: w, r: r, language: web.English}
		var err error
		if v.scene, err = s.sceneOf(r); err == nil {
			err = serve(v)
		}
		if err != nil {
			status, key := v.statusOf(err)
			v.refuse(status, []fault{wrong("", key)})
		}
	}
}

// statusOf is how an error is told; one that is nobody's fault outside is logged.
func (v *visit) statusOf(err error) (status int, key string) {
	switch {
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge, "told.large"
	case store.IsMissing(err):
		return http.StatusNotFound, "told.missing"
	case store.KindOf(err) == store.Unavailable:
		v.retryAfter(comeAgain)
		return http.StatusServiceUnavailable, "told.busy"
	case errors.Is(err, errBroken):
		return http.StatusBadRequest, "told.broken"
	}
	v.Log.Error("a request of the public failed", "path", v.r.Pattern, "error", err)
	return http.StatusInternalServerError, "told.failed"
}

func (v *visit) retryAfter(wait time.Duration) {
	v.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}

// show renders a page, whole or not at all.
func (v *visit) show(status int, name string, shown view) {
	shown.visit = v
	var out bytes.Buffer
	if err := v.templates[v.language].ExecuteTemplate(&out, name, shown); err != nil {
		v.Log.Error("a page of the public failed", "page", name, "error", err)
		http.Error(v.w, v.catalogue.Say(v.language, "told.failed"), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = out.WriteTo(v.w) // who asked is gone: nobody is left to tell
}

// json answers a program.
func (v *visit) json(status int, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("couldn't write the answer: %w", err)
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(append(text, '\n')) // who asked is gone: nobody is left to tell
	return nil
}

// refuse tells a program everything that is wrong.
func (v *visit) refuse(status int, faults []fault) {
	if err := v.json(status, map[string]any{"errors": v.tell(v.language, faults)}); err != nil {
		v.Log.Error("a refusal of the public failed", "error", err)
	}
}
