# Nixernetes: its service-mesh module. The other modules are not built in.
{ lib, serviceMesh, ... }:
{ ... }:
{
  lib = { inherit serviceMesh; } // lib.genAttrs
    [
      "advancedOrchestration" "api" "apiGateway" "batchProcessing" "compliance" "complianceEnforcement"
      "complianceProfiles" "containerRegistry" "costAnalysis" "databaseManagement" "disasterRecovery"
      "eventProcessing" "externalSecrets" "generators" "gitops" "helmIntegration" "kyverno" "manifest" "mlOperations"
      "multiTenancy" "output" "performanceAnalysis" "policies" "policyGeneration" "policyTesting"
      "policyVisualization" "rbac" "schema" "secretsManagement" "securityScanning" "types" "unifiedApi" "validation"
    ]
    (name: throw "nixernetes.lib.${name} is not built in: fetch Nixernetes, or give it with --input nixernetes=DIR");
}
