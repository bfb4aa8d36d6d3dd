package vaccine

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

// Operations adds to the API what a vaccination site's own system needs.
func (d *Desk) Operations(a *api.API) {
	api.Add(a, huma.Operation{
		OperationID: "report-vaccinations", Method: http.MethodPost, Path: "/api/v1/vaccinations", Summary: "Report doses and invitations",
		Description: "A table (CSV in any encoding, XLSX) or FHIR R4 Immunizations (JSON). Each line is kept, listed for a person to look at, " +
			"or named with what is wrong. The answer is 422 where the whole cannot be read, or no line of it.",
		MaxBodyBytes: exchange.MaxBytes, Errors: []int{http.StatusUnprocessableEntity},
	}, account.EnterDoses, d.reported)
	api.Add(a, huma.Operation{
		OperationID: "report-fhir-vaccinations", Method: http.MethodPost, Path: "/api/v1/fhir/vaccinations", Summary: "Report vaccinations as FHIR R4",
		Description:  "A Bundle of any type or one resource. The answer is a batch-response with an OperationOutcome for each entry.",
		MaxBodyBytes: exchange.MaxBytes, Errors: []int{http.StatusUnprocessableEntity},
	}, account.EnterDoses, d.reportedFHIR)
}

func (d *Desk) reported(ctx context.Context, who account.Account, in *uploads.Sent) (*uploads.Reported, error) {
	f, err := uploads.Read(ctx, d.files(), who.Name, "doses", in.RawBody, table.Options{Encoding: in.Encoding}, Read)
	if err != nil {
		return nil, uploads.UnreadableError(err, in.Language)
	}
	answer, err := d.Report(ctx, who, "api", in.NameOr(f.Format), f, in.DryRun)
	if err != nil {
		return nil, err
	}
	return in.Answer(answer), nil
}

func (d *Desk) reportedFHIR(ctx context.Context, who account.Account, in *uploads.Sent) (*uploads.Bundle, error) {
	f, err := fhirread.Doses(in.RawBody)
	if err != nil {
		return nil, uploads.UnreadableError(err, in.Language)
	}
	answer, err := d.Report(ctx, who, "api", in.NameOr(f.Format), f, in.DryRun)
	if err != nil {
		return nil, err
	}
	return in.FHIR(answer)
}
