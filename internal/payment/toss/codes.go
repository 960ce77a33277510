package toss

import (
	"net/http"
	"strings"
)

// errorClass is whose fault an error of Toss's is, and so what is to be done about it.
type errorClass int

const (
	// classUnlisted: Toss refuses the request, under a code that is in no class.
	classUnlisted errorClass = iota
	// classNone: Toss did not answer. What was asked for may happen.
	classNone
	// classMethod: this customer's card or account cannot pay; another may.
	classMethod
	// classSetup: our account or keys. Every order has it, until it is mended.
	classSetup
	// classPassing: nothing has happened, and the same request can help later.
	classPassing
	// classOpen: what was asked for may have happened, now or before: only a look at the
	// payment tells. The idempotency key may have kept the error.
	classOpen
	// classGone: there is no payment that the request could be about.
	classGone
	// classFinal: Toss will never do this for this order.
	classFinal
)

// codeProcessing is the code of a request whose first one is being worked on.
const codeProcessing = "IDEMPOTENT_REQUEST_PROCESSING"

// errorClasses holds the error codes that our calls - payments, which are confirmed, read and
// cancelled, and transactions, which are listed - can be answered with, by their descriptions
// at https://docs.tosspayments.com/reference/error-codes. Codes are classed and not statuses:
// of one status there are some of each class.
var errorClasses = map[string]errorClass{
	"ACCOUNT_OWNER_CHECK_FAILED":                          classMethod,
	"EXCEED_MAX_AMOUNT":                                   classMethod,
	"EXCEED_MAX_AUTH_COUNT":                               classMethod,
	"EXCEED_MAX_CARD_INSTALLMENT_PLAN":                    classMethod,
	"EXCEED_MAX_DAILY_PAYMENT_COUNT":                      classMethod,
	"EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT":                   classMethod,
	"EXCEED_MAX_ONE_DAY_AMOUNT":                           classMethod,
	"EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT":                  classMethod,
	"EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT":                 classMethod,
	"EXCEED_MAX_PAYMENT_AMOUNT":                           classMethod,
	"FDS_ERROR":                                           classMethod,
	"INVALID_ACCOUNT_INFO_RE_REGISTER":                    classMethod,
	"INVALID_CARD_EXPIRATION":                             classMethod,
	"INVALID_CARD_INSTALLMENT_PLAN":                       classMethod,
	"INVALID_CARD_LOST_OR_STOLEN":                         classMethod,
	"INVALID_CARD_NUMBER":                                 classMethod,
	"INVALID_PASSWORD":                                    classMethod,
	"INVALID_REJECT_CARD":                                 classMethod,
	"INVALID_STOPPED_CARD":                                classMethod,
	"NOT_ALLOWED_POINT_USE":                               classMethod,
	"NOT_SUPPORTED_CARD_TYPE":                             classMethod,
	"NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT":     classMethod,
	"NOT_SUPPORTED_INSTALLMENT_PLAN_MERCHANT":             classMethod,
	"NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN":              classMethod,
	"NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT": classMethod,
	"PAY_PROCESS_ABORTED":                                 classMethod,
	"PAY_PROCESS_CANCELED":                                classMethod,
	"REJECT_ACCOUNT_PAYMENT":                              classMethod,
	"REJECT_CARD_COMPANY":                                 classMethod,
	"REJECT_CARD_PAYMENT":                                 classMethod,
	"REJECT_TOSSPAY_INVALID_ACCOUNT":                      classMethod,
	"RESTRICTED_TRANSFER_ACCOUNT":                         classMethod,
	"FORBIDDEN_REQUEST":                                   classSetup,
	"INCORRECT_BASIC_AUTH_FORMAT":                         classSetup,
	"INVALID_API_KEY":                                     classSetup,
	"INVALID_AUTHORIZE_AUTH":                              classSetup,
	"INVALID_CLIENT_KEY":                                  classSetup,
	"INVALID_IDEMPOTENCY_KEY":                             classSetup,
	"INVALID_UNREGISTERED_SUBMALL":                        classSetup,
	"NOT_FOUND_TERMINAL_ID":                               classSetup,
	"NOT_REGISTERED_BUSINESS":                             classSetup,
	"UNAUTHORIZED_KEY":                                    classSetup,
	codeProcessing:                                        classPassing,
	"ALREADY_CANCELED_PAYMENT":                            classOpen,
	"ALREADY_PROCESSED_PAYMENT":                           classOpen,
	"ALREADY_REFUND_PAYMENT":                              classOpen,
	"CARD_PROCESSING_ERROR":                               classOpen,
	"COMMON_ERROR":                                        classOpen,
	"DUPLICATED_ORDER_ID":                                 classOpen,
	"FAILED_CARD_COMPANY_RESPONSE":                        classOpen,
	"FAILED_DB_PROCESSING":                                classOpen,
	"FAILED_INTERNAL_SYSTEM_PROCESSING":                   classOpen,
	"FAILED_METHOD_HANDLING_CANCEL":                       classOpen,
	"FAILED_PARTIAL_REFUND":                               classOpen,
	"FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING":           classOpen,
	"FAILED_REFUND_PROCESS":                               classOpen,
	"FORBIDDEN_CONSECUTIVE_REQUEST":                       classOpen,
	"NOT_AVAILABLE_BANK":                                  classOpen,
	"NOT_AVAILABLE_PAYMENT":                               classOpen,
	"NOT_CANCELABLE_AMOUNT":                               classOpen,
	"NOT_MATCHES_REFUNDABLE_AMOUNT":                       classOpen,
	"PROVIDER_ERROR":                                      classOpen,
	"UNKNOWN_PAYMENT_ERROR":                               classOpen,
	"INVALID_PAYMENT_KEY":                                 classGone,
	"INVALID_REQUEST":                                     classGone,
	"NOT_FOUND":                                           classGone,
	"NOT_FOUND_PAYMENT":                                   classGone,
	"NOT_FOUND_PAYMENT_SESSION":                           classGone,
	"UNAPPROVED_ORDER_ID":                                 classGone,
	"BELOW_MINIMUM_AMOUNT":                                classFinal,
	"EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT":                classFinal,
	"EXCEED_CANCEL_LIMIT":                                 classFinal,
	"EXCEED_MAX_REFUND_DUE":                               classFinal,
	"FORBIDDEN_BANK_REFUND_REQUEST":                       classFinal,
	"NOT_ALLOWED_PARTIAL_REFUND":                          classFinal,
	"NOT_CANCELABLE_PAYMENT":                              classFinal,
	"NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER":             classFinal,
	"REFUND_REJECTED":                                     classFinal,
}

// classOf returns the class of what came of a call: that of the code. Statuses are asked only
// where the code says nothing.
func classOf(err error) errorClass {
	r := asRefusal(err)
	if r == nil {
		return classNone
	}
	if class, listed := errorClasses[r.Code]; listed {
		return class
	}
	switch {
	case strings.HasPrefix(r.Code, "REJECT_"), strings.HasPrefix(r.Code, "EXCEED_MAX_"): // a new one
		return classMethod
	case r.Status == http.StatusTooManyRequests:
		return classPassing
	case r.Status >= http.StatusInternalServerError:
		return classOpen
	case r.Status == http.StatusUnauthorized:
		return classSetup
	}
	return classUnlisted
}

// confidentialCodes are the reasons that the customer, who may not be the card's owner, is
// not told.
var confidentialCodes = map[string]bool{"FDS_ERROR": true, "INVALID_CARD_LOST_OR_STOLEN": true}
