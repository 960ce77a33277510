package order

// Charge is a payment to be taken: Amount from the customer's PaymentMethod,
// once per IdempotencyKey however often it is asked for.
type Charge struct {
	OrderID        string `json:"order_id"`
	IdempotencyKey string `json:"idempotency_key"`
	Amount         Money  `json:"amount"`
	PaymentMethod  string `json:"payment_method"`
}

// ChargeResult is the known outcome of a charge. Being declined is an outcome,
// not an error.
type ChargeResult struct {
	// Reference is the provider's own name for the payment.
	Reference string `json:"reference,omitempty"`
	Declined  bool   `json:"declined,omitempty"`
	// DeclineCode is the provider's reason, such as "insufficient_funds".
	DeclineCode string `json:"decline_code,omitempty"`
}

// Void asks the provider to cancel a payment whose outcome is unknown.
type Void struct {
	OrderID string `json:"order_id"`
	// ChargeKey is the idempotency key of the charge that is to be cancelled.
	ChargeKey     string `json:"charge_key"`
	Amount        Money  `json:"amount"`
	PaymentMethod string `json:"payment_method"`
}

// VoidResult says what became of the payment: either nothing can be captured
// any more, or it was captured already and has to be refunded.
type VoidResult struct {
	Captured  bool   `json:"captured,omitempty"`
	Reference string `json:"reference,omitempty"`
}

// RefundRequest is money to be given back, once per IdempotencyKey.
type RefundRequest struct {
	OrderID        string `json:"order_id"`
	IdempotencyKey string `json:"idempotency_key"`
	// ChargeKey and Reference name the payment that is refunded.
	ChargeKey string `json:"charge_key"`
	Reference string `json:"reference,omitempty"`
	Amount    Money  `json:"amount"`
}

// RefundResult is the provider's confirmation of a refund.
type RefundResult struct {
	Reference string `json:"reference"`
}
