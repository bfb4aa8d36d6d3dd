package lab

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/api"
)

// Operations adds to the API what a laboratory's own system needs.
func (d *Desk) Operations(a *api.API) {
	api.Add(a, huma.Operation{
		OperationID: "report-results", Method: http.MethodPost, Path: "/api/v1/results", Summary: "Report results of specimens",
		Description:  "CSV, FHIR R4 (JSON) or HL7 v2 (ORU^R01), told apart by their beginning. What cannot be filed goes to the work list; what cannot be read fails the whole.",
		MaxBodyBytes: largestReport, Errors: []int{http.StatusUnprocessableEntity},
	}, account.EnterTests, d.reported)
}

// largestReport is how long a message may be, in bytes.
const largestReport = 8 << 20

type sentReport struct {
	RawBody []byte `contentType:"application/octet-stream"`
}

// Filed is what became of a report in the API.
type Filed struct {
	Body struct {
		Format string `json:"format"`
		Filed  int    `json:"filed" doc:"results that hold now"`
		Known  int    `json:"known" doc:"results that held already"`
		Work   int    `json:"work" doc:"results that somebody must look at"`
	}
}

func (d *Desk) reported(ctx context.Context, who account.Account, in *sentReport) (*Filed, error) {
	format, reports, err := Parse(in.RawBody)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	count, err := d.Import(ctx, who, "api", format, reports)
	if err != nil {
		return nil, err
	}
	out := &Filed{}
	out.Body.Format, out.Body.Filed, out.Body.Known, out.Body.Work = format, count.Filed, count.Known, count.Work
	return out, nil
}
