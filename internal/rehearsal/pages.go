package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
)

// Pages are the portal's, on which some of the people do their part by its forms, as somebody without JavaScript does:
// so a rehearsal proves the pages too.
type Pages struct {
	// URL begins every page; Logins are the passwords of those who use them.
	URL    string
	Logins map[string]string

	mu       sync.Mutex
	browsers map[string]*http.Client
}

// browser is a person's, who has signed in. Signing in happens once.
func (p *Pages) browser(ctx context.Context, login string) (*http.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if client, ok := p.browsers[login]; ok {
		return client, nil
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	page, err := send(ctx, client, p.URL+"/login", url.Values{"login": {login}, "password": {p.Logins[login]}, "next": {"/"}})
	if err != nil {
		return nil, err
	}
	if page.form("/login") != nil {
		return nil, store.Refuse(login + " could not sign in at the portal")
	}
	if p.browsers == nil {
		p.browsers = map[string]*http.Client{}
	}
	p.browsers[login] = client
	return client, nil
}

// visit is one person on the pages of one cycle.
type visit struct {
	client *http.Client
	cycle  string
}

func (p *Pages) visit(ctx context.Context, login string, cycle office.Cycle) (visit, error) {
	client, err := p.browser(ctx, login)
	prefix := ""
	if cycle.Rehearsal > 0 {
		prefix = fmt.Sprintf("/rehearsal/%d", cycle.Rehearsal)
	}
	return visit{client, fmt.Sprintf("%s%s/%s/%d/", strings.TrimSuffix(p.URL, "/"), prefix, cycle.Authority, cycle.Year)}, err
}

func (v visit) open(ctx context.Context, format string, args ...any) (*page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.cycle+fmt.Sprintf(format, args...), http.NoBody)
	if err != nil {
		return nil, err
	}
	return do(v.client, request)
}

// send posts a form as a page's own button does.
func send(ctx context.Context, client *http.Client, address string, form url.Values) (*page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(client, request)
}

// sendFile posts a form with one file.
func sendFile(ctx context.Context, client *http.Client, address string, form url.Values, name string, content []byte) (*page, error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	var errs []error
	for field, values := range form {
		for _, value := range values {
			errs = append(errs, parts.WriteField(field, value))
		}
	}
	file, err := parts.CreateFormFile("file", name)
	if err == nil {
		_, err = file.Write(content)
	}
	if err := errors.Join(append(errs, err, parts.Close())...); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", parts.FormDataContentType())
	return do(client, request)
}

// page is an answer of the portal.
type page struct {
	address *url.URL
	root    *html.Node
}

// do asks for a page. What the portal refuses is an error of office's kinds, with the reasons that the page shows.
func do(client *http.Client, request *http.Request) (*page, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, &store.Error{Kind: store.Unavailable, Reasons: []string{"the portal does not answer"}, Err: err}
	}
	defer func() { _ = response.Body.Close() }() // all of it is read
	root, err := html.Parse(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return nil, &store.Error{Kind: store.Unavailable, Reasons: []string{"the portal's answer broke off"}, Err: err}
	}
	found := &page{address: response.Request.URL, root: root}
	switch {
	case response.StatusCode < http.StatusBadRequest:
		return found, nil
	case response.StatusCode >= http.StatusInternalServerError, response.StatusCode == http.StatusTooManyRequests:
		return nil, &store.Error{Kind: store.Unavailable, Reasons: []string{found.faults()}}
	}
	return nil, store.Refuse(found.faults())
}

// faults are what the page says is wrong.
func (p *page) faults() string {
	for node := range p.root.Descendants() {
		if node.Type == html.ElementNode && (hasClass(node, "faults") || node.Data == "h1") {
			return text(node)
		}
	}
	return "the page says nothing"
}

func hasClass(node *html.Node, class string) bool {
	for _, word := range strings.Fields(attribute(node, "class")) {
		if word == class {
			return true
		}
	}
	return false
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(node *html.Node) string {
	var words []string
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}

// form is one of a page, with the values that it would send.
type form struct {
	action string
	values url.Values
}

// form finds the one whose action ends so; nil if the page has none.
func (p *page) form(ending string) *form {
	for _, f := range p.forms(ending) {
		return f
	}
	return nil
}

// forms are those whose action, without its query, ends so.
func (p *page) forms(ending string) []*form {
	var found []*form
	for node := range p.root.Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" {
			continue
		}
		action, err := p.address.Parse(attribute(node, "action"))
		if err == nil && strings.HasSuffix(action.Path, ending) {
			found = append(found, &form{action: action.String(), values: valuesOf(node)})
		}
	}
	return found
}

// valuesOf are a form's as a browser sends them, without its buttons and files.
func valuesOf(node *html.Node) url.Values {
	values := url.Values{}
	for n := range node.Descendants() {
		name := attribute(n, "name")
		if n.Type != html.ElementNode || name == "" {
			continue
		}
		switch kind := attribute(n, "type"); {
		case n.Data == "textarea":
			values.Set(name, strings.TrimPrefix(rawText(n), "\n"))
		case n.Data == "select":
			values.Set(name, chosen(n))
		case n.Data == "input" && kind != "file" && kind != "submit" && kind != "checkbox" && kind != "radio":
			values.Set(name, attribute(n, "value"))
		}
	}
	return values
}

func rawText(node *html.Node) string {
	var out strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			out.WriteString(n.Data)
		}
	}
	return out.String()
}

// chosen is the option that stands in a field: the one that is marked, else the first.
func chosen(node *html.Node) string {
	var first, marked *html.Node
	for n := range node.Descendants() {
		if n.Type != html.ElementNode || n.Data != "option" {
			continue
		}
		if first == nil {
			first = n
		}
		for _, a := range n.Attr {
			if a.Key == "selected" {
				marked = n
			}
		}
	}
	switch {
	case marked != nil:
		return attribute(marked, "value")
	case first != nil:
		return attribute(first, "value")
	}
	return ""
}
