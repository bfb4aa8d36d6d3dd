package lab

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/api"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/fhirread"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/uploads"
)

// Operations adds to the API what a laboratory's own system needs.
func (d *Desk) Operations(a *api.API) {
	api.Add(a, huma.Operation{
		OperationID: "report-results", Method: http.MethodPost, Path: "/api/v1/results", Summary: "Report results of specimens",
		Description: "A table (CSV in any encoding, XLSX), FHIR R4 (JSON) or HL7 v2 (ORU, OUL), told apart by their beginning. " +
			"Each line is filed, listed for a person to look at, or named with what is wrong; no line pays for its neighbour. " +
			"The answer is 422 where the whole cannot be read, or no line of it.",
		MaxBodyBytes: exchange.MaxBytes, Errors: []int{http.StatusUnprocessableEntity},
	}, account.EnterTests, d.reported)
	api.Add(a, huma.Operation{
		OperationID: "report-fhir-results", Method: http.MethodPost, Path: "/api/v1/fhir/results", Summary: "Report results as FHIR R4",
		Description:  "A Bundle of any type or one resource. The answer is a batch-response with an OperationOutcome for each entry.",
		MaxBodyBytes: exchange.MaxBytes, Errors: []int{http.StatusUnprocessableEntity},
	}, account.EnterTests, d.reportedFHIR)
}

func (d *Desk) reported(ctx context.Context, who account.Account, in *uploads.Sent) (*uploads.Reported, error) {
	f, err := uploads.Read(ctx, d.files(), who.Name, "results", in.RawBody, table.Options{Encoding: in.Encoding}, Read)
	if err != nil {
		return nil, uploads.UnreadableError(err, in.Language)
	}
	answer, err := d.Report(ctx, FromAccount(who), who, "api", in.NameOr(f.Format), f, in.DryRun)
	if err != nil {
		return nil, err
	}
	return in.Answer(answer), nil
}

func (d *Desk) reportedFHIR(ctx context.Context, who account.Account, in *uploads.Sent) (*uploads.Bundle, error) {
	f, err := fhirread.Results(in.RawBody)
	if err != nil {
		return nil, uploads.UnreadableError(err, in.Language)
	}
	answer, err := d.Report(ctx, FromAccount(who), who, "api", in.NameOr(f.Format), f, in.DryRun)
	if err != nil {
		return nil, err
	}
	return in.FHIR(answer)
}
