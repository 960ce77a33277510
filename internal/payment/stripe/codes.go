package stripe

import (
	"net/http"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

// errorClass is whose fault an error of Stripe's is, and so what is to be done about it.
type errorClass int

const (
	// classUnlisted: Stripe refuses the request, under a code that is in no class.
	classUnlisted errorClass = iota
	// classMethod: this customer's payment method cannot pay; another may.
	classMethod
	// classSetup: our account, API key or request. Every order has it, until it is mended.
	classSetup
	// classPassing: the same request can help later, and nothing has happened yet.
	classPassing
	// classOpen: what was asked for may have happened: only a look at the object tells.
	classOpen
	// classFinal: Stripe will never do this for this order.
	classFinal
	// classKeyReused: the idempotency key was used for another request.
	classKeyReused
)

// errorClasses holds the error codes that our calls - PaymentIntents, which are made, confirmed,
// cancelled, read and searched, Checkout Sessions, which are made, expired and read, and
// refunds, which are made and listed - can be answered with, each in one class, by their descriptions at
// https://docs.stripe.com/error-codes. Stripe's other codes are of what we do not use:
// accounts, bank accounts, invoices, payouts, Terminal, tax. Not in the table is also
// a decline of Stripe's that is new: it is known by its type, card_error.
var errorClasses = map[stripe.ErrorCode]errorClass{
	stripe.ErrorCodeAuthenticationRequired:                    classMethod,
	stripe.ErrorCodeCardDeclineRateLimitExceeded:              classMethod,
	stripe.ErrorCodeCardDeclined:                              classMethod,
	stripe.ErrorCodeCardholderPhoneNumberRequired:             classMethod,
	stripe.ErrorCodeExpiredCard:                               classMethod,
	stripe.ErrorCodeIncorrectAddress:                          classMethod,
	stripe.ErrorCodeIncorrectCVC:                              classMethod,
	stripe.ErrorCodeIncorrectNumber:                           classMethod,
	stripe.ErrorCodeIncorrectZip:                              classMethod,
	stripe.ErrorCodeInsufficientFunds:                         classMethod,
	stripe.ErrorCodeInvalidCVC:                                classMethod,
	stripe.ErrorCodeInvalidCardType:                           classMethod,
	stripe.ErrorCodeInvalidExpiryMonth:                        classMethod,
	stripe.ErrorCodeInvalidExpiryYear:                         classMethod,
	stripe.ErrorCodeInvalidNumber:                             classMethod,
	stripe.ErrorCodePaymentIntentActionRequired:               classMethod,
	stripe.ErrorCodePaymentIntentAuthenticationFailure:        classMethod,
	stripe.ErrorCodePaymentIntentIncompatiblePaymentMethod:    classMethod,
	stripe.ErrorCodePaymentIntentPaymentAttemptExpired:        classMethod,
	stripe.ErrorCodePaymentIntentPaymentAttemptFailed:         classMethod,
	stripe.ErrorCodePaymentMethodBillingDetailsAddressMissing: classMethod,
	stripe.ErrorCodePaymentMethodCustomerDecline:              classMethod,
	stripe.ErrorCodePaymentMethodInvalidParameter:             classMethod,
	stripe.ErrorCodePaymentMethodUnexpectedState:              classMethod,
	stripe.ErrorCodePaymentMethodUnsupportedType:              classMethod,
	stripe.ErrorCodePostalCodeInvalid:                         classMethod,
	stripe.ErrorCodeProcessingError:                           classMethod,
	stripe.ErrorCodeReferToCustomer:                           classMethod,
	stripe.ErrorCodeAPIKeyExpired:                             classSetup,
	stripe.ErrorCodeAccountCountryInvalidAddress:              classSetup,
	stripe.ErrorCodeAccountInformationMismatch:                classSetup,
	stripe.ErrorCodeAccountInvalid:                            classSetup,
	stripe.ErrorCodeApplicationFeesNotAllowed:                 classSetup,
	stripe.ErrorCodeBalanceInsufficient:                       classSetup, // of a refund; who tops it up mends all
	stripe.ErrorCodeChargeExceedsSourceLimit:                  classSetup,
	stripe.ErrorCodeChargeExceedsTransactionLimit:             classSetup,
	stripe.ErrorCodeChargeInvalidParameter:                    classSetup,
	stripe.ErrorCodeCountryUnsupported:                        classSetup,
	stripe.ErrorCodeInvalidCharacters:                         classSetup,
	stripe.ErrorCodeLivemodeMismatch:                          classSetup,
	stripe.ErrorCodeNotAllowedOnStandardAccount:               classSetup,
	stripe.ErrorCodeParameterInvalidEmpty:                     classSetup,
	stripe.ErrorCodeParameterInvalidInteger:                   classSetup,
	stripe.ErrorCodeParameterInvalidStringBlank:               classSetup,
	stripe.ErrorCodeParameterInvalidStringEmpty:               classSetup,
	stripe.ErrorCodeParameterMissing:                          classSetup,
	stripe.ErrorCodeParameterUnknown:                          classSetup,
	stripe.ErrorCodeParametersExclusive:                       classSetup,
	stripe.ErrorCodePaymentIntentInvalidParameter:             classSetup,
	stripe.ErrorCodePaymentIntentMandateInvalid:               classSetup,
	stripe.ErrorCodePaymentMethodConfigurationFailures:        classSetup,
	stripe.ErrorCodePaymentMethodCurrencyMismatch:             classSetup,
	stripe.ErrorCodePaymentMethodInvalidParameterTestmode:     classSetup,
	stripe.ErrorCodePaymentMethodNotAvailable:                 classSetup,
	stripe.ErrorCodePaymentMethodUnactivated:                  classSetup,
	stripe.ErrorCodePlatformAPIKeyExpired:                     classSetup,
	stripe.ErrorCodePlatformAccountRequired:                   classSetup,
	stripe.ErrorCodeProgressiveOnboardingLimitExceeded:        classSetup,
	stripe.ErrorCodeRequestBlocked:                            classSetup,
	stripe.ErrorCodeResourceMissing:                           classSetup, // the key is of another account or mode
	stripe.ErrorCodeSecretKeyRequired:                         classSetup,
	stripe.ErrorCodeTLSVersionUnsupported:                     classSetup,
	stripe.ErrorCodeTestmodeChargesOnly:                       classSetup,
	stripe.ErrorCodeURLInvalid:                                classSetup,
	stripe.ErrorCodeIdempotencyKeyInUse:                       classPassing,
	stripe.ErrorCodeLockTimeout:                               classPassing,
	stripe.ErrorCodePaymentIntentRateLimitExceeded:            classPassing,
	stripe.ErrorCodeRateLimit:                                 classPassing,
	stripe.ErrorCodeIntentInvalidState:                        classOpen,
	stripe.ErrorCodePaymentIntentUnexpectedState:              classOpen,
	stripe.ErrorCodePaymentMethodProviderDecline:              classOpen,
	stripe.ErrorCodePaymentMethodProviderTimeout:              classOpen,
	stripe.ErrorCodeAmountTooLarge:                            classFinal,
	stripe.ErrorCodeAmountTooSmall:                            classFinal,
	stripe.ErrorCodeChargeAlreadyRefunded:                     classFinal,
	stripe.ErrorCodeChargeDisputed:                            classFinal,
	stripe.ErrorCodeChargeNotRefundable:                       classFinal,
	stripe.ErrorCodeInvalidChargeAmount:                       classFinal,
	stripe.ErrorCodeRefundDisputedPayment:                     classFinal,
}

// classOf returns the class of Stripe's answer: by its status where that says
// enough (https://docs.stripe.com/api/errors), else by its code.
func classOf(e *stripe.Error) errorClass {
	listed, known := errorClasses[e.Code]
	switch status := e.HTTPStatusCode; {
	case status == http.StatusTooManyRequests, listed == classPassing:
		return classPassing
	case e.Type == stripe.ErrorTypeIdempotency:
		return classKeyReused
	case status == http.StatusConflict:
		return classPassing
	case status >= http.StatusInternalServerError:
		return classOpen
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return classSetup
	case e.Code == stripe.ErrorCodeResourceMissing && e.Param == "payment_method":
		return classMethod
	case known:
		return listed
	case e.Type == stripe.ErrorTypeAPI:
		return classOpen
	case e.Type == stripe.ErrorTypeCard || e.Param == "payment_method":
		return classMethod
	}
	return classUnlisted
}

// code returns what callers are told of a class. A code that is unlisted is read as
// otherwise.
func (c errorClass) code(otherwise errorClass) order.Code {
	if c == classUnlisted {
		c = otherwise
	}
	switch c {
	case classSetup:
		return order.CodeMisconfigured
	case classPassing, classOpen:
		return order.CodeUnavailable
	case classKeyReused:
		return order.CodeInvalid
	default:
		return order.CodeRefused
	}
}
