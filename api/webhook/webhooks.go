package webhook

import (
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/readmodel"
)

// Providers are those who call back, by the last part of their path, and those who have
// to know.
type Providers struct {
	Payments map[string]PaymentProvider
	Texts    map[string]TextReceiver
	// Orders hear of their payments; Events is needed with Payments.
	Orders PaymentReports
	Events EventStore
}

// Webhooks is the resource /webhooks/{provider}. A provider that is not set up has none.
type Webhooks struct {
	Providers
	Finder readmodel.Finder
	// Lookups bounds what unsigned events lead to.
	Lookups *Lookups
	Now     func() time.Time
	Log     *slog.Logger
}

// Register adds the resource's route.
func (h *Webhooks) Register(router *mux.Router) {
	router.HandleFunc(callback.Path("{provider}"), h.serve).Methods(http.MethodPost)
}

// serve is POST /webhooks/{provider}.
func (h *Webhooks) serve(w http.ResponseWriter, r *http.Request) {
	name := mux.Vars(r)["provider"]
	receive, contract := h.find(name)
	if receive == nil {
		transport.HandlerFunc(notFound).ServeHTTP(w, r)
		return
	}
	transport.RequestLogOf(r).Route = callback.Path(name)
	handle := transport.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		request, err := read(r, contract)
		if err == nil {
			err = receive(r, request)
		}
		if err != nil {
			return err
		}
		return acknowledge(w, r, contract)
	})
	if contract.MaxBody > 0 {
		handle.Limited(contract.MaxBody).ServeHTTP(w, r)
		return
	}
	handle.ServeHTTP(w, r)
}

func notFound(http.ResponseWriter, *http.Request) error { return transport.NotFound() }

// receiver takes a provider's request.
type receiver func(r *http.Request, request callback.Request) error

// find returns who takes the requests of the provider, and what it sends; nil when there
// is no such provider.
func (h *Webhooks) find(name string) (receiver, callback.Contract) {
	if provider, ok := h.Payments[name]; ok {
		contract, _ := provider.Webhook()
		return func(r *http.Request, request callback.Request) error { return h.receiveEvent(r, provider, request) }, contract
	}
	if texts, ok := h.Texts[name]; ok {
		return func(r *http.Request, request callback.Request) error { return receiveText(r, texts, request) }, texts.Webhook()
	}
	return nil, callback.Contract{}
}

// read reads the request, as far as it keeps to the contract.
func read(r *http.Request, contract callback.Contract) (callback.Request, error) {
	body, err := transport.ReadBody(r)
	if err != nil {
		return callback.Request{}, err
	}
	if want := contract.MediaType; want != "" {
		if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != want {
			return callback.Request{}, transport.NewError(transport.CodeUnsupportedMediaType, "the body must be sent as "+want)
		}
	}
	return callback.Request{Target: r.URL.RequestURI(), Header: r.Header, Body: body}, nil
}

// acknowledge tells the provider that its report was taken.
func acknowledge(w http.ResponseWriter, r *http.Request, contract callback.Contract) error {
	if contract.AnswerType != "" {
		w.Header().Set("Content-Type", contract.AnswerType)
	}
	w.WriteHeader(contract.Status)
	if len(contract.Answer) == 0 {
		return nil
	}
	if _, err := w.Write(contract.Answer); err != nil {
		transport.RequestLogOf(r).Err = err
	}
	return nil
}
