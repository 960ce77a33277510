package encryption

import (
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// Converters are what the Temporal SDK turns values and errors into payloads and
// failures with, and back.
type Converters struct {
	Data    converter.DataConverter
	Failure converter.FailureConverter
}

// Converters returns the converters of a client. Without the key, what they read
// is an error that holds a [MissingKeyError].
func (r *Ring) Converters() Converters {
	return r.converters(converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), r))
}

// WorkerConverters returns the converters of a workflow's worker. Without the key
// they panic: the SDK fails the workflow task then, which Temporal repeats until a
// worker has the key. An error would be the workflow's to handle, and it would go
// another way than with the key: it would fail, or forget a signal.
func (r *Ring) WorkerConverters() Converters {
	return r.converters(patient{r.Converters().Data})
}

func (r *Ring) converters(data converter.DataConverter) Converters {
	return Converters{Data: data, Failure: failures{
		FailureConverter: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
			DataConverter: data, EncodeCommonAttributes: r.Encrypts(),
		}),
		data: data,
	}}
}

// patient is a data converter that panics where a key is missing.
type patient struct{ converter.DataConverter }

func (p patient) FromPayload(payload *commonpb.Payload, to any) error {
	return panicWithoutKey(p.DataConverter.FromPayload(payload, to))
}

func (p patient) FromPayloads(payloads *commonpb.Payloads, to ...any) error {
	return panicWithoutKey(p.DataConverter.FromPayloads(payloads, to...))
}

func panicWithoutKey(err error) error {
	var missing *MissingKeyError
	if errors.As(err, &missing) {
		panic(missing)
	}
	return err
}

// failures is the SDK's failure converter, which keeps quiet about what it cannot
// read.
type failures struct {
	converter.FailureConverter
	data converter.DataConverter
}

// FailureToError returns the error that the failure was made of, or why it cannot
// be read. It leaves the failure as it is: the SDK's converter decrypts in place,
// and the SDK still has to record the failures of local activities after that.
func (f failures) FailureToError(failure *failurepb.Failure) error {
	for cause := failure; cause != nil; cause = cause.GetCause() {
		if _, err := Message(f.data, cause); err != nil {
			return err
		}
	}
	return f.FailureConverter.FailureToError(proto.CloneOf(failure))
}

// Message returns a failure's own message, without its causes'. It fails when the
// message is encrypted and cannot be read.
func Message(data converter.DataConverter, failure *failurepb.Failure) (string, error) {
	if failure.GetEncodedAttributes() == nil {
		return failure.GetMessage(), nil
	}
	var attributes struct {
		Message string `json:"message"`
	}
	if err := data.FromPayload(failure.GetEncodedAttributes(), &attributes); err != nil {
		return "", fmt.Errorf("a failure cannot be read: %w", err)
	}
	return attributes.Message, nil
}
