package deploy_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/cafeforme/cafeforme/internal/config"
)

const manifests = root + "/deploy/kubernetes"

// kinds makes an object of each kind that the manifests may hold, in the types
// that the API server decodes them into.
var kinds = map[string]func() meta.Object{
	"v1/ConfigMap":                           func() meta.Object { return &core.ConfigMap{} },
	"v1/Service":                             func() meta.Object { return &core.Service{} },
	"v1/ServiceAccount":                      func() meta.Object { return &core.ServiceAccount{} },
	"apps/v1/Deployment":                     func() meta.Object { return &apps.Deployment{} },
	"batch/v1/Job":                           func() meta.Object { return &batch.Job{} },
	"autoscaling/v2/HorizontalPodAutoscaler": func() meta.Object { return &autoscaling.HorizontalPodAutoscaler{} },
	"policy/v1/PodDisruptionBudget":          func() meta.Object { return &policy.PodDisruptionBudget{} },
	"networking.k8s.io/v1/NetworkPolicy":     func() meta.Object { return &networking.NetworkPolicy{} },
	"keda.sh/v1alpha1/ScaledObject":          func() meta.Object { return &scaledObject{} },
	"keda.sh/v1alpha1/TriggerAuthentication": func() meta.Object { return &triggerAuthentication{} },
}

// decode reads one manifest, and fails on a field that its kind does not have.
func decode(t *testing.T, manifest []byte) (meta.Object, error) {
	t.Helper()
	var kind meta.TypeMeta
	require.NoError(t, yaml.Unmarshal(manifest, &kind))
	object, known := kinds[kind.APIVersion+"/"+kind.Kind]
	require.True(t, known, "%s/%s", kind.APIVersion, kind.Kind)
	into := object()
	if _, custom := schemas[kind.Kind]; custom {
		return into, decodeKEDA(t, kind.Kind, manifest, into)
	}
	return into, yaml.UnmarshalStrict(manifest, into)
}

// built returns what "kubectl apply -k" would send of the folder.
func built(t *testing.T, folder string) []meta.Object {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(manifests, folder))
	require.NoError(t, err)
	var all []meta.Object
	for _, resource := range resources.Resources() {
		manifest, err := resource.AsYAML()
		require.NoError(t, err)
		object, err := decode(t, manifest)
		require.NoError(t, err, "%s", manifest)
		all = append(all, object)
	}
	require.NotEmpty(t, all)
	return all
}

// of returns the objects of one kind, by name.
func of[T meta.Object](all []meta.Object) map[string]T {
	found := map[string]T{}
	for _, object := range all {
		if one, ok := object.(T); ok {
			found[one.GetName()] = one
		}
	}
	return found
}

func TestTheManifestsAreWhatKubernetesKnows(t *testing.T) {
	t.Parallel()
	require.Len(t, of[*apps.Deployment](built(t, "base")), 3)
	require.Len(t, of[*apps.Deployment](built(t, "production")), 3)
}

func TestAMisspeltFieldIsNoticed(t *testing.T) {
	t.Parallel()
	for _, manifest := range []string{
		"apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {terminationGracePeriodSecond: 30}}}",
		"apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nspec: {minReplicasCount: 2, scaleTargetRef: {name: a}, triggers: []}",
	} {
		_, err := decode(t, []byte(manifest))
		require.ErrorContains(t, err, "unknown field")
	}
}

func TestWhatSelectsPodsFindsThem(t *testing.T) {
	t.Parallel()
	all := built(t, "production")
	var pods []core.PodTemplateSpec
	for name, deployment := range of[*apps.Deployment](all) {
		requireSelected(t, name, deployment.Spec.Selector, []core.PodTemplateSpec{deployment.Spec.Template})
		pods = append(pods, deployment.Spec.Template)
		for _, spread := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
			requireSelected(t, name, spread.LabelSelector, []core.PodTemplateSpec{deployment.Spec.Template})
		}
	}
	budgets := of[*policy.PodDisruptionBudget](all)
	require.Len(t, budgets, len(pods), "each Deployment has a budget")
	for name, budget := range budgets {
		requireSelected(t, name, budget.Spec.Selector, pods)
	}
	services := of[*core.Service](all)
	require.Len(t, services, 2)
	for name, service := range services {
		pod := requireSelected(t, name, meta.SetAsLabelSelector(service.Spec.Selector), pods)
		for _, port := range service.Spec.Ports {
			require.Contains(t, portNames(pod), port.TargetPort.String(), name)
		}
	}
	for name, network := range of[*networking.NetworkPolicy](all) {
		selector, err := meta.LabelSelectorAsSelector(&network.Spec.PodSelector)
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(pods, func(pod core.PodTemplateSpec) bool { return selector.Matches(labels.Set(pod.Labels)) }), name)
	}
}

// requireSelected returns the one kind of pods that the selector matches.
func requireSelected(t *testing.T, name string, by *meta.LabelSelector, pods []core.PodTemplateSpec) core.PodTemplateSpec {
	t.Helper()
	selector, err := meta.LabelSelectorAsSelector(by)
	require.NoError(t, err)
	matching := slices.DeleteFunc(slices.Clone(pods), func(pod core.PodTemplateSpec) bool { return !selector.Matches(labels.Set(pod.Labels)) })
	require.Len(t, matching, 1, name)
	return matching[0]
}

