package tosstest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The statuses of payments.
const (
	InProgress      = "IN_PROGRESS"
	Done            = "DONE"
	Canceled        = "CANCELED"
	PartialCanceled = "PARTIAL_CANCELED"
	Aborted         = "ABORTED"
	Expired         = "EXPIRED"
)

// confirmWithin is how long a payment can be confirmed once its customer has come back.
const confirmWithin = 10 * time.Minute

// Payment is a payment.
type Payment struct {
	PaymentKey    string         `json:"paymentKey"`
	OrderID       string         `json:"orderId"`
	OrderName     string         `json:"orderName"`
	Status        string         `json:"status"`
	Currency      string         `json:"currency"`
	TotalAmount   int64          `json:"totalAmount"`
	BalanceAmount int64          `json:"balanceAmount"`
	RequestedAt   string         `json:"requestedAt"`
	ApprovedAt    *string        `json:"approvedAt"`
	Cancels       []Cancellation `json:"cancels"`
	Failure       *Failure       `json:"failure"`

	// refusal is what its card is refused with when it is confirmed; empty when it pays.
	refusal string
	at      time.Time
}

// Cancellation is a refund, in whole or in part.
type Cancellation struct {
	TransactionKey string `json:"transactionKey"`
	CancelAmount   int64  `json:"cancelAmount"`
	CancelReason   string `json:"cancelReason"`
	CancelStatus   string `json:"cancelStatus"`
	CanceledAt     string `json:"canceledAt"`
}

// Failure is why a payment was not made.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Authenticate lets a customer pay so many won in the window: with a card that pays, or is
// refused with the code when the payment is confirmed. It returns the payment's key, which the
// customer's browser brings back. No money has moved yet.
func (s *Server) Authenticate(orderID string, amount int64, refusal string) (paymentKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.newPayment(orderID, amount, InProgress)
	p.refusal = refusal
	return p.PaymentKey
}

// Charged lets a customer have paid so many won, in the window and for good.
func (s *Server) Charged(orderID string, amount int64) (paymentKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.newPayment(orderID, amount, InProgress)
	s.approve(p)
	return p.PaymentKey
}

// DeclineInWindow lets a customer try a card in the window that is declined there.
func (s *Server) DeclineInWindow(orderID string, amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newPayment(orderID, amount, Aborted).Failure = &Failure{"REJECT_CARD_COMPANY", "결제 승인이 거절되었습니다."}
}

func (s *Server) newPayment(orderID string, amount int64, status string) *Payment {
	p := &Payment{
		PaymentKey: "tcafe" + rand.Text(), OrderID: orderID, OrderName: "2x 아메리카노", Status: status, Currency: "KRW",
		TotalAmount: amount, BalanceAmount: amount, RequestedAt: s.time(), at: s.clock(),
	}
	s.payments = append(s.payments, p)
	return p
}

// time is now, as Toss writes it.
func (s *Server) time() string {
	return s.clock().In(time.FixedZone("KST", 9*60*60)).Format(time.RFC3339)
}

// Payments returns the order's payments, the oldest first.
func (s *Server) Payments(orderID string) (found []Payment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.payments {
		if p.OrderID == orderID {
			copied := *p
			copied.Cancels = slices.Clone(p.Cancels)
			found = append(found, copied)
		}
	}
	return found
}

// Money returns the movements of the order's money, as "charge 4000" and "refund 4000".
func (s *Server) Money(orderID string) (moved []string) {
	for _, p := range s.Payments(orderID) {
		if p.ApprovedAt == nil {
			continue
		}
		moved = append(moved, fmt.Sprint("charge ", p.TotalAmount))
		for _, c := range p.Cancels {
			moved = append(moved, fmt.Sprint("refund ", c.CancelAmount))
		}
	}
	return moved
}

// CancelInConsole gives some of the order's money back, as a person would in the merchant
// console.
func (s *Server) CancelInConsole(orderID string, amount int64) Cancellation {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.approved(orderID)
	if p == nil {
		panic("tosstest: order " + orderID + " was not charged")
	}
	return s.giveBack(p, amount, "고객 요청")
}

