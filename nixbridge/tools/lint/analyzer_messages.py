"""Every message of `istioctl analyze` and of Kiali's validations, by its code, and why nixbridge has no rule for some.

(istio/istio pkg/config/analysis/msg/messages.yaml at 86c9f01; kiali/kiali models/istio_validation.go, August 2026)
"""

from __future__ import annotations

_ISTIOCTL = """
IST0001 InternalError
IST0002 Deprecated
IST0101 ReferencedResourceNotFound
IST0102 NamespaceNotInjected
IST0103 PodMissingProxy
IST0106 SchemaValidationError
IST0107 MisplacedAnnotation
IST0108 UnknownAnnotation
IST0109 ConflictingMeshGatewayVirtualServiceHosts
IST0110 ConflictingSidecarWorkloadSelectors
IST0111 MultipleSidecarsWithoutWorkloadSelectors
IST0112 VirtualServiceDestinationPortSelectorRequired
IST0116 DeploymentAssociatedToMultipleServices
IST0118 PortNameIsNotUnderNamingConvention
IST0123 NamespaceMultipleInjectionLabels
IST0125 InvalidAnnotation
IST0126 UnknownMeshNetworksServiceRegistry
IST0127 NoMatchingWorkloadsFound
IST0128 NoServerCertificateVerificationDestinationLevel
IST0129 NoServerCertificateVerificationPortLevel
IST0130 VirtualServiceUnreachableRule
IST0131 VirtualServiceIneffectiveMatch
IST0132 VirtualServiceHostNotFoundInGateway
IST0133 SchemaWarning
IST0134 ServiceEntryAddressesRequired
IST0135 DeprecatedAnnotation
IST0136 AlphaAnnotation
IST0137 DeploymentConflictingPorts
IST0138 GatewayDuplicateCertificate
IST0139 InvalidWebhook
IST0140 IngressRouteRulesNotAffected
IST0141 InsufficientPermissions
IST0142 UnsupportedKubernetesVersion
IST0143 LocalhostListener
IST0144 InvalidApplicationUID
IST0145 ConflictingGateways
IST0146 ImageAutoWithoutInjectionWarning
IST0147 ImageAutoWithoutInjectionError
IST0148 NamespaceInjectionEnabledByDefault
IST0149 JwtClaimBasedRoutingWithoutRequestAuthN
IST0150 ExternalNameServiceTypeInvalidPortName
IST0151 EnvoyFilterUsesRelativeOperation
IST0152 EnvoyFilterUsesReplaceOperationIncorrectly
IST0153 EnvoyFilterUsesAddOperationIncorrectly
IST0154 EnvoyFilterUsesRemoveOperationIncorrectly
IST0155 EnvoyFilterUsesRelativeOperationWithProxyVersion
IST0156 UnsupportedGatewayAPIVersion
IST0157 InvalidTelemetryProvider
IST0158 PodsIstioProxyImageMismatchInNamespace
IST0159 ConflictingTelemetryWorkloadSelectors
IST0160 MultipleTelemetriesWithoutWorkloadSelectors
IST0161 InvalidGatewayCredential
IST0162 GatewayPortNotDefinedOnService
IST0163 InvalidExternalControlPlaneConfig
IST0164 ExternalControlPlaneAddressIsNotAHostname
IST0165 ReferencedInternalGateway
IST0166 IneffectiveSelector
IST0167 IneffectivePolicy
IST0168 UnknownUpgradeCompatibility
IST0169 UpdateIncompatibility
IST0170 MultiClusterInconsistentService
IST0171 NegativeConditionStatus
IST0172 FutureUnsupportedGatewayAPIVersion
IST0173 DestinationRuleSubsetNotSelectPods
IST0174 UnknownDestinationRuleHost
IST0175 JwksUriFetchUnrestricted
IST0176 GatewayAPICRDVersionBelowMinimum
IST0177 ConflictingServiceEntryProtocol
"""
_KIALI = """
KIA0002 two policies without a selector in a namespace
KIA0003 two policies for one workload
KIA0004 a selector that selects no workload
KIA0005 an exportTo of an unknown namespace
KIA0101 a rule for an unknown namespace
KIA0102 a method that is not one of HTTP's
KIA0104 an unknown host in a policy
KIA0105 a field that needs mutual TLS
KIA0106 an unknown service account
KIA0107 a service account of a remote cluster
KIA0108 a trust domain that Kiali does not know
KIA0109 a policy on requests in ambient mode without a waypoint
KIA0110 a policy with a selector where a waypoint needs targetRefs
KIA0201 two DestinationRules for a host and subset
KIA0202 an unknown host in a DestinationRule
KIA0203 a subset whose labels no workload has
KIA0204 a mesh-wide TLS mode that a rule overrides
KIA0205 mutual TLS of clients that no mesh-wide policy has
KIA0206 mutual TLS of clients that no policy of the namespace has
KIA0207 DISABLE towards a STRICT namespace
KIA0208 DISABLE towards a STRICT mesh
KIA0209 a subset without labels
KIA0210 a DestinationRule for requests in ambient mode without a waypoint
KIA0211 a DestinationRule for a Service without a waypoint
KIA0212 a DestinationRule in another namespace than its ambient Service
KIA0301 two Gateways for a host and port
KIA0302 a Gateway whose selector selects no workload
KIA0401 a mesh-wide STRICT policy without a DestinationRule
KIA0501 a STRICT policy of a namespace without a DestinationRule
KIA0505 mutual TLS towards a DISABLE namespace
KIA0506 mutual TLS towards a DISABLE mesh
KIA0601 a port whose name tells no protocol
KIA0602 an appProtocol that is not a protocol
KIA0701 a Service's port that no workload has
KIA1004 an unknown host in a Sidecar
KIA1006 a mesh-wide Sidecar with a selector
KIA1007 an outbound policy without a mode
KIA1101 a route to an unknown host
KIA1102 an unknown gateway
KIA1104 a weight beside no other destination
KIA1105 a destination twice in a route
KIA1106 two VirtualServices for a host
KIA1107 an unknown subset
KIA1108 a gateway's name in the old form
KIA1109 a VirtualService in ambient mode without a waypoint
KIA1110 a RequestAuthentication in ambient mode without a waypoint
KIA1111 a WasmPlugin in ambient mode without a waypoint
KIA1112 a Telemetry of requests in ambient mode without a waypoint
KIA1113 a VirtualService for a Service without a waypoint
KIA1114 a VirtualService in another namespace than its ambient Service
KIA1115 a RequestAuthentication with a selector where a waypoint needs targetRefs
KIA1116 a WasmPlugin with a selector where a waypoint needs targetRefs
KIA1117 a Telemetry with a selector where a waypoint needs targetRefs
KIA1211 two ServiceEntries for a host and port
KIA1212 two protocols for a host and port
KIA1301 a workload without an authorization policy
KIA1311 labels for a sidecar and for ambient mode
KIA1312 a waypoint's label outside ambient mode
KIA1313 an unknown waypoint
KIA1314 a sidecar's label and redirection to ztunnel
KIA1315 a sidecar's container in a pod of ambient mode
KIA1316 a sidecar in an ambient namespace
KIA1317 policies on requests without a waypoint
KIA1401 a route to an unknown Gateway of Kubernetes
KIA1402 a route to an unknown Service
KIA1501 two Gateways of Kubernetes for a host and port
KIA1502 two Gateways of Kubernetes for an address
KIA1503 two listeners alike
KIA1504 a gateway class that Kiali is not configured for
KIA1601 a grant for an unknown namespace
KIA1701 an unknown service account of a WorkloadGroup
KIA1702 two WorkloadGroups with the same labels
"""


def _table(text: str) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in text.strip().splitlines())


ISTIOCTL = _table(_ISTIOCTL)
KIALI = _table(_KIALI)
NOT_APPLICABLE = {
    "IST0001": "an internal error of the analyzer",
    "IST0136": "istioctl does not run it by default, because nearly every annotation is alpha",
    "IST0141": "needs the cluster: the permissions of the installing user",
    "IST0142": "needs the cluster: the version of its API server",
    "IST0143": "needs the cluster: the addresses that processes listen at",
    "IST0168": "needs the cluster: the effects of an upgrade on the running control plane",
    "IST0169": "needs the cluster: the effects of an upgrade on the running control plane",
    "IST0170": "needs several clusters",
    "KIA0107": "needs several clusters",
    "KIA0108": "concerns the configuration of Kiali",
    "KIA0401": "automatic mutual TLS, the default since Istio 1.5, needs no DestinationRule",
    "KIA0501": "automatic mutual TLS, the default since Istio 1.5, needs no DestinationRule",
    "KIA1504": "concerns the configuration of Kiali",
}
