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
// another way than with the key.
//
// What strangers send is no reason to stop: a payload that is received as a
// [converter.RawValue] and cannot be decrypted is one that [Undecrypted] tells.
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

// patient is a data converter that panics where a key is missing, and decrypts
// only what is asked for.
type patient struct{ converter.DataConverter }

func (p patient) FromPayloads(payloads *commonpb.Payloads, to ...any) error {
	all := payloads.GetPayloads()
	for i, payload := range all[:min(len(all), len(to))] {
		if err := p.FromPayload(payload, to[i]); err != nil {
			return fmt.Errorf("payload item %d: %w", i, err)
		}
	}
	return nil
}

func (p patient) FromPayload(payload *commonpb.Payload, to any) error {
	err := p.DataConverter.FromPayload(payload, to)
	if raw, ok := to.(*converter.RawValue); ok && err != nil {
		*raw = converter.NewRawValue(undecrypted(err))
		return nil
	}
	var missing *MissingKeyError
	if errors.As(err, &missing) {
		panic(missing)
	}
	return err
}

// undecrypted returns what stands for a payload that cannot be decrypted because
// of err: encrypted still, but with the reason for its data.
func undecrypted(err error) *commonpb.Payload {
	p := &commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(Encoding)}, Data: []byte(err.Error())}
	var missing *MissingKeyError
	if errors.As(err, &missing) {
		p.Metadata[MetadataKeyID] = []byte(missing.ID)
	}
	return p
}

// Undecrypted returns why a payload that a worker has received raw could not be
// decrypted, and "" when it is decrypted or never was encrypted. With keyMissing,
// another worker may be able to; without, nobody is.
func Undecrypted(p *commonpb.Payload) (reason string, keyMissing bool) {
	if string(p.GetMetadata()[converter.MetadataEncoding]) != Encoding {
		return "", false
	}
	return string(p.GetData()), len(p.GetMetadata()[MetadataKeyID]) > 0
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
