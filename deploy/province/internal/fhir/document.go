package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// MaxEntries bounds a bundle.
const MaxEntries = 100_000

// ErrTooManyEntries means that a bundle is longer than that.
var ErrTooManyEntries = fmt.Errorf("the bundle has more than %d entries", MaxEntries)

// Document is a bundle, or one resource that came alone.
type Document struct {
	Type       string // of the bundle, "" for one resource
	ID         string
	Identifier string // of the bundle: what the sender calls the whole
	Items      []Held
	byURL      map[string][]int
	byName     map[string][]int // "Type/id"
}

// Held is one entry as it was read.
type Held struct {
	Index   int // in the bundle, from 0
	FullURL string
	Type    string
	ID      string
	Raw     json.RawMessage
	Request *EntryRequest
	Err     error // why it cannot be read
}

// Read reads a bundle or a resource. An entry that cannot be read is kept with its
// error; one without a resource is left out.
func Read(data []byte) (*Document, error) {
	doc := &Document{byURL: map[string][]int{}, byName: map[string][]int{}}
	var head struct {
		ResourceType string          `json:"resourceType"`
		Type         string          `json:"type"`
		ID           string          `json:"id"`
		Identifier   json.RawMessage `json:"identifier"`
	}
	if err := scan(data, &head); err != nil {
		return nil, fmt.Errorf("reading FHIR: %w", err)
	}
	switch head.ResourceType {
	case "":
		return nil, fmt.Errorf("reading FHIR: %w", errNoResource)
	case "Bundle":
		doc.Type, doc.ID = head.Type, head.ID
		var id Identifier
		if len(head.Identifier) > 0 && json.Unmarshal(head.Identifier, &id) == nil {
			doc.Identifier = id.Value
		}
		if err := doc.entries(data); err != nil {
			return nil, fmt.Errorf("reading FHIR: %w", err)
		}
	default:
		doc.add(Held{Type: head.ResourceType, ID: head.ID, Raw: data})
	}
	return doc, nil
}

// scan decodes the fields of the outermost object that are wanted, and checks that
// the whole is JSON with nothing behind it.
func scan(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(into); err != nil {
		return err
	}
	if len(bytes.TrimSpace(data[d.InputOffset():])) > 0 {
		return errors.New("something stands behind the resource")
	}
	return nil
}

// entries reads the entries one after the other.
func (doc *Document) entries(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if name != "entry" {
			var skip json.RawMessage
			if err := d.Decode(&skip); err != nil {
				return err
			}
			continue
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return errors.New("a bundle has no list of entries")
		}
		for index := 0; d.More(); index++ {
			if index == MaxEntries {
				return ErrTooManyEntries
			}
			var e struct {
				FullURL  string          `json:"fullUrl"`
				Resource json.RawMessage `json:"resource"`
				Request  *EntryRequest   `json:"request"`
			}
			if err := d.Decode(&e); err != nil {
				return fmt.Errorf("reading Bundle.entry[%d]: %w", index, err)
			}
			if len(e.Resource) == 0 {
				continue
			}
			item := Held{Index: index, FullURL: e.FullURL, Raw: e.Resource, Request: e.Request}
			var head struct {
				ResourceType string `json:"resourceType"`
				ID           string `json:"id"`
			}
			if item.Err = json.Unmarshal(e.Resource, &head); item.Err == nil && head.ResourceType == "" {
				item.Err = errNoResource
			}
			item.Type, item.ID = head.ResourceType, head.ID
			doc.add(item)
		}
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	return nil
}

func (doc *Document) add(item Held) {
	n := len(doc.Items)
	doc.Items = append(doc.Items, item)
	if item.FullURL != "" {
		doc.byURL[item.FullURL] = append(doc.byURL[item.FullURL], n)
	}
	if item.ID != "" {
		name := item.Type + "/" + item.ID
		doc.byName[name] = append(doc.byName[name], n)
	}
}

// Path is where an entry stands, as FHIRPath.
func (doc *Document) Path(item Held) string {
	if doc.Type == "" && len(doc.Items) == 1 {
		return item.Type
	}
	return fmt.Sprintf("Bundle.entry[%d].resource", item.Index)
}

// Scope is where a reference stands: in an entry, or in a resource that is
// contained in it.
type Scope struct {
	doc       *Document
	item      *Held
	contained []json.RawMessage
}

