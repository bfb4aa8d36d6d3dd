package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// resource is what is read of a FHIR R4 Bundle, DiagnosticReport, Observation or
// Specimen.
type resource struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Status       string `json:"status"`
	Entry        []struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
	} `json:"entry"`
	Contained         []json.RawMessage `json:"contained"`
	Identifier        []identifier      `json:"identifier"`
	Accession         *identifier       `json:"accessionIdentifier"`
	Specimen          references        `json:"specimen"`
	Result            []reference       `json:"result"`
	Code              concept           `json:"code"`
	Method            concept           `json:"method"`
	ValueConcept      concept           `json:"valueCodeableConcept"`
	ValueString       string            `json:"valueString"`
	ConclusionCode    []concept         `json:"conclusionCode"`
	Conclusion        string            `json:"conclusion"`
	EffectiveDateTime string            `json:"effectiveDateTime"`
	Issued            string            `json:"issued"`
}

type identifier struct {
	Value string `json:"value"`
}

type reference struct {
	Reference  string      `json:"reference"`
	Identifier *identifier `json:"identifier"`
}

// references is one reference (Observation.specimen) or several
// (DiagnosticReport.specimen).
type references []reference

func (r *references) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
		return json.Unmarshal(data, (*[]reference)(r))
	}
	var one reference
	err := json.Unmarshal(data, &one)
	*r = references{one}
	return err
}

type concept struct {
	Coding []struct {
		Code    string `json:"code"`
		Display string `json:"display"`
	} `json:"coding"`
	Text string `json:"text"`
}

func (c concept) words() (words []string) {
	for _, coding := range c.Coding {
		words = append(words, coding.Code, coding.Display)
	}
	return append(words, c.Text)
}

// resources finds what references name.
type resources map[string]*resource

// parseFHIR reads a Bundle, DiagnosticReport or Observation (FHIR R4). The tube
// is an identifier of the specimen, or the identifier that the reference to it
// bears. A DiagnosticReport counts by its conclusion, or by the observations that
// it names; an observation that none names stands for itself.
func parseFHIR(data []byte) ([]Report, error) {
	var top resource
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, err
	}
	known, order := resources{}, []*resource{}
	if err := known.add("", &top, &order, 0); err != nil {
		return nil, err
	}
	var reports []Report
	named := map[*resource]bool{}
	for _, r := range order {
		if r.ResourceType != "DiagnosticReport" || !final(r.Status) {
			continue
		}
		for _, ref := range r.Result {
			if o := known[ref.Reference]; o != nil {
				named[o] = true
				if len(o.Specimen) == 0 {
					o.Specimen = r.Specimen
				}
				if final(o.Status) && len(r.ConclusionCode) == 0 {
					one, err := known.report(o)
					if err != nil {
						return nil, err
					}
					reports = append(reports, one)
				}
			}
		}
		if len(r.ConclusionCode) > 0 || len(r.Result) == 0 {
			one, err := known.report(r)
			if err != nil {
				return nil, err
			}
			reports = append(reports, one)
		}
	}
	for _, r := range order {
		if r.ResourceType == "Observation" && final(r.Status) && !named[r] {
			one, err := known.report(r)
			if err != nil {
				return nil, err
			}
			reports = append(reports, one)
		}
	}
	return reports, nil
}

func final(status string) bool {
	return status == "final" || status == "amended" || status == "corrected"
}

// add collects a resource and those inside it.
func (k resources) add(url string, r *resource, order *[]*resource, depth int) error {
	if depth > 3 {
		return errors.New("resources are nested too deep")
	}
	*order = append(*order, r)
	if url != "" {
		k[url] = r
	}
	if r.ID != "" {
		k[r.ResourceType+"/"+r.ID] = r
		k["#"+r.ID] = r
	}
	inner := func(url string, raw json.RawMessage) error {
		var one resource
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		return k.add(url, &one, order, depth+1)
	}
	for _, e := range r.Entry {
		if len(e.Resource) > 0 {
			if err := inner(e.FullURL, e.Resource); err != nil {
				return err
			}
		}
	}
	for _, raw := range r.Contained {
		if err := inner("", raw); err != nil {
			return err
		}
	}
	return nil
}

// report makes a report of a DiagnosticReport or an Observation.
func (k resources) report(r *resource) (Report, error) {
	at := r.Issued
	if at == "" {
		at = r.EffectiveDateTime
	}
	outcomes := append(r.ValueConcept.words(), r.ValueString)
	for _, c := range r.ConclusionCode {
		outcomes = append(outcomes, c.words()...)
	}
	outcomes = append(outcomes, r.Conclusion)
	tube := k.tube(r)
	err := fmt.Errorf("the %s of tube %.70q has no result", r.ResourceType, tube)
	for _, outcome := range outcomes {
		if outcome == "" {
			continue
		}
		var one Report
		if one, err = report(tube, outcome, "", at); err != nil {
			continue
		}
		one.Message = r.ID
		for _, word := range append(r.Method.words(), r.Code.words()...) {
			if known, wordErr := report(tube, outcome, word, at); wordErr == nil && one.Technique == 0 {
				one.Technique = known.Technique
			}
		}
		return one, nil
	}
	return Report{}, err
}

func (k resources) tube(r *resource) string {
	for _, ref := range r.Specimen {
		if ref.Identifier != nil && ref.Identifier.Value != "" {
			return ref.Identifier.Value
		}
		s := k[ref.Reference]
		if s == nil {
			continue
		}
		if s.Accession != nil && s.Accession.Value != "" {
			return s.Accession.Value
		}
		for _, id := range s.Identifier {
			if id.Value != "" {
				return id.Value
			}
		}
	}
	return ""
}
