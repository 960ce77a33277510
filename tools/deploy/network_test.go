package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// flow is who may speak to whom: a direction, a peer and a port.
func flow(direction networking.PolicyType, peer, port string) string {
	return fmt.Sprintf("%s %s %s", direction, peer, port)
}

// flows returns what a network policy lets through.
func flows(policy *networking.NetworkPolicy) (all []string) {
	for _, rule := range policy.Spec.Ingress {
		all = append(all, pairs(networking.PolicyTypeIngress, rule.From, rule.Ports)...)
	}
	for _, rule := range policy.Spec.Egress {
		all = append(all, pairs(networking.PolicyTypeEgress, rule.To, rule.Ports)...)
	}
	return all
}

// pairs returns every pair of a peer and a port. No peers are all peers, and no ports
// all ports.
func pairs(direction networking.PolicyType, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort) (all []string) {
	from, to := []string{"anybody"}, []string{"any port"}
	if len(peers) > 0 {
		from = nil
	}
	for _, peer := range peers {
		from = append(from, peerName(peer))
	}
	if len(ports) > 0 {
		to = nil
	}
	for _, port := range ports {
		to = append(to, fmt.Sprintf("%s/%s", *port.Protocol, port.Port))
	}
	for _, peer := range from {
		for _, port := range to {
			all = append(all, flow(direction, peer, port))
		}
	}
	return all
}

func peerName(peer networking.NetworkPolicyPeer) string {
	if peer.IPBlock != nil {
		return peer.IPBlock.CIDR + " but " + strings.Join(peer.IPBlock.Except, ",")
	}
	name := peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]
	if peer.PodSelector != nil {
		name += " " + meta.FormatLabelSelector(peer.PodSelector)
	}
	return name
}

// internet is what is neither private nor a cloud's metadata server.
const internet = "0.0.0.0/0 but 10.0.0.0/8,100.64.0.0/10,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16"

func TestPodsReachWhatTheyNeedByPortAndPeerAndNothingElse(t *testing.T) {
	t.Parallel()
	const dns = "kube-system k8s-app=kube-dns"
	in, out := networking.PolicyTypeIngress, networking.PolicyTypeEgress
	all := []string{flow(out, dns, "UDP/53"), flow(out, dns, "TCP/53"), flow(out, "postgresql", "TCP/5432")}
	running := slices.Concat(all, []string{flow(in, "monitoring", "TCP/metrics"), flow(out, "monitoring", "TCP/4318"), flow(out, "temporal", "TCP/7233")})
	served := []string{flow(in, "ingress-nginx", "TCP/http")}
	providers := []string{flow(out, internet, "TCP/443")}
	want := map[string][]string{
		"api": slices.Concat(running, served, providers), "store": slices.Concat(running, served),
		"worker": slices.Concat(running, providers), "migrate": all,
	}
	for component, want := range want {
		require.ElementsMatch(t, want, let(t, "production", component), component)
	}
}

func TestPodsReachTemporalCloudOverTheInternet(t *testing.T) {
	t.Parallel()
	for _, component := range []string{"api", "store", "worker"} {
		require.Contains(t, let(t, cloud, component), flow(networking.PolicyTypeEgress, internet, "TCP/7233"), component)
	}
}

// let returns what the network policies of a folder let through to and from the pods of
// a component. At least one of them denies all the rest, in both directions.
func let(t *testing.T, folder, component string) (through []string) {
	t.Helper()
	pod := labels.Set{"app.kubernetes.io/name": "cafeforme", "app.kubernetes.io/component": component}
	denied := map[networking.PolicyType]bool{}
	for _, policy := range of[*networking.NetworkPolicy](built(t, folder)) {
		selector, err := meta.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		require.NoError(t, err)
		if !selector.Matches(pod) {
			continue
		}
		for _, direction := range policy.Spec.PolicyTypes {
			denied[direction] = true
		}
		through = append(through, flows(policy)...)
	}
	require.Len(t, denied, 2, component)
	return through
}
