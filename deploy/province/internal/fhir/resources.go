// Package fhir has the resources of HL7 FHIR R4 that the province reads and writes,
// and the rules by which references inside a Bundle are resolved
// (https://hl7.org/fhir/R4/bundle.html#references). What a resource has beside the
// fields here is ignored when it is read.
package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Code systems and identifier types.
const (
	LOINC  = "http://loinc.org"
	SNOMED = "http://snomed.info/sct"
	V20203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
)

// MaxList bounds the lists inside one resource: a few bytes of JSON must not become
// a hundred times as many in memory.
const MaxList = 200

// List is a list inside a resource, or one element where the standard has one and a
// sender the other.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	if len(data) == 0 || data[0] != '[' {
		var one T
		err := json.Unmarshal(data, &one)
		*l = List[T]{one}
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		if len(*l) == MaxList {
			return fmt.Errorf("a list has more than %d elements", MaxList)
		}
		var one T
		if err := d.Decode(&one); err != nil {
			return err
		}
		*l = append(*l, one)
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (l List[T]) MarshalJSON() ([]byte, error) { return json.Marshal([]T(l)) }

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// Concept is a CodeableConcept.
type Concept struct {
	Coding List[Coding] `json:"coding,omitempty"`
	Text   string       `json:"text,omitempty"`
}

// Empty says whether the concept says nothing.
func (c *Concept) Empty() bool { return c == nil || len(c.Coding) == 0 && c.Text == "" }

// Identifier is a business identifier.
type Identifier struct {
	Use    string   `json:"use,omitempty"`
	Type   *Concept `json:"type,omitempty"`
	System string   `json:"system,omitempty"`
	Value  string   `json:"value,omitempty"`
}

// Kind is the code of the identifier's type, "" where it has none.
func (i Identifier) Kind() string {
	if i.Type != nil {
		for _, c := range i.Type.Coding {
			if c.Code != "" {
				return c.Code
			}
		}
	}
	return ""
}

// Reference names another resource.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// Period has a beginning and an end.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Quantity is a number with a unit.
type Quantity struct {
	Value json.Number `json:"value,omitempty"`
	Unit  string      `json:"unit,omitempty"`
}

// Meta is what a server says of a resource.
type Meta struct {
	VersionID   string `json:"versionId,omitempty"`
	LastUpdated string `json:"lastUpdated,omitempty"`
}

// Annotation is a note.
type Annotation struct {
	Text string `json:"text,omitempty"`
}

// Bundle is a container as it is written; [Read] reads one without holding all of
// it twice.
type Bundle struct {
	ResourceType string  `json:"resourceType"`
	Type         string  `json:"type"`
	Timestamp    string  `json:"timestamp,omitempty"`
	Entry        []Entry `json:"entry,omitempty"`
}

// Entry is one entry of a bundle.
type Entry struct {
	FullURL  string         `json:"fullUrl,omitempty"`
	Resource any            `json:"resource,omitempty"`
	Request  *EntryRequest  `json:"request,omitempty"`
	Response *EntryResponse `json:"response,omitempty"`
}

// EntryRequest is what to do with an entry.
type EntryRequest struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	IfNoneExist string `json:"ifNoneExist,omitempty"`
}

// EntryResponse is what was done with an entry.
type EntryResponse struct {
	Status  string   `json:"status"`
	Outcome *Outcome `json:"outcome,omitempty"`
}

// Outcome is an OperationOutcome.
type Outcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []Issue `json:"issue"`
}

// Issue is one issue of an outcome.
type Issue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Details     *Concept `json:"details,omitempty"`
	Diagnostics string   `json:"diagnostics,omitempty"`
	Expression  []string `json:"expression,omitempty"`
}

// Head is what every resource has.
type Head struct {
	ResourceType string                `json:"resourceType"`
	ID           string                `json:"id,omitempty"`
	Meta         *Meta                 `json:"meta,omitempty"`
	Contained    List[json.RawMessage] `json:"contained,omitempty"`
	Identifier   List[Identifier]      `json:"identifier,omitempty"`
}

// Specimen is a sample.
type Specimen struct {
	Head
	Accession  *Identifier     `json:"accessionIdentifier,omitempty"`
	Status     string          `json:"status,omitempty"`
	Subject    *Reference      `json:"subject,omitempty"`
	Collection *Collection     `json:"collection,omitempty"`
	Container  List[Container] `json:"container,omitempty"`
	Note       []Annotation    `json:"note,omitempty"`
}

// Collection says when a sample was taken.
type Collection struct {
	Collected string `json:"collectedDateTime,omitempty"`
}

// Container is the tube.
type Container struct {
	Identifier List[Identifier] `json:"identifier,omitempty"`
}

// ServiceRequest is an order.
type ServiceRequest struct {
	Head
	Requisition *Identifier `json:"requisition,omitempty"`
	Status      string      `json:"status,omitempty"`
	Intent      string      `json:"intent,omitempty"`
	Code        *Concept    `json:"code,omitempty"`
	Subject     *Reference  `json:"subject,omitempty"`
	AuthoredOn  string      `json:"authoredOn,omitempty"`
	ReasonCode  []Concept   `json:"reasonCode,omitempty"`
}

