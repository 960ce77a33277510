package transport

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
)

// The codes that only HTTP knows.
const (
	CodeInvalidJSON            order.Code = "invalid_json"
	CodeUnsignedEvent          order.Code = "unsigned_event"
	codeInvalidField           order.Code = "invalid_field"
	CodePaymentDeclined        order.Code = "payment_declined"
	CodePaymentUnavailable     order.Code = "payment_unavailable"
	CodePointsShort            order.Code = order.RefusedPoints
	CodeSlotFull               order.Code = order.RefusedSlot
	CodeCouponUnusable         order.Code = order.RefusedCoupon
	CodeReservationUnavailable order.Code = order.RefusedUnavailable
	codeCrossOrigin            order.Code = "cross_origin"
	codeMethodNotAllowed       order.Code = "method_not_allowed"
	CodeIdempotencyKeyReused   order.Code = "idempotency_key_reused"
	codeBodyTooLarge           order.Code = "body_too_large"
	CodeUnsupportedMediaType   order.Code = "unsupported_media_type"
	CodeInvalidSignature       order.Code = "invalid_signature"
	CodeInvalidCSV             order.Code = "invalid_csv"
	CodePreconditionFailed     order.Code = "precondition_failed"
	CodeForbidden              order.Code = "forbidden"
	CodePasskeysUnavailable    order.Code = "passkeys_unavailable"
)

// How many seconds a client is asked to wait.
const (
	retryUnavailable = "5"
	retryRateLimited = "60"
)

// problemKind is how errors of one code are answered.
type problemKind struct {
	status int
	title  string
}

// problemKinds is the table from codes to answers. [order.CodeInvalid] is shown as
// "invalid_" and the name of the field; a code that is not in the table is
// internal.
var problemKinds = map[order.Code]problemKind{
	CodeInvalidJSON:            {http.StatusBadRequest, "Invalid JSON"},
	CodeInvalidCSV:             {http.StatusBadRequest, "Invalid CSV"},
	CodeUnsignedEvent:          {http.StatusBadRequest, "Not signed by the provider"},
	order.CodeUnauthorized:     {http.StatusUnauthorized, "Not signed in"},
	CodePaymentDeclined:        {http.StatusPaymentRequired, "The payment was declined"},
	CodeForbidden:              {http.StatusForbidden, "Not allowed"},
	codeCrossOrigin:            {http.StatusForbidden, "Sent from another site"},
	CodeInvalidSignature:       {http.StatusForbidden, "Not signed by the provider"},
	order.CodeNotFound:         {http.StatusNotFound, "Not found"},
	codeMethodNotAllowed:       {http.StatusMethodNotAllowed, "Method not allowed"},
	CodePaymentUnavailable:     {http.StatusConflict, "The store cannot take payments"},
	CodePointsShort:            {http.StatusConflict, "Not enough points"},
	CodeSlotFull:               {http.StatusConflict, "The slot is full"},
	CodeCouponUnusable:         {http.StatusConflict, "The coupon cannot be used"},
	CodeReservationUnavailable: {http.StatusConflict, "Nothing can be reserved at the moment"},
	catalog.CodeStoreClosed:    {http.StatusConflict, "The store is not taking orders"},
	catalog.CodeSoldOut:        {http.StatusConflict, "Sold out"},
	catalog.CodePriceChanged:   {http.StatusConflict, "The price has changed"},
	staff.CodeNameTaken:        {http.StatusConflict, "There is somebody of that name"},
	staff.CodeLastOwner:        {http.StatusConflict, "Nobody else is an owner"},
	CodePasskeysUnavailable:    {http.StatusConflict, "There are no passkeys at this address"},
	receipt.CodeNotPaid:        {http.StatusConflict, "The order was never paid"},
	CodeIdempotencyKeyReused:   {http.StatusConflict, "This key was used for another request"},
	order.CodeTooLate:          {http.StatusConflict, "Too late"},
	order.CodeTooEarly:         {http.StatusConflict, "Too early"},
	order.CodeRefundPending:    {http.StatusConflict, "Another refund is under way"},
	CodePreconditionFailed:     {http.StatusPreconditionFailed, "Changed by somebody else"},
	codeBodyTooLarge:           {http.StatusRequestEntityTooLarge, "The body is too large"},
	CodeUnsupportedMediaType:   {http.StatusUnsupportedMediaType, "Unsupported media type"},
	order.CodeInvalid:          {http.StatusUnprocessableEntity, "Invalid input"},
	codeInvalidField:           {http.StatusUnprocessableEntity, "Unknown field"},
	order.CodeRateLimited:      {http.StatusTooManyRequests, "Too many requests"},
	order.CodeInternal:         {http.StatusInternalServerError, "Internal error"},
	order.CodeUnavailable:      {http.StatusServiceUnavailable, "Not available at the moment"},
}