func portNames(pod core.PodTemplateSpec) []string {
	var names []string
	for _, port := range pod.Spec.Containers[0].Ports {
		names = append(names, port.Name)
	}
	return names
}

// One value makes a release: it is in the images, and in all that is a build's own.
func TestTheReleaseIsEverywhere(t *testing.T) {
	t.Parallel()
	all := built(t, "production")
	deployments := of[*apps.Deployment](all)
	for name, deployment := range deployments {
		require.Equal(t, "registry.example/cafeforme/cafeforme:0.1.0", deployment.Spec.Template.Spec.Containers[0].Image, name)
	}
	require.Contains(t, of[*batch.Job](all), "migrate-0.1.0")
	require.Contains(t, of[*policy.PodDisruptionBudget](all), "worker-0.1.0")
	require.Contains(t, deployments, "worker-0.1.0")
	scaled := of[*scaledObject](all)["worker-0.1.0"]
	require.NotNil(t, scaled)
	require.Equal(t, "worker-0.1.0", scaled.Spec.ScaleTargetRef.Name)
	environ := environment(t, all, deployments["worker-0.1.0"].Spec.Template.Spec)
	trigger := scaled.Spec.Triggers[0].Metadata
	require.Contains(t, environ, "CAFEFORME_BUILD_ID="+trigger["workerDeploymentBuildId"])
	require.Contains(t, environ, "CAFEFORME_DEPLOYMENT="+trigger["workerDeploymentName"])
	for _, object := range all {
		require.NotContains(t, object.GetName(), "unreleased")
		require.NotEqual(t, "release", object.GetName(), "it is not for the cluster")
	}
}

// podSpecs returns what the manifests run.
func podSpecs(all []meta.Object) map[string]core.PodSpec {
	found := map[string]core.PodSpec{}
	for name, deployment := range of[*apps.Deployment](all) {
		found[name] = deployment.Spec.Template.Spec
	}
	for name, job := range of[*batch.Job](all) {
		found[name] = job.Spec.Template.Spec
	}
	return found
}

// Commands are parsed by the binary, and variables read by its configuration,
// which knows every name and what each process cannot do without.
func TestPodsStartWithWhatTheBinaryUnderstands(t *testing.T) {
	t.Parallel()
	all := built(t, "production")
	binary := filepath.Join(root, "bin/cafeforme")
	for name, pod := range podSpecs(all) {
		args := pod.Containers[0].Args
		requireUnderstood(t, binary, args)
		cfg, err := config.Load(environment(t, all, pod), config.Process(args[0]))
		require.NoError(t, err, name)
		require.NotContains(t, strings.Join(cfg.Warnings, " "), "means nothing", name)
	}
}

func TestPodsAreRunWithCare(t *testing.T) {
	t.Parallel()
	for name, pod := range podSpecs(built(t, "production")) {
		require.True(t, *pod.SecurityContext.RunAsNonRoot, name)
		require.False(t, *pod.AutomountServiceAccountToken, name)
		container := pod.Containers[0]
		require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem, name)
		require.False(t, *container.SecurityContext.AllowPrivilegeEscalation, name)
		require.Equal(t, []core.Capability{"ALL"}, container.SecurityContext.Capabilities.Drop, name)
		require.False(t, container.Resources.Requests.Cpu().IsZero(), name)
		require.False(t, container.Resources.Requests.Memory().IsZero(), name)
		if container.Args[0] != "migrate" {
			requireProbed(t, name, pod)
		}
	}
}

// probes are the paths that each port serves: api/operations.go, and
// internal/app/telemetry.go.
var probes = map[string][]string{"http": {"/healthz", "/readyz"}, "metrics": {"/metrics", "/readyz"}}

// stops is how long a process is given on SIGTERM (docs/deployment.md), in seconds.
const stops = 30

func requireProbed(t *testing.T, name string, pod core.PodSpec) {
	t.Helper()
	container := pod.Containers[0]
	for _, probe := range []*core.Probe{container.LivenessProbe, container.ReadinessProbe} {
		require.NotNil(t, probe, name)
		port := probe.HTTPGet.Port.String()
		require.Contains(t, probes[port], probe.HTTPGet.Path, name)
		require.Contains(t, portNames(core.PodTemplateSpec{Spec: pod}), port, name)
	}
	before := int64(0)
	if container.Lifecycle != nil {
		before = container.Lifecycle.PreStop.Sleep.Seconds
	}
	require.GreaterOrEqual(t, *pod.TerminationGracePeriodSeconds, before+stops, name)
}

// Secrets are made in the cluster (docs/deployment.md).
func TestNoSecretIsInAFile(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), "grep", "-rlE", "kind: Secret$|stringData|(sk|whsec)_[A-Za-z0-9]", manifests).CombinedOutput()
	require.Error(t, err, "%s", output)
	require.Empty(t, output)
}