// Observation is one measurement.
type Observation struct {
	Head
	BasedOn           List[Reference] `json:"basedOn,omitempty"`
	Status            string          `json:"status,omitempty"`
	Code              *Concept        `json:"code,omitempty"`
	Subject           *Reference      `json:"subject,omitempty"`
	EffectiveDateTime string          `json:"effectiveDateTime,omitempty"`
	EffectiveInstant  string          `json:"effectiveInstant,omitempty"`
	EffectivePeriod   *Period         `json:"effectivePeriod,omitempty"`
	Issued            string          `json:"issued,omitempty"`
	Value
	Interpretation List[Concept]   `json:"interpretation,omitempty"`
	Method         *Concept        `json:"method,omitempty"`
	Specimen       *Reference      `json:"specimen,omitempty"`
	HasMember      List[Reference] `json:"hasMember,omitempty"`
	Component      List[Component] `json:"component,omitempty"`
	Note           []Annotation    `json:"note,omitempty"`
}

// Value is what was measured, of one of these types, or why it is absent.
type Value struct {
	Concept  *Concept        `json:"valueCodeableConcept,omitempty"`
	Text     string          `json:"valueString,omitempty"`
	Quantity *Quantity       `json:"valueQuantity,omitempty"`
	Integer  json.Number     `json:"valueInteger,omitempty"`
	Ratio    json.RawMessage `json:"valueRatio,omitempty"`
	DateTime string          `json:"valueDateTime,omitempty"`
	Absent   *Concept        `json:"dataAbsentReason,omitempty"`
}

// Component is a part of an observation.
type Component struct {
	Code *Concept `json:"code,omitempty"`
	Value
	Interpretation List[Concept] `json:"interpretation,omitempty"`
}

// DiagnosticReport is a report.
type DiagnosticReport struct {
	Head
	BasedOn           List[Reference] `json:"basedOn,omitempty"`
	Status            string          `json:"status,omitempty"`
	Code              *Concept        `json:"code,omitempty"`
	Subject           *Reference      `json:"subject,omitempty"`
	EffectiveDateTime string          `json:"effectiveDateTime,omitempty"`
	EffectivePeriod   *Period         `json:"effectivePeriod,omitempty"`
	Issued            string          `json:"issued,omitempty"`
	Specimen          List[Reference] `json:"specimen,omitempty"`
	Result            List[Reference] `json:"result,omitempty"`
	Conclusion        string          `json:"conclusion,omitempty"`
	ConclusionCode    List[Concept]   `json:"conclusionCode,omitempty"`
}

// Patient is a person.
type Patient struct {
	Head
	Name      List[HumanName] `json:"name,omitempty"`
	Telecom   List[Contact]   `json:"telecom,omitempty"`
	Gender    string          `json:"gender,omitempty"`
	BirthDate string          `json:"birthDate,omitempty"`
	Address   []Address       `json:"address,omitempty"`
}

// HumanName is a person's name.
type HumanName struct {
	Use    string       `json:"use,omitempty"`
	Text   string       `json:"text,omitempty"`
	Family string       `json:"family,omitempty"`
	Given  List[string] `json:"given,omitempty"`
}

// Contact is a phone number or the like.
type Contact struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value,omitempty"`
}

// Address is a postal address.
type Address struct {
	Line     []string `json:"line,omitempty"`
	District string   `json:"district,omitempty"`
	Country  string   `json:"country,omitempty"`
}

// Immunization is a vaccination.
type Immunization struct {
	Head
	Status             string          `json:"status,omitempty"`
	VaccineCode        *Concept        `json:"vaccineCode,omitempty"`
	Patient            *Reference      `json:"patient,omitempty"`
	OccurrenceDateTime string          `json:"occurrenceDateTime,omitempty"`
	OccurrenceString   string          `json:"occurrenceString,omitempty"`
	PrimarySource      *bool           `json:"primarySource,omitempty"`
	Manufacturer       *Reference      `json:"manufacturer,omitempty"`
	LotNumber          string          `json:"lotNumber,omitempty"`
	Location           *Reference      `json:"location,omitempty"`
	Performer          List[Performer] `json:"performer,omitempty"`
	ProtocolApplied    List[Protocol]  `json:"protocolApplied,omitempty"`
}

// Performer is who vaccinated.
type Performer struct {
	Actor *Reference `json:"actor,omitempty"`
}

// Protocol says which dose of a series it was.
type Protocol struct {
	TargetDisease List[Concept] `json:"targetDisease,omitempty"`
	Number        int           `json:"doseNumberPositiveInt,omitempty"`
	NumberText    string        `json:"doseNumberString,omitempty"`
}

// Named is what an Organization or a Location is called.
type Named struct {
	Head
	Name string `json:"name,omitempty"`
}

// QuestionnaireResponse is a filled-in form. Its identifier is one, not a list.
type QuestionnaireResponse struct {
	ResourceType  string      `json:"resourceType"`
	Identifier    *Identifier `json:"identifier,omitempty"`
	Questionnaire string      `json:"questionnaire,omitempty"`
	Status        string      `json:"status"`
	Subject       *Reference  `json:"subject,omitempty"`
	Authored      string      `json:"authored,omitempty"`
	Item          []Item      `json:"item,omitempty"`
}

// Item is one question with its answers.
type Item struct {
	LinkID string   `json:"linkId"`
	Answer []Answer `json:"answer,omitempty"`
}

// Answer is one answer.
type Answer struct {
	String string `json:"valueString,omitempty"`
}

var errNoResource = errors.New("it has no resourceType")