// ProblemTitles returns the titles of all problems, by their codes.
func ProblemTitles() map[order.Code]string {
	titles := map[order.Code]string{}
	for code, how := range problemKinds {
		titles[code] = how.title
	}
	return titles
}

// detailedError is an error that says more in its problem.
type detailedError struct {
	error
	extend func(*spec.Problem)
}

func (e detailedError) Unwrap() error { return e.error }

// WithMembers returns err, whose problem has what extend adds to it.
func WithMembers(err error, extend func(*spec.Problem)) error { return detailedError{err, extend} }

// WithOrderID returns err, which names the order in the problem.
func WithOrderID(err error, id string) error {
	return WithMembers(err, func(p *spec.Problem) { p.OrderID = &id })
}

// NewError returns an error with a code and a sentence for the client.
func NewError(code order.Code, message string) *order.Error {
	return &order.Error{Code: code, Message: message}
}

// FieldError returns an error that blames a field: "items[0].qty must be ...".
func FieldError(code order.Code, field, message string) *order.Error {
	return &order.Error{Code: code, Field: field, Message: field + " " + message}
}

// InvalidField returns the error of a value that cannot be accepted.
func InvalidField(field, message string) *order.Error {
	return FieldError(order.CodeInvalid, field, message)
}

// NotFound is the answer to whatever does not exist, alike for all.
func NotFound() *order.Error { return NewError(order.CodeNotFound, "not found") }

// Unauthorized returns the error of a request without the right credentials.
func Unauthorized(message string) error { return NewError(order.CodeUnauthorized, message) }

// Forbidden returns the error of a request that whoever sends it may not make.
func Forbidden(message string) error { return NewError(CodeForbidden, message) }

// RenderError answers with the problem that err is. Errors that are the
// service's fault are logged with their cause, which no client sees.
func RenderError(w http.ResponseWriter, r *http.Request, err error) {
	problem := problemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		RequestLogOf(r).Err = err
	}
	setErrorHeaders(w.Header(), problem.Status, err)
	writeBody(w, r, problem.Status, "application/problem+json", problem)
}

func setErrorHeaders(header http.Header, status int, err error) {
	var limit limitError
	var coding codingError
	switch {
	case errors.As(err, &coding):
		header.Set("Accept-Encoding", "identity") // RFC 7694, section 3
	case errors.As(err, &limit):
		header.Set("Retry-After", limit.retryAfter())
	case status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="cafeforme"`)
	case status == http.StatusServiceUnavailable:
		header.Set("Retry-After", retryUnavailable)
	case status == http.StatusTooManyRequests:
		header.Set("Retry-After", retryRateLimited)
	}
	header.Set("Cache-Control", "no-store")
}

// problemOf returns what clients are told of err.
func problemOf(err error) spec.Problem {
	e := knownError(err)
	how := problemKinds[e.Code]
	code := publicCode(e)
	problem := spec.Problem{
		Type: "urn:cafeforme:problem:" + code, Title: how.title, Status: how.status,
		Detail: problemDetail(e, how.status), Code: code, Field: spec.Optional(e.Field),
	}
	if e.OrderStatus != "" {
		problem.OrderStatus = new(spec.OrderStatus(e.OrderStatus))
	}
	for detailed := (detailedError{}); errors.As(err, &detailed); err = detailed.error { // each adds its own
		detailed.extend(&problem)
	}
	return problem
}

// knownError returns the [order.Error] in err's chain, if its code is in the table. A
// deadline that passed and a client that left are no fault; anything else is.
func knownError(err error) *order.Error {
	var e *order.Error
	if errors.As(err, &e) {
		if _, ok := problemKinds[e.Code]; ok {
			return e
		}
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return NewError(order.CodeUnavailable, "")
	}
	return NewError(order.CodeInternal, "")
}

// problemDetail returns the error's sentence, unless it is about our own innards.
func problemDetail(e *order.Error, status int) string {
	switch status {
	case http.StatusInternalServerError:
		return "something went wrong on our side"
	case http.StatusServiceUnavailable:
		return "not available at the moment; try again in a few seconds"
	case http.StatusNotFound:
		return NotFound().Message // whatever it is that there is not
	}
	return e.Message
}

// publicCode returns the code that clients see.
func publicCode(e *order.Error) string {
	if e.Code != order.CodeInvalid {
		return string(e.Code)
	}
	return "invalid_" + nameOf(e.Field)
}

// nameOf returns what a field is called in a code: the last name of its path,
// or of what it is a part of: "qty" for "items[0].qty", "price" for
// "price.amount", "idempotency_key" for the header.
func nameOf(field string) string {
	path := strings.Split(field, ".")
	last := len(path) - 1
	switch path[last] {
	case "amount", "currency", string(order.Korean), string(order.English):
		last = max(last-1, 0)
	}
	name, _, _ := strings.Cut(path[last], "[")
	if name == "" {
		return "request"
	}
	return strings.ReplaceAll(strings.ToLower(name), "-", "_")
}
