package memberstore

import (
	"context"
	"errors"
	"time"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// SignIn uses a one-time code up and returns a new token of the member with the
// phone that got it: a new member, if there was none. The first time that a member
// proves to have the phone, all older tokens end. It fails with CodeUnauthorized when
// the code is wrong, used, too old, not of that nonce or was tried too often, and when
// the phone is not that of the member who is named.
func (m *Members) SignIn(ctx context.Context, use member.CodeUse, now time.Time) (in member.SignedIn, err error) {
	defer sqldb.Wrap(&err, "sign a member in")
	var refusal error
	err = m.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		var used usedCode
		// A refusal commits: the try counts.
		if used, refusal, err = useCode(ctx, tx, use.Nonce, use.Code, now); err != nil || refusal != nil {
			return err
		}
		if use.Name == "" {
			use.Name = used.Name
		}
		number, isNew, err := signInPhone(ctx, tx, used.phone(), use, now)
		if order.ErrorCode(err) == order.CodeNotFound {
			refusal = errWrongCode
			return nil
		} else if err != nil {
			return err
		}
		in = member.SignedIn{MembershipNumber: number, New: isNew}
		in.Token, err = beginSession(ctx, tx, number, now)
		return err
	})
	if err = errors.Join(err, refusal); err != nil {
		return member.SignedIn{}, err
	}
	return in, nil
}

// signInPhone returns whose phone it is. It makes a member of a phone that is
// nobody's, unless a member is named: then it fails with CodeNotFound when the phone
// is not theirs.
func signInPhone(ctx context.Context, tx sqldb.Querier, phone string, use member.CodeUse, now time.Time) (number string, isNew bool, err error) {
	number, err = numberOf(ctx, tx, phone)
	unknown := order.ErrorCode(err) == order.CodeNotFound
	switch {
	case err != nil && !unknown:
		return "", false, err
	case use.MembershipNumber != "" && number != use.MembershipNumber, phone == "":
		return "", false, sqldb.NotFound("member", use.MembershipNumber)
	case unknown:
		return addMember(ctx, tx, use.Name, phone, now)
	}
	return number, false, renameMember(ctx, tx, number, use.Name)
}

// beginSession makes a token for a member who has proved to have the phone. Where
// nobody had done so before, the older tokens may be a stranger's, and end.
func beginSession(ctx context.Context, tx sqldb.Querier, number string, now time.Time) (token string, err error) {
	first, err := sqldb.Exec(ctx, tx, "UPDATE members SET proven_at = ? WHERE number = ? AND proven_at IS NULL", sqldb.Micros(now), number)
	if err != nil {
		return "", err
	}
	_, err = sqldb.Exec(ctx, tx, "DELETE FROM member_tokens WHERE membership_number = ? AND (last_used_at <= ? OR ? = 1)",
		number, sqldb.Micros(now.Add(-TokenIdle)), first)
	if err != nil {
		return "", err
	}
	return addToken(ctx, tx, number, now)
}

// ConfirmErasure uses a one-time code up that the member's phone got, before the
// member is erased. Of a member whose erasure was begun it wants no code, since there
// is no phone any more: it is to be finished. It fails as [Members.SignIn] does.
func (m *Members) ConfirmErasure(ctx context.Context, use member.CodeUse, now time.Time) (err error) {
	defer sqldb.Wrap(&err, "confirm that a member is to be erased")
	if begun, err := m.Erased(ctx, use.MembershipNumber); err != nil || begun {
		return err
	}
	var refusal error
	err = m.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		var used usedCode
		if used, refusal, err = useCode(ctx, tx, use.Nonce, use.Code, now); err != nil || refusal != nil {
			return err
		}
		number, err := numberOf(ctx, tx, used.phone())
		if order.ErrorCode(err) == order.CodeNotFound || err == nil && number != use.MembershipNumber {
			refusal = errWrongCode
			return nil
		}
		return err
	})
	return errors.Join(err, refusal)
}