// In is the scope of an entry's references; contained is what its resource
// contains.
func (doc *Document) In(item *Held, contained []json.RawMessage) Scope {
	return Scope{doc, item, contained}
}

// Errors of references.
var (
	ErrNothing   = errors.New("the reference names nothing that is here")
	ErrAmbiguous = errors.New("the reference names more than one resource")
)

// Find decodes the resource that a reference names, and returns the scope of the
// references in it.
func (s Scope) Find(reference string, into any) (Scope, error) {
	if id, local := strings.CutPrefix(reference, "#"); local {
		return s, s.inside(id, into)
	}
	n, err := s.doc.find(s.item, reference)
	if err != nil {
		return s, err
	}
	item := &s.doc.Items[n]
	if item.Err != nil {
		return s, item.Err
	}
	var head struct {
		Contained List[json.RawMessage] `json:"contained"`
	}
	if err := json.Unmarshal(item.Raw, &head); err != nil {
		return s, err
	}
	return Scope{s.doc, item, head.Contained}, json.Unmarshal(item.Raw, into)
}

// Item is the entry that a reference names.
func (s Scope) Item(reference string) (*Held, error) {
	n, err := s.doc.find(s.item, reference)
	if err != nil {
		return nil, err
	}
	return &s.doc.Items[n], nil
}

// inside looks among the contained resources alone: the same local id in another
// container is another resource.
func (s Scope) inside(id string, into any) error {
	if id == "" {
		return json.Unmarshal(s.item.Raw, into)
	}
	found := -1
	for i, raw := range s.contained {
		var head struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(raw, &head) != nil || head.ID != id {
			continue
		}
		if found >= 0 {
			return ErrAmbiguous
		}
		found = i
	}
	if found < 0 {
		return ErrNothing
	}
	return json.Unmarshal(s.contained[found], into)
}

// find resolves a reference between entries.
func (doc *Document) find(holder *Held, reference string) (int, error) {
	reference, version, versioned := strings.Cut(reference, "/_history/")
	switch {
	case reference == "":
		return 0, ErrNothing
	case strings.Contains(reference, ":"): // absolute
		return doc.one(doc.byURL[reference], version, versioned)
	case strings.Contains(reference, "?"):
		return doc.conditional(reference)
	}
	if root, ok := restRoot(holder.FullURL, holder.Type); ok {
		if at := doc.byURL[root+reference]; len(at) > 0 {
			return doc.one(at, version, versioned)
		}
	}
	// Without a RESTful fullUrl a relative reference has no meaning of its own: it
	// is taken where just one resource can be meant.
	return doc.one(doc.byName[reference], version, versioned)
}

// restRoot is what stands before "Type/id" in a RESTful address.
func restRoot(full, kind string) (string, bool) {
	if !strings.HasPrefix(full, "http") {
		return "", false
	}
	i := strings.LastIndex(full, "/"+kind+"/")
	if i < 0 {
		return "", false
	}
	return full[:i+1], true
}

func (doc *Document) one(at []int, version string, versioned bool) (int, error) {
	if versioned && len(at) > 1 {
		var same []int
		for _, n := range at {
			var head struct {
				Meta Meta `json:"meta"`
			}
			if json.Unmarshal(doc.Items[n].Raw, &head) == nil && head.Meta.VersionID == version {
				same = append(same, n)
			}
		}
		at = same
	}
	switch len(at) {
	case 0:
		return 0, ErrNothing
	case 1:
		return at[0], nil
	}
	return 0, ErrAmbiguous
}

// conditional resolves "Type?identifier=system|value".
func (doc *Document) conditional(reference string) (int, error) {
	kind, query, _ := strings.Cut(reference, "?")
	values, err := url.ParseQuery(query)
	if err != nil || len(values) != 1 || !values.Has("identifier") {
		return 0, ErrNothing
	}
	system, value, split := strings.Cut(values.Get("identifier"), "|")
	if !split {
		system, value = "", system
	}
	var at []int
	for n, item := range doc.Items {
		if item.Type != kind || item.Err != nil {
			continue
		}
		var head struct {
			Identifier List[Identifier] `json:"identifier"`
		}
		if json.Unmarshal(item.Raw, &head) != nil {
			continue
		}
		for _, id := range head.Identifier {
			if id.Value == value && (!split || id.System == system) {
				at = append(at, n)
				break
			}
		}
	}
	return doc.one(at, "", false)
}
