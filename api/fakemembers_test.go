package api

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// fakeMembers knows member 1234567890 with the token "secret" and, for the nonce
// "NONCE" and that member's phone, the one-time code 12345678.
type fakeMembers struct {
	mu      sync.Mutex
	err     error
	signErr error
	// balance is what the member has, unless it cannot be read.
	balance    int64
	balanceErr error
	// meanwhile happens once, while somebody looks at the balance.
	meanwhile func()
	// asked are the phones and names that codes were asked for with, used is what was
	// signed in with, claimed are the orders with their members.
	asked   []member.Member
	used    []member.CodeUse
	claimed map[string]string
	// ended are the tokens and sessions that were signed out; "*" stands for all.
	ended             []string
	confirmed, erased bool
	erasedBy          string
}

const (
	memberNumber  = "1234567890"
	memberToken   = "secret"
	memberCode    = "12345678"
	memberNonce   = "NONCE"
	memberPhone   = "+821012345678"
	memberSession = "0f"
)

func (f *fakeMembers) NewCode(_ context.Context, phone, name string, _ time.Time) (string, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return "", "", f.err
	}
	f.asked = append(f.asked, member.Member{Name: name, Phone: phone})
	return memberNonce, memberCode, nil
}

func (f *fakeMembers) NewMemberCode(ctx context.Context, number string, now time.Time) (nonce, code, phone string, err error) {
	if number == memberNumber {
		phone = memberPhone
	}
	nonce, code, err = f.NewCode(ctx, phone, "", now)
	return nonce, code, phone, err
}

func (f *fakeMembers) SignIn(_ context.Context, use member.CodeUse, _ time.Time) (member.SignedIn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.signErr != nil:
		return member.SignedIn{}, f.signErr
	case use.Nonce != memberNonce, use.Code != memberCode, use.MembershipNumber != "" && use.MembershipNumber != memberNumber:
		return member.SignedIn{}, &order.Error{Code: order.CodeUnauthorized, Message: "wrong code"}
	}
	f.used = append(f.used, use)
	return member.SignedIn{MembershipNumber: memberNumber, Token: memberToken, New: use.MembershipNumber == ""}, nil
}

func (f *fakeMembers) Member(_ context.Context, number string) (member.Member, error) {
	if f.err != nil {
		return member.Member{}, f.err
	}
	if number != memberNumber || f.erased {
		return member.Member{}, transport.NotFound()
	}
	return member.Member{MembershipNumber: number, Name: "Kim", Phone: memberPhone}, nil
}

func (f *fakeMembers) Authenticate(_ context.Context, number, token string, _ time.Time) error {
	switch {
	case f.err != nil:
		return f.err
	case number != memberNumber:
		return transport.NotFound()
	case token != memberToken || f.erased:
		return &order.Error{Code: order.CodeUnauthorized, Message: "wrong token"}
	}
	return nil
}

func (f *fakeMembers) ClaimOrder(_ context.Context, number, orderID string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.claimed == nil {
		f.claimed = map[string]string{}
	}
	f.claimed[orderID] = number
	return f.signErr
}

func (f *fakeMembers) Balance(context.Context, string) (int64, error) {
	if do := f.meanwhile; do != nil {
		f.meanwhile = nil
		do()
	}
	return f.balance, f.balanceErr
}

func (f *fakeMembers) Account(_ context.Context, number string, size int, token string) (int64, []order.PointsEntry, string, error) {
	from, err := fromToken(token)
	if err != nil {
		return 0, nil, "", err
	}
	entries := []order.PointsEntry{
		{OrderID: "ord_b", MembershipNumber: number, Kind: order.PointsTakeBack, Points: -100, At: noon},
		{MembershipNumber: number, Kind: order.PointsCredit, Points: 300, At: noon},
	}
	from = min(from, len(entries))
	to := min(from+size, len(entries))
	next := ""
	if to < len(entries) {
		next = strconv.Itoa(to)
	}
	return 200, entries[from:to], next, nil
}

func (f *fakeMembers) Sessions(_ context.Context, _, token string, _ time.Time) ([]member.Session, error) {
	return []member.Session{
		{ID: memberSession, CreatedAt: noon, LastUsedAt: noon, Current: token == memberToken}, {ID: "1f", CreatedAt: noon, LastUsedAt: noon},
	}, f.signErr
}

func (f *fakeMembers) EndSession(_ context.Context, number, token string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, number+" "+token)
	return f.signErr
}

func (f *fakeMembers) EndSessionOf(ctx context.Context, number, id string) error {
	if id != memberSession {
		return transport.NotFound()
	}
	return f.EndSession(ctx, number, "session "+id)
}

func (f *fakeMembers) EndSessions(ctx context.Context, number string) error {
	return f.EndSession(ctx, number, "*")
}

func (f *fakeMembers) ConfirmErasure(ctx context.Context, use member.CodeUse, now time.Time) error {
	_, err := f.SignIn(ctx, use, now)
	f.confirmed = err == nil
	return err
}

func (f *fakeMembers) Erase(ctx context.Context, _ string, _ time.Time) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.erased, f.erasedBy = true, auditlog.Actor(ctx)
	return 3, nil
}