// confirm moves the money of a payment whose customer has come back in time.
func (s *Server) confirm(r *http.Request) answer {
	var body struct {
		PaymentKey, OrderID string
		Amount              int64
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.PaymentKey == "" || body.OrderID == "" || body.Amount < 1 {
		return refused(http.StatusBadRequest, "INVALID_REQUEST", "잘못된 요청입니다.")
	}
	p := s.payment(body.PaymentKey)
	switch {
	case p == nil || p.OrderID != body.OrderID || p.Status == Aborted || p.Status == Expired:
		return refused(http.StatusNotFound, "NOT_FOUND_PAYMENT_SESSION", "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다.")
	case p.Status != InProgress:
		return refused(http.StatusBadRequest, "ALREADY_PROCESSED_PAYMENT", "이미 처리된 결제 입니다.")
	case p.TotalAmount != body.Amount:
		return refused(http.StatusBadRequest, "INVALID_REQUEST", "잘못된 요청입니다.")
	case p.TotalAmount < 100:
		return refused(http.StatusBadRequest, "BELOW_MINIMUM_AMOUNT", "신용카드는 결제금액이 100원 이상, 계좌는 200원이상부터 결제가 가능합니다.")
	case p.refusal != "":
		p.Status, p.Failure = Aborted, &Failure{p.refusal, "결제가 거절되었습니다."}
		return refused(http.StatusForbidden, p.refusal, p.Failure.Message)
	}
	s.approve(p)
	return ok(*p)
}

func (s *Server) approve(p *Payment) {
	at := s.time()
	p.Status, p.ApprovedAt = Done, &at
	s.record(p, Done)
}

// cancel gives money back: the part that is asked for, or all that is left.
func (s *Server) cancel(r *http.Request) answer {
	var body struct {
		CancelReason                   string
		CancelAmount, RefundableAmount *int64
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.CancelReason == "" || len(body.CancelReason) > 200 {
		return refused(http.StatusBadRequest, "INVALID_REQUEST", "잘못된 요청입니다.")
	}
	p := s.payment(r.PathValue("key"))
	if p == nil || p.ApprovedAt == nil {
		return refused(http.StatusNotFound, "NOT_FOUND_PAYMENT", "존재하지 않는 결제 정보 입니다.")
	}
	amount := p.BalanceAmount
	if body.CancelAmount != nil {
		amount = *body.CancelAmount
	}
	switch {
	case p.BalanceAmount == 0:
		return refused(http.StatusBadRequest, "ALREADY_CANCELED_PAYMENT", "이미 취소된 결제 입니다.")
	case body.RefundableAmount != nil && *body.RefundableAmount != p.BalanceAmount:
		return refused(http.StatusBadRequest, "NOT_MATCHES_REFUNDABLE_AMOUNT", "잔액 결과가 일치하지 않습니다.")
	case amount <= 0 || amount > p.BalanceAmount:
		return refused(http.StatusForbidden, "NOT_CANCELABLE_AMOUNT", "취소 할 수 없는 금액 입니다.")
	}
	s.giveBack(p, amount, body.CancelReason)
	return ok(*p)
}

func (s *Server) giveBack(p *Payment, amount int64, reason string) Cancellation {
	made := Cancellation{
		TransactionKey: "txrd_" + rand.Text(), CancelAmount: amount, CancelReason: reason, CancelStatus: Done, CanceledAt: s.time(),
	}
	p.Cancels = append(p.Cancels, made)
	p.BalanceAmount -= amount
	if p.Status = PartialCanceled; p.BalanceAmount == 0 {
		p.Status = Canceled
	}
	s.record(p, p.Status)
	return made
}

func (s *Server) showPayment(r *http.Request) answer { return show(s.payment(r.PathValue("key"))) }

// showOrder shows the order's payment that was approved, or else the newest.
func (s *Server) showOrder(r *http.Request) answer {
	orderID := r.PathValue("order")
	if p := s.approved(orderID); p != nil {
		return show(p)
	}
	for _, p := range slices.Backward(s.payments) {
		if p.OrderID == orderID {
			return show(s.payment(p.PaymentKey))
		}
	}
	return show(nil)
}

func show(p *Payment) answer {
	if p == nil {
		return refused(http.StatusNotFound, "NOT_FOUND_PAYMENT", "존재하지 않는 결제 정보 입니다.")
	}
	return ok(*p)
}

// payment returns the payment of the key as it is now.
func (s *Server) payment(key string) *Payment {
	at := slices.IndexFunc(s.payments, func(p *Payment) bool { return p.PaymentKey == key })
	if at < 0 {
		return nil
	}
	p := s.payments[at]
	if p.Status == InProgress && s.clock().Sub(p.at) >= confirmWithin {
		p.Status = Expired
	}
	return p
}

func (s *Server) approved(orderID string) *Payment {
	at := slices.IndexFunc(s.payments, func(p *Payment) bool { return p.OrderID == orderID && p.ApprovedAt != nil })
	if at < 0 {
		return nil
	}
	return s.payments[at]
}

// transaction is a movement as lists have it.
type transaction struct {
	TransactionKey string `json:"transactionKey"`
	PaymentKey     string `json:"paymentKey"`
	OrderID        string `json:"orderId"`
	Status         string `json:"status"`
	TransactionAt  string `json:"transactionAt"`

	at time.Time
}

func (s *Server) record(p *Payment, status string) {
	s.transactions = append(s.transactions, transaction{
		TransactionKey: rand.Text(), PaymentKey: p.PaymentKey, OrderID: p.OrderID, Status: status, TransactionAt: s.time(), at: s.clock(),
	})
}

// listTransactions lists the oldest first, a page at a time.
func (s *Server) listTransactions(r *http.Request) answer {
	query := r.URL.Query()
	from, fromErr := parseTime(query.Get("startDate"))
	to, toErr := parseTime(query.Get("endDate"))
	limit, limitErr := strconv.Atoi(query.Get("limit"))
	if fromErr != nil || toErr != nil || limitErr != nil || limit > 5000 {
		return refused(http.StatusBadRequest, "INVALID_REQUEST", "잘못된 요청입니다.")
	}
	listed, after := []transaction{}, query.Get("startingAfter")
	for _, t := range s.transactions {
		switch {
		case after == t.TransactionKey:
			after = ""
		case after == "" && len(listed) < limit && !t.at.Before(from) && !t.at.After(to):
			listed = append(listed, t)
		}
	}
	return ok(listed)
}

func parseTime(text string) (time.Time, error) {
	return time.ParseInLocation("2006-01-02T15:04:05", text, time.FixedZone("KST", 9*60*60))
}
