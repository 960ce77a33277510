package deploy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// scaledObject is as much of KEDA's kind as the tests ask about. Its manifest has
// been held against the schema of the whole.
type scaledObject struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`

	Spec struct {
		ScaleTargetRef struct{ Name string } `json:"scaleTargetRef"`
		Triggers       []struct {
			Type              string                `json:"type"`
			Metadata          map[string]string     `json:"metadata"`
			AuthenticationRef struct{ Name string } `json:"authenticationRef"`
		} `json:"triggers"`
	} `json:"spec"`
}

type triggerAuthentication struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`

	Spec struct {
		SecretTargetRef []struct{ Parameter, Name, Key string } `json:"secretTargetRef"`
	} `json:"spec"`
}

// cloud is an overlay for Temporal Cloud, among the kustomizations.
const cloud = "../../tools/deploy/testdata/cloud"

// schemas are the files of KEDA's definitions, by the kind they define.
var schemas = map[string]string{
	"ScaledObject":          "testdata/keda/keda.sh_scaledobjects.yaml",
	"TriggerAuthentication": "testdata/keda/keda.sh_triggerauthentications.yaml",
}

// decodeKEDA reads a manifest of a kind of KEDA's, and fails on what its
// definition does not have.
func decodeKEDA(t *testing.T, kind string, manifest []byte, into meta.Object) error {
	t.Helper()
	file, err := os.ReadFile(schemas[kind])
	require.NoError(t, err)
	var definition extensions.CustomResourceDefinition
	require.NoError(t, yaml.UnmarshalStrict(file, &definition))
	var value any
	require.NoError(t, yaml.UnmarshalStrict(manifest, &value))
	schema := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	delete(value.(map[string]any), "metadata") // any object's: the definition leaves it to Kubernetes
	if err := fits(kind, value, *schema); err != nil {
		return err
	}
	return yaml.Unmarshal(manifest, into)
}

// fits says where a value has a field, a type or a choice that its schema does not
// have, or lacks one that it requires.
func fits(at string, value any, schema extensions.JSONSchemaProps) error {
	if len(schema.Enum) > 0 && !slices.ContainsFunc(schema.Enum, func(one extensions.JSON) bool { return string(one.Raw) == fmt.Sprintf("%q", value) }) {
		return fmt.Errorf("%s: %v is not in its list", at, value)
	}
	switch value := value.(type) {
	case map[string]any:
		return fieldsFit(at, value, schema)
	case []any:
		for i, item := range value {
			if schema.Type != "array" {
				break
			}
			if err := fits(fmt.Sprintf("%s[%d]", at, i), item, *schema.Items.Schema); err != nil {
				return err
			}
		}
		return typeIs(at, schema, "array")
	case string:
		return typeIs(at, schema, "string")
	case bool:
		return typeIs(at, schema, "boolean")
	default:
		return typeIs(at, schema, "integer", "number")
	}
}

func fieldsFit(at string, value map[string]any, schema extensions.JSONSchemaProps) error {
	if err := typeIs(at, schema, "object"); err != nil {
		return err
	}
	for _, name := range schema.Required {
		if _, there := value[name]; !there {
			return fmt.Errorf("%s: %s is missing", at, name)
		}
	}
	for name, field := range value {
		property, known := schema.Properties[name]
		if !known && schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
			property, known = *schema.AdditionalProperties.Schema, true
		}
		if !known {
			return fmt.Errorf("%s: unknown field %q", at, name)
		}
		if err := fits(at+"."+name, field, property); err != nil {
			return err
		}
	}
	return nil
}

func typeIs(at string, schema extensions.JSONSchemaProps, types ...string) error {
	if schema.XIntOrString || slices.Contains(types, schema.Type) {
		return nil
	}
	return fmt.Errorf("%s: is %s, want %s", at, types[0], schema.Type)
}

func TestAutoscalersScaleWhatExists(t *testing.T) {
	t.Parallel()
	all := built(t, "production")
	deployments := of[*apps.Deployment](all)
	scaled := map[string]bool{}
	for name, scaler := range of[*autoscaling.HorizontalPodAutoscaler](all) {
		require.Contains(t, deployments, scaler.Spec.ScaleTargetRef.Name, name)
		scaled[scaler.Spec.ScaleTargetRef.Name] = true
	}
	// What the documentation of KEDA's Temporal scaler lists, keda.sh/docs/2.21/scalers/temporal.
	known := []string{"endpoint", "namespace", "taskQueue", "queueTypes", "targetQueueSize", "workerDeploymentName", "workerDeploymentBuildId"}
	for name, scaler := range of[*scaledObject](all) {
		require.Contains(t, deployments, scaler.Spec.ScaleTargetRef.Name, name)
		scaled[scaler.Spec.ScaleTargetRef.Name] = true
		for _, trigger := range scaler.Spec.Triggers {
			require.Equal(t, "temporal", trigger.Type)
			for key := range trigger.Metadata {
				require.Contains(t, known, key)
			}
		}
	}
	require.Len(t, scaled, len(deployments), "each Deployment is scaled")
}

// The backlog of every task queue that a worker serves brings more workers. KEDA finds
// the backlog of "orders" under the build that serves it, and that of "notifications",
// which all builds serve, under none (worker.NewNotifications).
func TestWorkersAreScaledByEachQueueThatTheyServe(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"production", cloud} {
		for name, scaler := range of[*scaledObject](built(t, folder)) {
			builds := map[string]string{}
			for _, trigger := range scaler.Spec.Triggers {
				builds[trigger.Metadata["taskQueue"]] = trigger.Metadata["workerDeploymentBuildId"]
			}
			require.Equal(t, map[string]string{"orders": strings.TrimPrefix(name, "worker-"), "notifications": ""}, builds, folder)
		}
	}
}

// KEDA asks the Temporal that the pods work for, as somebody it lets in, on a server of
// one's own and on Temporal Cloud.
func TestTheAutoscalerAsksTheTemporalOfThePods(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"production", cloud} {
		all := built(t, folder)
		authentications := of[*triggerAuthentication](all)
		for _, scaler := range of[*scaledObject](all) {
			environ := environment(t, all, of[*apps.Deployment](all)[scaler.Spec.ScaleTargetRef.Name].Spec.Template.Spec)
			for _, trigger := range scaler.Spec.Triggers {
				require.Contains(t, environ, "TEMPORAL_ADDRESS="+trigger.Metadata["endpoint"])
				require.Contains(t, environ, "TEMPORAL_NAMESPACE="+trigger.Metadata["namespace"])
				authentication := authentications[trigger.AuthenticationRef.Name]
				require.NotNil(t, authentication, "%s: %s", folder, trigger.Metadata["taskQueue"])
				for _, ref := range authentication.Spec.SecretTargetRef {
					require.Contains(t, secrets()[ref.Name], ref.Key)
					// keda.sh/docs/2.21/scalers/temporal, Authentication Parameters.
					require.Contains(t, []string{"apiKey", "ca", "cert", "key"}, ref.Parameter)
				}
			}
		}
	}
}
